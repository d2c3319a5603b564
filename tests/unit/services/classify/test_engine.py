"""The classifier on a model in miniature: ranking, subtrees, editions, refusals, and the time long texts take."""

import time
from contextlib import nullcontext as nothing

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from examkit.artifact import open_artifact
from examkit.errors import InvalidInputError
from services.classify.calibration import TextKind
from services.classify.engine import (
    NotTechnicalError,
    Options,
    TermClassifier,
    UnknownSymbolError,
    UnusableStartError,
    text_kind,
)
from services.classify.ipc import Level, Symbol
from services.classify.model import FORMAT, FORMAT_VERSION
from services.classify.scheme import Scheme
from services.classify.terms import TermVector
from services.classify.text import PatentText
from tests.fakes_classify import FakeClassifier
from tests.tiny_classify import FIELDS, write_scheme

BRUSH = PatentText(title="Toothbrush", abstract=FIELDS["A46B 9/00"])
WAFER = PatentText(text=FIELDS["H01L 21/00"])
REFUSALS = {"blank-text", "text-too-short", "text-not-recognised", "unreadable-language", "not-technical"}


@pytest.mark.parametrize(
    ("level", "symbol"),
    [("section", "H"), ("class", "H01"), ("subclass", "H01L"), ("mainGroup", "H01L 21/00"), ("subgroup", "H01L 21")],
)
def test_the_field_of_a_text_is_found_at_every_level(classifier, level, symbol):
    best = classifier.classify(WAFER, Options(level=Level(level))).predictions[0]
    assert str(best.symbol).startswith(symbol)
    assert best.score > 0.5
    assert best.title


@pytest.fixture(params=["real", "fake"])
def either(request, classifier):
    return classifier if request.param == "real" else FakeClassifier()


@pytest.mark.parametrize("level", Level)
def test_answers_are_ranked_limited_repeatable_probabilities(either, level):
    options = Options(level=level, limit=2, language="en")
    answer = either.classify(BRUSH, options)
    scores = [prediction.score for prediction in answer.predictions]
    assert scores == sorted(scores, reverse=True)
    assert 1 <= len(scores) <= 2
    assert all(0 <= score <= 1 for score in scores)
    assert answer == either.classify(BRUSH, options)


def test_ancestors_lead_from_the_section_to_the_prediction(either):
    best = either.classify(BRUSH, Options(level=Level.MAIN_GROUP)).predictions[0]
    assert [str(entry.symbol) for entry in best.ancestors] == ["A", "A46", "A46B"]


@pytest.mark.parametrize("start", ["A", "A46", "A46B", "A46B 9/00"])
def test_a_start_keeps_to_its_subtree(either, start):
    found = either.classify(BRUSH, Options(level=Level.SUBGROUP, start_from=Symbol.parse(start), limit=50))
    symbols = [prediction.symbol for prediction in found.predictions]
    assert symbols
    assert {symbol.at(Symbol.parse(start).level) for symbol in symbols} == {Symbol.parse(start)}


def test_scores_below_a_start_are_given_that_it_is_right(classifier):
    start = Symbol.parse("A01B")
    anywhere = classifier.classify(BRUSH, Options(level=Level.MAIN_GROUP, limit=50))
    below = classifier.classify(BRUSH, Options(level=Level.MAIN_GROUP, start_from=start))
    assert below.predictions[0].score >= max(p.score for p in anywhere.predictions if p.symbol.at(start.level) == start)
    itself = classifier.classify(BRUSH, Options(level=Level.SUBCLASS, start_from=start))
    assert [(str(p.symbol), p.score) for p in itself.predictions] == [("A01B", 1.0)]


@pytest.mark.parametrize(
    ("start", "level", "error"),
    [
        ("G06F", "subgroup", UnknownSymbolError),
        ("A46B 9/04", "subgroup", UnusableStartError),
        ("A46B", "class", UnusableStartError),
    ],
)
def test_a_start_that_cannot_be_used_is_refused(either, start, level, error):
    with pytest.raises(error) as caught:
        either.classify(BRUSH, Options(level=Level(level), start_from=Symbol.parse(start)))
    assert caught.value.target == "/startFrom"


def test_a_start_that_the_model_does_not_know_is_refused(tiny_artifacts, tmp_path):
    write_scheme(tmp_path, ["A", "A46", "A46B", "A46B 9/00", "B", "B01"])
    classifier = TermClassifier.open(tiny_artifacts / "ipc-classifier", tmp_path)
    with pytest.raises(UnusableStartError):
        classifier.classify(BRUSH, Options(level=Level.MAIN_GROUP, start_from=Symbol.parse("B01")))


@pytest.mark.parametrize("level", Level)
def test_only_symbols_of_the_installed_edition_are_predicted(tiny_artifacts, tmp_path, level):
    kept = ["A", "A46", "A46B", "A46B 9/00"]
    write_scheme(tmp_path, kept)
    classifier = TermClassifier.open(tiny_artifacts / "ipc-classifier", tmp_path)
    found = classifier.classify(WAFER, Options(level=level, limit=50))
    assert found.predictions
    assert {str(prediction.symbol) for prediction in found.predictions} <= set(kept)
    assert classifier.scheme.edition == "2020.01"


@pytest.mark.parametrize("start", [None, "A", "A46B", "A46B 9/00"])
def test_auto_keeps_to_one_level_and_says_which(either, start):
    above = None if start is None else Symbol.parse(start)
    found = either.classify(BRUSH, Options(level="auto", start_from=above, limit=50))
    same = either.classify(BRUSH, Options(level=found.level, start_from=above, limit=50))
    assert found == same
    assert above is None or found.level.depth > above.level.depth


