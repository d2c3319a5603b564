"""What an examiner gets from the installed model: subtrees, sets, honest evidence, and refusals in place of noise."""

import copy
import random
import re
import time
from dataclasses import replace

import httpx2
import numpy as np
import pytest

from examkit.errors import InvalidInputError
from examkit.service_token import SERVICE_TOKEN_HEADER
from models.classify.corpus import Part, read_patents
from services.classify.app import create_app
from services.classify.desk import Loaded
from services.classify.engine import Options, TermClassifier
from services.classify.feedback.store import FeedbackStore
from services.classify.index import TermIndex
from services.classify.ipc import Level, Symbol
from services.classify.neighbours import Catalogue
from services.classify.settings import Settings
from services.classify.symbol_set import MOST_SUGGESTED, Role
from services.classify.terms import stem, words_of
from services.classify.text import PatentText

pytestmark = pytest.mark.integration

WAFER = PatentText(
    title="Method of forming an interconnect structure",
    abstract="A dielectric layer is deposited on a semiconductor substrate and etched to form a trench and a via. A "
    "copper seed layer is sputtered into the trench, copper is electroplated, and the excess is removed by chemical "
    "mechanical polishing, which leaves copper interconnect lines in the dielectric layer.",
)
BRUSH = PatentText(
    title="Toothbrush with replaceable bristle head",
    abstract="A toothbrush comprises a handle and a brush head with bristles. The head is held on the handle by a snap "
    "connection, so that worn bristles can be replaced without discarding the handle.",
)
MIXED = PatentText(title="칫솔모와 손잡이를 포함하는 교체형 칫솔", abstract=BRUSH.abstract)
EVIDENT = 0.05


@pytest.fixture(scope="module")
def anyio_backend():
    return "asyncio"


@pytest.fixture(scope="module")
def classifier(artifacts_dir):
    return TermClassifier.open(artifacts_dir / "ipc-classifier", artifacts_dir / "ipc-scheme")


@pytest.fixture(scope="module")
def by_terms(artifacts_dir):
    """The same classifier without its text encoders."""
    return TermClassifier.open(artifacts_dir / "ipc-classifier", artifacts_dir / "ipc-scheme", encode=False)


@pytest.fixture(scope="module")
def held_out(shared_data):
    """English patents that the model never saw, in a fixed random order."""
    patents = read_patents(shared_data / "patents", ["docs_text.jsonl.gz"])
    found = [each for each in patents if each.part is Part.HOLD_OUT and each.symbols and each.language == "en"]
    random.Random(1).shuffle(found)
    return found


@pytest.mark.parametrize(
    ("start", "level", "least"),
    [
        ("H", "class", 5),
        ("H01", "subclass", 14),
        ("H01L", "mainGroup", 7),
        ("H01L", "subgroup", 50),
        ("H01L 21/00", "subgroup", 50),
    ],
)
def test_a_start_gives_distinct_valid_symbols_below_it_with_probabilities(classifier, start, level, least):
    above = Symbol.parse(start)
    found = classifier.classify(WAFER, Options(level=Level(level), start_from=above, limit=50))
    symbols = [each.symbol for each in found.predictions]
    scores = [each.score for each in found.predictions]
    assert least <= len(symbols) == len(set(symbols)) <= 50
    assert all(symbol in classifier.scheme and symbol.at(above.level) == above for symbol in symbols)
    assert scores == sorted(scores, reverse=True)
    assert 0 <= scores[-1] <= scores[0] <= 1
    # A document has at least one symbol below a start that is right, and few more.
    assert 0.5 < sum(scores) < 6


def test_auto_below_a_start_goes_deeper_than_the_start(classifier):
    for start in ("H", "H01", "H01L", "H01L 21/00"):
        found = classifier.classify(WAFER, Options(level="auto", start_from=Symbol.parse(start)))
        assert found.level.depth > Symbol.parse(start).level.depth
        assert all(each.symbol.at(Symbol.parse(start).level) == Symbol.parse(start) for each in found.predictions)


