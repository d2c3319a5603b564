"""What is like examples found right comes up, what is like those found wrong goes down, and nothing else changes."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from services.image_search.relevance import judge_scores

SCORES = st.lists(st.floats(0, 1), min_size=4, max_size=4).map(np.array)


def test_what_is_like_something_liked_comes_up():
    own = np.array([0.6, 0.5, 0.4])
    order = np.argsort(-judge_scores(own, [np.array([0.1, 0.2, 0.9]), np.array([0.1, 0.1, 0.1])], []))
    assert order.tolist() == [2, 0, 1]


def test_what_is_like_something_disliked_goes_down_by_that():
    own = np.array([0.6, 0.58, 0.4])
    judged = judge_scores(own, [], [np.array([0.9, 0, 0]), np.array([0, 0, 0.2])])
    assert np.argsort(-judged).tolist() == [1, 0, 2]
    assert np.argsort(-judge_scores(own, [], [np.array([0.5, 0.5, 0.5])])).tolist() == [0, 1, 2]


@given(SCORES, st.lists(SCORES, max_size=3), st.lists(SCORES, max_size=3))
def test_scores_stay_scores_and_examples_work_in_their_direction(own, liked, disliked):
    judged = judge_scores(own, liked, disliked)
    assert ((judged >= 0) & (judged <= 1 + 1e-9)).all()
    for mark in range(len(own)):
        raised, lowered = ([scores + (np.arange(4) == mark) * 0.2 for scores in part] for part in (liked, disliked))
        assert judge_scores(own, raised, disliked)[mark] >= judged[mark] - 1e-9
        assert judge_scores(own, liked, lowered)[mark] <= judged[mark] + 1e-9


def test_without_examples_nothing_changes():
    own = np.array([0.3, 0.9])
    assert judge_scores(own, [], []).tolist() == own.tolist()
