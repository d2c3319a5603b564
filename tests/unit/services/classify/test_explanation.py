"""Evidence is what the terms added to the score: the parts add up, and without a term the score falls."""

import numpy as np
import pytest

from services.classify.engine import Options, text_kind
from services.classify.explanation import Explanation, best_rows
from services.classify.ipc import Level
from services.classify.model import STACK_FILE, TermModel, read_stack
from services.classify.scoring import COSINE_SCALE, VOTE_FLOOR
from services.classify.text import PatentText
from tests.tiny_classify import FIELDS

TEXT = PatentText(title="Toothbrush", abstract=FIELDS["A46B 9/00"])


@pytest.fixture(scope="module")
def model(tiny_artifacts):
    return TermModel.read(tiny_artifacts / "ipc-classifier")


@pytest.fixture(scope="module")
def stack(tiny_artifacts):
    return read_stack(tiny_artifacts / "ipc-classifier" / STACK_FILE)


@pytest.fixture
def parts(model, stack):
    vector = model.vocabulary.vector_of(TEXT)
    signals, nearest = model.signals(vector)
    weights = stack.of(text_kind("en", vector), signals)
    return signals, weights, Explanation(model, weights, signals, nearest, TEXT)


def test_the_contributions_add_up_to_the_features_they_divide(model, parts):
    signals, weights, explanation = parts
    row = model.tree.rows[Level.SUBCLASS]["A46B"]
    features = model.scorer.subclass_features(signals)[row]
    centroid, votes, linear, _ = weights.subclass
    expected = (
        centroid * features[0] + votes * (features[1] - np.log(VOTE_FLOOR)) + linear * (features[2] - model.bias[row])
    )
    assert explanation.contributions(Level.SUBCLASS, row).sum() == pytest.approx(expected, rel=1e-4)


def test_a_subgroup_adds_its_titles_and_votes_to_what_lies_above(model, parts):
    signals, weights, explanation = parts
    row = model.tree.rows[Level.SUBGROUP]["A46B 9/04"]
    above = explanation.contributions(Level.MAIN_GROUP, int(model.tree.main_group_of[row])).sum()
    titles = model.scorer.group_titles
    own = titles.own(signals.vector)
    gain = np.log(signals.votes(Level.SUBGROUP)[row] + VOTE_FLOOR) - np.log(VOTE_FLOOR)
    expected = (
        weights.subgroup[0] * above
        + weights.subgroup[1] * gain
        + weights.subgroup[2] * COSINE_SCALE * titles.paths(own)[row]
        + weights.subgroup[3] * COSINE_SCALE * own[row]
    )
    assert explanation.contributions(Level.SUBGROUP, row).sum() == pytest.approx(expected, rel=1e-3)


@pytest.mark.parametrize("level", Level)
def test_evidence_is_in_the_words_of_the_text_strongest_first(classifier, level):
    for prediction in classifier.classify(TEXT, Options(level=level, explain=True, limit=2)).predictions[:1]:
        weights = [each.weight for each in prediction.evidence]
        assert 1 <= len(weights) <= 10
        assert weights == sorted(weights, reverse=True)
        assert 0 < sum(weights) <= 1.001
        words = set(TEXT.readable.lower().split())
        assert all(set(each.term.split()) <= words for each in prediction.evidence)


def test_evidence_tells_where_its_words_stand(classifier):
    (prediction,) = classifier.classify(TEXT, Options(explain=True, limit=1)).predictions
    single = [each for each in prediction.evidence if " " not in each.term]
    assert single
    for each in single:
        first = each.places[0]
        assert getattr(TEXT, first.part)[first.start : first.end].lower() == each.term


