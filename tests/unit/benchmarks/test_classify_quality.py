"""Answers judged: hits, refusals as misses, trust, sets, and the lead over another system."""

import numpy as np
import pytest

from benchmarks.classify_answers import Answer
from benchmarks.classify_quality import (
    Judged,
    accuracies,
    accuracy_of,
    chosen_threshold,
    difference_of,
    refusals,
    set_f1,
    trust_of,
)
from benchmarks.classify_statistics import Estimate
from benchmarks.goals import Goal, Reached, Wanted
from services.classify.ipc import Symbol

A, B, C = (Symbol.parse(text) for text in ("A46B", "B01D", "C07C"))
REFUSED = Answer(refusal="text-too-short")


def judged(*pairs):
    return Judged.of([symbols for symbols, _ in pairs], [frozenset(right) for _, right in pairs])


def test_a_hit_is_any_right_symbol_among_the_first():
    found = accuracy_of(judged(((A, B), {B}), ((A, B), {A, C}), ((), {A}), ((A,), set())), np.ones(4, bool))
    assert found.documents == 3
    assert (found.top1.value, found.top3.value, found.top5.value) == (33.3, 66.7, 66.7)


def test_a_refused_document_is_a_miss_and_is_counted():
    answers = [Answer((A,), 0.9), REFUSED, REFUSED]
    found = accuracy_of(judged(*((each.symbols, {A}) for each in answers)), np.ones(3, bool))
    assert (found.documents, found.top1.value) == (3, 33.3)
    assert refusals(answers) == {"text-too-short": 2}


def test_groups_with_few_documents_are_left_out():
    found = judged(*[((A,), {A})] * 40)
    groups = {"many": np.ones(40, bool), "few": np.arange(40) < 5}
    assert list(accuracies(found, groups)) == ["many"]


def test_the_lead_is_counted_document_by_document():
    ours = judged(*[((A,), {A})] * 50, *[((B,), {A})] * 50)
    theirs = judged(*[((B,), {A})] * 10, *[((A,), {A})] * 40, *[((B,), {A})] * 50)
    lead = difference_of(ours, theirs, np.ones(100, bool)).top1
    assert lead.value == 10.0
    assert 0 < lead.low < 10 < lead.high < 20


def test_trust_accepts_from_the_threshold_on_and_no_refused_document():
    answers = [Answer((A,), 0.9)] * 30 + [Answer((A,), 0.4)] * 60 + [REFUSED] * 10
    right = [{A}] * 27 + [{B}] * 3 + [{A}] * 24 + [{B}] * 36 + [{A}] * 10
    compared = judged(*((answer.symbols, labels) for answer, labels in zip(answers, right, strict=True)))
    everything = np.ones(100, bool)
    threshold = chosen_threshold(answers, compared, everything)
    found = trust_of(answers, compared, everything, threshold)
    assert threshold == 0.9
    assert (found.documents, found.coverage.value) == (100, 30.0)
    assert found.precision is not None
    assert found.precision.value == 90.0


def test_nothing_accepted_has_no_precision():
    answers, compared = [Answer((A,), 0.9)] * 20, judged(*[((A,), {A})] * 20)
    assert trust_of(answers, compared, np.ones(20, bool), 1.1).precision is None


def test_the_f1_of_sets_is_the_mean_over_documents_with_symbols():
    answers = [Answer((A,), 0.9, (A, B)), Answer((A,), 0.9, (A,)), REFUSED, Answer((A,), 0.9, (A,))]
    found = set_f1(answers, [frozenset({A}), frozenset({A}), frozenset({B}), frozenset()], np.ones(4, bool))
    assert found.documents == 3
    assert found.percent.value == round(100 * (2 / 3 + 1 + 0) / 3, 1)


@pytest.mark.parametrize(
    ("measured", "reached"),
    [((63, 81, 86), Reached.MUST), ((70, 90, 90), Reached.AIM), ((70, 90, 85), Reached.MISSED)],
)
def test_a_goal_is_reached_when_every_number_is(measured, reached):
    assert Goal.of(Wanted("subclass", (63, 81, 86), (68, 85, 89)), measured).reached is reached


def test_a_ceiling_is_reached_from_above_and_needs_no_aim():
    wanted = Wanted("seconds", (6,), is_ceiling=True)
    assert Goal.of(wanted, (5.9,)).reached is Reached.MUST
    assert Goal.of(wanted, (Estimate(6.1, 6, 6.2),)).reached is Reached.MISSED