def test_auto_stops_where_no_symbol_is_more_likely_right_than_not(classifier, held_out):
    levels = set()
    for patent in held_out[:40]:
        found = classifier.classify(patent.text, Options(level="auto", limit=1, language="en"))
        assert found.predictions[0].score >= 0.5 or found.level is Level.SECTION
        for level in list(Level)[found.level.depth + 1 :]:
            best = classifier.classify(patent.text, Options(level=level, limit=1, language="en")).predictions[0]
            assert best.score < 0.5
        levels.add(found.level)
    assert len(levels) >= 4


def test_auto_is_right_more_often_than_not(classifier, held_out):
    hits = []
    for patent in held_out[:150]:
        found = classifier.classify(patent.text, Options(level="auto", limit=1, language="en"))
        known = {str(each.at(found.level)) for each in patent.symbols if each.level.depth >= found.level.depth}
        hits.append(str(found.predictions[0].symbol) in known)
    assert np.mean(hits) > 0.5


def test_the_suggested_set_is_nearer_to_the_office_than_one_symbol_or_three(classifier, held_out):
    measures: dict[str, list[float]] = {"set": [], "one": [], "three": []}
    for patent in held_out[:200]:
        labels = {str(each.at(Level.SUBCLASS)) for each in patent.symbols if each.subclass_letter}
        found = classifier.classify(patent.text, Options(limit=3, language="en"))
        ranked = [str(each.symbol) for each in found.predictions]
        chosen = {"set": [str(each.symbol) for each in found.suggested], "one": ranked[:1], "three": ranked}
        for name, symbols in chosen.items():
            measures[name].append(2 * len(labels & set(symbols)) / (len(labels) + len(symbols)))
    means = {name: float(np.mean(values)) for name, values in measures.items()}
    assert means["set"] > max(means["one"], means["three"]), means


@pytest.mark.parametrize("level", Level)
def test_a_suggested_set_holds_no_symbol_beside_its_ancestor(classifier, held_out, level):
    for patent in held_out[:25]:
        found = classifier.classify(patent.text, Options(level=level, language="en"))
        suggested = found.suggested
        symbols = {each.symbol for each in suggested}
        assert len(symbols) == len(suggested) <= MOST_SUGGESTED
        assert bool(suggested) == (found.predictions[0].score >= 0.05)
        assert not suggested or Role.INVENTIVE in {each.role for each in suggested}
        for symbol in symbols:
            assert not symbols & {entry.symbol for entry in classifier.scheme.ancestors(symbol)}


def test_what_only_the_description_says_is_additional(by_terms):
    filter_text = (
        "The handle may hold a reservoir of water which is filtered through a reverse osmosis membrane and a bed of "
        "activated carbon before use. The membrane is backwashed. "
    )
    suggested = by_terms.classify(replace(BRUSH, description=2 * filter_text), Options(language="en")).suggested
    # Which of the two is likelier is another question, and nearly a tie.
    assert {str(each.symbol): each.role for each in suggested} == {"A46B": Role.INVENTIVE, "B01D": Role.ADDITIONAL}


def test_without_its_terms_a_prediction_is_less_sure_and_without_others_hardly(classifier, held_out):
    lower, drops, other_drops = [], [], []
    chance = random.Random(2)
    for number, patent in enumerate(held_out[:50]):
        level = list(Level)[number % 5]
        for prediction in _evident(classifier, patent.text, level):
            named = {stem(word) for each in prediction.evidence for word in words_of(each.term)}
            words = sorted({stem(word) for word in words_of(patent.text.readable)} - named)
            others = set(chance.sample(words, min(len(named), len(words))))
            score, left, other = (
                _score(classifier, _without(patent.text, taken), level, prediction.symbol)
                for taken in (set(), named, others)
            )
            lower.append(left < score)
            drops.append(score - left)
            other_drops.append(score - other)
    assert len(lower) > 80
    assert np.mean(lower) >= 0.95
    assert np.mean(drops) > 5 * max(0.0, float(np.mean(other_drops)))