def test_auto_goes_no_deeper_than_the_evidence(classifier):
    clear = classifier.classify(BRUSH, Options(level="auto"))
    assert clear.predictions[0].score >= 0.5
    deeper = list(Level)[clear.level.depth + 1 :]
    assert all(classifier.classify(BRUSH, Options(level=level)).predictions[0].score < 0.5 for level in deeper)


@pytest.mark.parametrize("level", Level)
def test_a_suggested_set_is_of_the_level_and_best_first(either, level):
    found = either.classify(BRUSH, Options(level=level, limit=1, threshold=1.0))
    scores = [each.score for each in found.suggested]
    assert scores
    assert scores == sorted(scores, reverse=True)
    ranked = either.classify(BRUSH, Options(level=level, limit=50)).predictions
    assert {(each.symbol, each.score) for each in found.suggested} <= {(each.symbol, each.score) for each in ranked}


def test_titles_come_in_the_language_asked_for_even_when_the_text_is_in_another(tiny_artifacts):
    symbols = ["A", "A46", "A46B", "A46B 9/00", "A46B 17/00"]
    parents = np.array([-1, 0, 1, 2, 2], np.int32)
    titles = {"en": "\n".join(symbols), "fr": "\n".join(f"{symbol} fr" for symbol in symbols)}
    scheme = Scheme("2020.01", symbols, np.zeros(5, np.uint8), parents, titles)
    model = open_artifact(tiny_artifacts / "ipc-classifier", format=FORMAT, format_version=FORMAT_VERSION)
    options = Options(level=Level.MAIN_GROUP, language="fr")
    best = TermClassifier(model, scheme, {}).classify(BRUSH, options).predictions[0]
    assert best.title.endswith(" fr")
    assert [entry.title for entry in best.ancestors] == ["A fr", "A46 fr", "A46B fr"]


def test_the_threshold_leaves_weak_predictions_out(either):
    scores = [p.score for p in either.classify(BRUSH, Options(limit=50, level=Level.MAIN_GROUP)).predictions]
    found = either.classify(BRUSH, Options(limit=50, level=Level.MAIN_GROUP, threshold=scores[0])).predictions
    assert [prediction.score for prediction in found] == scores[:1]


def test_similar_documents_come_best_first_with_their_symbols(classifier):
    found = classifier.classify(BRUSH, Options(similar=3)).similar_documents
    scores = [document.score for document in found]
    assert len(found) == 3
    assert scores == sorted(scores, reverse=True)
    assert all(str(document.symbols[0]).startswith("A46B") for document in found)
    assert all(document.document_id.startswith("US") and document.title for document in found)
    assert not classifier.classify(BRUSH, Options()).similar_documents


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "blank-text"),
        (" \n\t", "blank-text"),
        ("toothbrush", "text-too-short"),
        ("the of and with", "text-too-short"),
        ("xqzw plkj grft bnmw", "text-not-recognised"),
        ("Щётка зубная со сменной головкой", "unreadable-language"),
        ("toothbrush tuft xqzw plkj grft bnmw vvvq wwwz qqqx", "text-not-recognised"),
        ("\x00\x01\ufffd", "text-too-short"),
        ("12 345 6,789.0 % 2024-01-01", "text-too-short"),
        ("<p></p> <br/> &nbsp;", "text-too-short"),
    ],
)
def test_what_cannot_be_classified_is_refused_without_quoting_it(classifier, text, code):
    with pytest.raises(InvalidInputError) as caught:
        classifier.classify(PatentText(text=text), Options())
    assert caught.value.code == code
    assert not text.strip() or text not in caught.value.detail


def test_a_text_like_no_document_is_refused_as_not_technical(classifier):
    text = "tooth xqzw gum plkj wafer grft blade bnmw resin vvvq soil qqqx lid wwwz ion"
    with pytest.raises(NotTechnicalError):
        classifier.classify(PatentText(text=text), Options(language="en"))


def test_the_language_is_detected_or_taken_as_given(classifier):
    detected = classifier.classify(PatentText(text="A toothbrush with a tuft at the head"), Options())
    assert detected.language == "en"
    assert classifier.classify(BRUSH, Options(language="pt-BR")).language == "pt-BR"


@pytest.mark.parametrize(
    ("language", "terms", "kind"),
    [
        ("en", 100, TextKind.ENGLISH),
        ("en-GB", 5, TextKind.ENGLISH_SHORT),
        ("ko", 5, TextKind.CJK),
        ("zh-Hans", 100, TextKind.CJK),
        ("pt", 100, TextKind.OTHER),
        ("pt", 5, TextKind.OTHER_SHORT),
        ("und", 100, TextKind.OTHER),
    ],
)
def test_weights_are_chosen_by_language_and_length(language, terms, kind):
    assert text_kind(language, TermVector(np.arange(terms), np.ones(terms, np.float32))) is kind


@given(text=st.builds(PatentText, *[st.text(max_size=200)] * 5))
def test_any_text_is_answered_or_refused(classifier, text):
    try:
        assert classifier.classify(text, Options(level=Level.SUBGROUP, explain=True, similar=1)).predictions
    except InvalidInputError as error:
        assert error.code in REFUSALS


@pytest.mark.parametrize("piece", ["tuft gum ", "칫", "é", " ", "a-", "\n"])
def test_four_megabytes_take_seconds_at_most(classifier, piece):
    text = piece * (4_000_000 // len(piece.encode()))
    started = time.monotonic()
    with pytest.raises(InvalidInputError) if piece != "tuft gum " else nothing():
        classifier.classify(PatentText(title=text, claims=text), Options(explain=True))
    assert time.monotonic() - started < 3