def test_without_its_strongest_term_a_prediction_is_less_sure(classifier):
    text = PatentText(text="toothbrush tuft gum wafer plasma ion etching")
    options = Options(level=Level.SUBCLASS, explain=True, language="en", limit=3)
    before = next(p for p in classifier.classify(text, options).predictions if str(p.symbol) == "A46B")
    strongest = before.evidence[0].term
    weaker = PatentText(text=text.text.replace(strongest, ""))
    after = [p.score for p in classifier.classify(weaker, options).predictions if str(p.symbol) == "A46B"]
    assert set(strongest.split()) <= {"toothbrush", "tuft", "gum"}
    assert after == [] or after[0] < before.score


@pytest.mark.parametrize("level", Level)
def test_the_documents_of_a_prediction_have_its_symbol_and_add_up_to_one_at_most(classifier, level):
    best = classifier.classify(TEXT, Options(level=level, explain=True)).predictions[0]
    weights = [each.weight for each in best.evidence_documents]
    assert 1 <= len(weights) <= 5
    assert weights == sorted(weights, reverse=True)
    assert sum(weights) <= 1.001
    upper = min(level, Level.MAIN_GROUP, key=lambda each: each.depth)
    for each in best.evidence_documents:
        assert best.symbol.at(upper) in {symbol.at(upper) for symbol in each.document.symbols}
        assert each.document.title


def test_the_votes_of_the_neighbours_add_up_to_what_the_levels_gained(model, parts):
    signals, weights, explanation = parts
    row = model.tree.rows[Level.MAIN_GROUP]["A46B 9/00"]
    subclass = model.tree.rows[Level.SUBCLASS]["A46B"]
    gain = np.log(signals.votes(Level.MAIN_GROUP)[row] + VOTE_FLOOR) - np.log(VOTE_FLOOR)
    upper = np.log(signals.votes(Level.SUBCLASS)[subclass] + VOTE_FLOOR) - np.log(VOTE_FLOOR)
    expected = weights.main_group[2] * gain + weights.main_group[0] * weights.subclass[1] * upper
    assert explanation.vote_parts(Level.MAIN_GROUP, row).sum() == pytest.approx(expected, rel=1e-4)


def test_what_speaks_for_a_rival_as_much_is_no_evidence(model, parts):
    _, _, explanation = parts
    rows = model.tree.rows[Level.MAIN_GROUP]
    bristles, covers = rows["A46B 9/00"], rows["A46B 17/00"]
    alone = explanation.terms_of(Level.MAIN_GROUP, bristles, [(bristles, 0.6)])
    beside = explanation.terms_of(Level.MAIN_GROUP, bristles, [(bristles, 0.6), (covers, 0.4)])
    assert alone != beside
    assert explanation.terms_of(Level.MAIN_GROUP, bristles, [(bristles, 0.6), (bristles, 0.4)]) == alone


@pytest.mark.parametrize(("description", "share"), [("", 1.0), (FIELDS["A46B 9/00"], 1.0)])
def test_evidence_that_the_front_holds_too_is_of_the_front(model, stack, description, share):
    assert _front_share(model, stack, PatentText(title=FIELDS["A46B 9/00"], description=description)) == share


def test_evidence_that_only_the_description_holds_is_not_of_the_front(model, stack):
    text = PatentText(title=FIELDS["H01L 21/00"], description=FIELDS["A46B 9/00"])
    assert _front_share(model, stack, text) < 0.2


def _front_share(model, stack, text):
    vector = model.vocabulary.vector_of(text)
    signals, nearest = model.signals(vector)
    explanation = Explanation(model, stack.of(text_kind("en", vector), signals), signals, nearest, text)
    return explanation.front_share(Level.SUBCLASS, model.tree.rows[Level.SUBCLASS]["A46B"])


def test_evidence_is_only_given_when_asked_for(classifier):
    assert not classifier.classify(TEXT, Options()).predictions[0].evidence


def test_best_rows_are_positive_and_ties_keep_their_order():
    assert best_rows(np.array([0.2, 0.5, 0.0, 0.5]), 3) == [1, 3, 0]
    assert best_rows(np.array([0.2, 0.1]), 9) == [0, 1]