def test_without_its_documents_a_prediction_is_less_sure(classifier, held_out, artifacts_dir):
    catalogue = Catalogue.read(artifacts_dir / "ipc-classifier" / "documents.tsv.gz")
    rows = {document_id: row for row, (document_id, _, _) in enumerate(catalogue.rows())}
    lower = []
    for number, patent in enumerate(held_out[:40]):
        level = list(Level)[number % 5]
        for prediction in _evident(classifier, patent.text, level):
            named = [rows[each.document.document_id] for each in prediction.evidence_documents]
            weights = [each.weight for each in prediction.evidence_documents]
            assert weights == sorted(weights, reverse=True)
            assert sum(weights) <= 1.001
            if named:
                fewer = _without_documents(classifier, named)
                score, left = (_score(each, patent.text, level, prediction.symbol) for each in (classifier, fewer))
                lower.append(left < score)
    assert len(lower) > 60
    assert np.mean(lower) >= 0.95


def test_patents_are_rarely_taken_for_something_else_and_news_mostly(classifier, held_out, shared_data):
    refused = [_refusal(classifier, each.text) for each in held_out[:1000]]
    assert refused.count("not-technical") <= 10
    news = _paragraphs(shared_data / "mt_eval" / "ntrex128" / "ntrex.en.txt", 4)
    codes = [_refusal(classifier, PatentText(text=each)) for each in news]
    assert codes.count("not-technical") > 0.9 * len(codes)


@pytest.mark.parametrize("language", ["ar", "ru"])
def test_a_language_that_cannot_be_read_is_named(by_terms, shared_data, language):
    for text in _paragraphs(shared_data / "mt_eval" / "flores200" / f"devtest.{language}.txt", 4)[:30]:
        with pytest.raises(InvalidInputError) as caught:
            by_terms.classify(PatentText(text=text), Options())
        assert caught.value.code == "unreadable-language"
        assert caught.value.detail.endswith(f": {language}.")


def test_noise_of_character_recognition_costs_little(classifier, held_out):
    def hit(patent, text):
        known = {str(each.at(Level.SUBCLASS)) for each in patent.symbols if each.subclass_letter}
        try:
            found = classifier.classify(text, Options(language="en")).predictions
        except InvalidInputError:
            return False
        return bool(known & {str(each.symbol) for each in found})

    clean = [hit(each, each.text) for each in held_out[:120]]
    noisy = [hit(each, PatentText(text=_scanned(each.text.readable))) for each in held_out[:120]]
    assert np.mean(noisy) > np.mean(clean) - 0.12


@pytest.mark.parametrize(
    "text",
    [
        PatentText(title=BRUSH.title.upper(), abstract=BRUSH.abstract.upper()),
        PatentText(claims=f"1. {BRUSH.abstract}\n2. The toothbrush of claim 1, wherein the bristles are of nylon."),
        PatentText(text=f"<html><body><h1>{BRUSH.title}</h1><p class='a'>{BRUSH.abstract}</p></body></html>"),
        PatentText(text=f"&lt;p&gt;{BRUSH.title}&lt;/p&gt; {BRUSH.abstract.replace('tooth', 'tooth-' + chr(10))}"),
        PatentText(text=BRUSH.abstract.replace("bristles", "bris\u00adtles")),
        PatentText(text=f"{BRUSH.title}. Eine Zahnbürste mit auswechselbarem Bürstenkopf. Une brosse à dents."),
        MIXED,
    ],
    ids=["capitals", "claims", "html", "escaped-and-broken", "soft-hyphens", "three-languages", "two-scripts"],
)
def test_a_brush_is_a_brush_in_any_dress(classifier, text):
    assert str(classifier.classify(text, Options()).predictions[0].symbol) == "A46B"


@pytest.mark.parametrize("language", ["ko", "pt", "ru", "zh-Hans"])
def test_a_wrong_language_changes_no_score(classifier, language):
    right = classifier.classify(BRUSH, Options(language="en"))
    wrong = classifier.classify(BRUSH, Options(language=language))
    assert [each.score for each in wrong.predictions] == [each.score for each in right.predictions]
    assert wrong.language == language


