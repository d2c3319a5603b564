"""A ranking weighs what each face of a mark says, and is the same however many marks are compared in full."""

import numpy as np
import pytest

from services.image_search import ranking
from services.image_search.index import MarkIndex
from services.image_search.portrait import Role
from services.image_search.query import PART_PENALTY, TURN_PENALTY, Query, with_examples
from services.image_search.ranking import rank
from services.image_search.strategies import Strategy, Weights, weights_of
from tests.portraits import WHOLE, make_portrait

A, B, C, D = np.eye(4, dtype=np.float32)
RED, BLUE = (1, 0), (0, 1)


def ask(portrait, strategy=Strategy.SHAPE, turned=(), weights=None):
    rows = np.array(turned, np.float32).reshape(-1, 4)
    return Query(portrait, rows, weights or weights_of(strategy, is_colored=True))


def index_of(*marks):
    index = MarkIndex(4, 2, 2)
    index.put(range(1, len(marks) + 1), marks)
    return index


def found(index, query, stop=10, allowed=None):
    return [(one.row_id, round(one.likeness.score, 3)) for one in rank(index, query, range(stop), allowed)]


def test_a_turned_query_and_a_part_of_it_find_with_a_penalty():
    index = index_of(make_portrait([A]), make_portrait([B]), make_portrait([C]))
    query = ask(make_portrait([A, B]), turned=[C])
    assert found(index, query) == [(1, 1), (3, 1 - TURN_PENALTY), (2, 1 - PART_PENALTY)]


@pytest.mark.parametrize("strategy", [Strategy.SHAPE, Strategy.COMPOSITION])
def test_a_mark_is_found_by_a_part_of_it_with_a_penalty(strategy):
    index = index_of(make_portrait([D, B]), make_portrait([C]))
    (first, score), (_, other) = found(index, ask(make_portrait([B]), strategy))
    assert (first, other) == (1, 0)
    assert score == 1 - PART_PENALTY or strategy is Strategy.COMPOSITION
    assert 0.5 < score < 1


def test_a_part_of_the_query_finds_a_part_of_a_mark_with_one_penalty():
    index = index_of(make_portrait([D, B]))
    assert found(index, ask(make_portrait([A, B]), turned=[B])) == [(1, 1 - PART_PENALTY)]


def test_a_score_is_the_weighted_sum_of_the_scores_shown():
    index = index_of(make_portrait([A], RED), make_portrait([(0.6, 0.8, 0, 0)], (0.8, 0.6)))
    query = ask(make_portrait([A], RED), weights=Weights(0.5, 0.25, 0.25))
    for one in rank(index, query, range(5)):
        likeness = one.likeness
        shown = [likeness.shape, likeness.color, likeness.composition]
        expected = sum(weight * (score or 0) for weight, score in zip((0.5, 0.25, 0.25), shown, strict=True))
        assert likeness.score == pytest.approx(expected, abs=1e-6)


def test_a_concept_ranks_by_what_is_shown_and_a_mark_without_one_is_not_found():
    index = index_of(
        make_portrait([A], concept=(0, 1)), make_portrait([B], concept=(1, 0)), make_portrait([A], concept=None)
    )
    query = ask(make_portrait([A], concept=(0.8, 0.6)), Strategy.CONCEPT)
    (first, second) = rank(index, query, range(5))
    assert (first.row_id, second.row_id) == (2, 1)
    assert (first.likeness.score, second.likeness.score) == pytest.approx((0.8, 0.6))
    assert (first.likeness.concept, first.likeness.shape) == (first.likeness.score, 0)


def test_a_concept_can_count_beside_the_others_and_is_not_shown_where_it_is_not_known():
    index = index_of(make_portrait([A], concept=None), make_portrait([A], concept=(1, 0)))
    query = ask(make_portrait([A], concept=(1, 0)), weights=Weights(shape=0.75, concept=0.25))
    shown = {one.row_id: (one.likeness.score, one.likeness.concept) for one in rank(index, query, range(5))}
    assert shown == {2: (1, 1), 1: (0.75, None)}


def test_what_a_mark_shows_is_not_compared_where_it_is_not_asked_for():
    (one,) = rank(index_of(make_portrait([A], concept=(1, 0))), ask(make_portrait([A])), range(5))
    assert one.likeness.concept is None


def test_the_boxes_are_those_of_the_rows_most_alike():
    mark = make_portrait([D, B], places=[WHOLE, (Role.DEVICE, 10, 20, 30, 40, 0.5)])
    query = make_portrait([C, A, B], places=[WHOLE, (Role.DEVICE, 1, 1, 2, 2, 0.5), (Role.WORD, 5, 6, 7, 8, 0.5)])
    (best,) = rank(index_of(mark), ask(query, Strategy.COMPOSITION), range(1))
    assert best.likeness.mark_box == mark.box(1)
    assert best.likeness.query_box == query.box(2)


def test_a_turned_query_shows_the_view_that_was_turned():
    (best,) = rank(index_of(make_portrait([B])), ask(make_portrait([A]), turned=[B]), range(1))
    assert best.likeness.query_box == make_portrait([A]).box(0)


def test_examples_bring_up_what_is_like_them_and_find_what_the_query_does_not(monkeypatch):
    monkeypatch.setattr(ranking, "WINDOWS", (1, 10_240))
    index = index_of(*(make_portrait([row]) for row in (A, (0.6, 0.8, 0, 0), B, C)))
    query = ask(make_portrait([A]))
    assert [row for row, _ in found(index, query, stop=1)] == [1]
    monkeypatch.setattr(ranking, "WINDOWS", (2, 10_240))
    liked = with_examples(query, [make_portrait([B])], [])
    assert [row for row, _ in found(index, liked, stop=2)] == [2, 1]
    assert 3 in [row for row, _ in found(index, liked, stop=2000)]
    both = with_examples(query, [make_portrait([B])], [make_portrait([(0.6, 0.8, 0, 0)])])
    scores = {name: dict(found(index, asked, stop=2000)) for name, asked in (("liked", liked), ("both", both))}
    assert scores["both"][2] < scores["liked"][2]


def test_few_allowed_marks_are_all_ranked_and_no_others():
    index = index_of(*(make_portrait([row]) for row in (A, B, C, D)))
    assert [row for row, _ in found(index, ask(make_portrait([A])), allowed=np.array([2, 4, 9]))] == [2, 4]


def test_of_equal_marks_the_older_comes_first():
    index = index_of(*(make_portrait([A]) for _ in range(5)))
    assert [row for row, _ in found(index, ask(make_portrait([A])), stop=3)] == [1, 2, 3]


@pytest.mark.parametrize("strategy", [Strategy.SHAPE])
def test_what_is_compared_in_full_holds_the_best(monkeypatch, strategy):
    random = np.random.default_rng(5)
    marks = [make_portrait(random.random((1 + n % 4, 4)), random.random(2)) for n in range(60)]
    query = ask(make_portrait(0.2 + 0.05 * random.random((3, 4)), 0.5 * random.random(2)), strategy)
    whole = found(index_of(*marks), query, stop=8)
    monkeypatch.setattr(ranking, "WINDOWS", (8, 10_240))
    assert found(index_of(*marks), query, stop=8) == whole


def test_an_empty_index_has_no_ranking():
    assert rank(MarkIndex(4, 2, 2), ask(make_portrait([A])), range(5)) == []