@pytest.mark.anyio
async def test_a_batch_of_thirty_two_answers_as_thirty_two_calls(classifier, held_out, tmp_path, service_token_file):
    app = create_app(Settings(artifacts_dir=tmp_path, data_dir=tmp_path, service_token_file=service_token_file))
    feedback = FeedbackStore.of_tenants(tmp_path)
    app.state.engine = Loaded(classifier, feedback)
    headers = {SERVICE_TOKEN_HEADER: service_token_file.read_text()}
    texts = [{"title": each.text.title, "abstract": each.text.abstract} for each in held_out[:30]]
    texts += [{"title": " "}, {"text": "xqzw plkj grft"}]
    asked = {"level": "auto", "limit": 4, "explain": True, "similarDocuments": 2}
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://x", headers=headers) as client:
        documents = [{"documentId": str(number), **text} for number, text in enumerate(texts)]
        batch = await client.post("/api/v1/classify/batch", json={"documents": documents, **asked})
        singles = [(await client.post("/api/v1/classify", json={**text, **asked})).json() for text in texts]
    feedback.close()
    shared = ("level", "language", "predictions", "suggested", "similarDocuments", "code")
    for result, single in zip(batch.json()["results"], singles, strict=True):
        found = result.get("problem", result)
        assert {name: found.get(name) for name in shared} == {name: single.get(name) for name in shared}


def test_five_megabytes_cost_no_more_than_what_is_read_of_them(classifier):
    def cheapest(description):
        text = replace(BRUSH, description=description)
        seconds = []
        for _ in range(5):
            started = time.process_time()
            classifier.classify(text, Options(level="auto", language="en"))
            seconds.append(time.process_time() - started)
        return min(seconds)

    sentence = "a brush head of nylon bristles "
    whole = cheapest(sentence * 160_000)
    assert whole < 0.1
    assert whole < 2 * cheapest(sentence * 1600)


def _evident(classifier, text, level):
    """The best three predictions that are more than noise; one below would only rise when a text says less."""
    found = classifier.classify(text, Options(level=level, limit=3, explain=True, language="en")).predictions
    return [each for each in found if each.score >= EVIDENT and each.evidence]


def _score(classifier, text, level, symbol):
    try:
        scores = classifier._scores_at(classifier._read(text, "en"), level, None)
    except InvalidInputError:
        return 0.0
    return float(scores[classifier._model.tree.rows[level][str(symbol)]])


def _without(text, stems):
    def kept(match):
        return " " if any(stem(word) in stems for word in words_of(match[0])) else match[0]

    parts = (text.title, text.abstract, text.claims, text.description, text.text)
    return PatentText(*(re.sub(r"[^\W\d_]{2,}", kept, part) for part in parts))


def _without_documents(classifier, rows):
    model = classifier._model
    fewer, neighbours = copy.copy(classifier), copy.copy(model.neighbours)
    entries = model.neighbours.index.rows
    neighbours.index = TermIndex(
        replace(entries, values=np.where(np.isin(entries.columns, rows), np.float32(0), entries.values))
    )
    memories = {name: _without_rows(memory, rows) for name, memory in model.dense.items()}
    fewer._model = replace(model, neighbours=neighbours, dense=memories)
    return fewer


def _without_rows(memory, rows):
    kept = ~np.isin(memory.rows, rows)
    return replace(memory, rows=memory.rows[kept], documents=memory.documents[kept])


def _refusal(classifier, text):
    try:
        classifier.classify(text, Options(level=Level.SECTION, limit=1))
    except InvalidInputError as error:
        return error.code
    return ""


def _paragraphs(file, lines):
    texts = file.read_text("utf-8").splitlines()
    return [" ".join(texts[start : start + lines]) for start in range(0, len(texts) - lines, lines)]


def _scanned(text):
    """Swap two letters in one word of ten and break one of twenty at a line end, as a bad scan does."""
    chance = random.Random(3)
    return " ".join(_damaged(word, chance) if len(word) > 6 else word for word in text.split())


def _damaged(word, chance):
    luck, place = chance.random(), chance.randrange(1, len(word) - 2)
    if luck < 0.1:
        return word[:place] + word[place + 1] + word[place] + word[place + 2 :]
    return f"{word[:3]}-\n{word[3:]}" if luck < 0.15 else word
