"""Concept search is judged by hands: copies and kin are neither right nor wrong, and intervals go by concept."""

import numpy as np
import pytest

from benchmarks.concept_judging import judge, judge_all, judge_far, summarize
from benchmarks.concept_protocol import Asked, Gallery, is_unseen_hand
from models.image_search.concept_drawings import Drawing, DrawingSet
from models.image_search.icon_sets import Role

NONE = np.array([], np.int64)


def square(left, right, top=32, bottom=96):
    view = np.zeros((128, 128), np.uint8)
    view[top:bottom, left:right] = 255
    return view


DRAWN = [
    ("one", "cat", Role.TRAINED_AND_JUDGED, square(10, 60)),
    ("two", "cat", Role.TRAINED_AND_JUDGED, square(10, 60)),
    ("three", "cat", Role.UNSEEN, square(70, 120)),
    ("four", "cat", Role.JUDGED, square(20, 60)),
    ("one", "black cat", Role.TRAINED_AND_JUDGED, square(10, 60, 10, 120)),
    ("one", "dog", Role.TRAINED_AND_JUDGED, square(50, 90)),
    ("five", "cat", Role.TRAINED, square(0, 20)),
]


@pytest.fixture
def gallery(tmp_path):
    drawings = DrawingSet(tmp_path)
    drawings.__dict__["drawings"] = [Drawing(s, c, c, role, False, True, ()) for s, c, role, _ in DRAWN]
    drawings.__dict__["inked"] = np.stack([view for *_, view in DRAWN])
    return Gallery.of(drawings)


def test_the_gallery_holds_what_is_judged(gallery):
    assert [each.set_name for each in gallery.drawings] == ["one", "two", "three", "four", "one", "one"]
    assert gallery.hands == {"cat": 4, "black cat": 1, "dog": 1}


def test_copies_and_kin_are_left_out_and_far_is_what_differs(gallery):
    first = next(gallery.images_of(lambda drawing: drawing.concept == "cat"))
    assert first.right.tolist() == [2, 3]
    assert first.far.tolist() == [2]
    assert first.left_out.tolist() == [0, 1, 4]


def test_a_word_asks_for_what_counts_and_leaves_out_the_rest_of_its_name(gallery):
    (query,) = gallery.words_of(["cat"], is_unseen_hand)
    assert query.right.tolist() == [2]
    assert query.left_out.tolist() == [0, 1, 3, 4]


def test_a_ranking_is_judged_without_what_is_left_out():
    scores = np.array([0.9, 0.8, 0.7, 0.6], np.float32)
    judged = judge(scores, "cat", np.array([2]), np.array([0]))
    assert (judged.precision, judged.first, judged.ten) == (0.5, 0.0, 1.0)
    assert judge(scores, "cat", np.array([0, 1]), NONE).precision == 1


def test_ties_count_against_the_query():
    assert judge(np.zeros(20, np.float32), "cat", np.array([3]), NONE).ten == 0


def test_far_leaves_the_near_right_answers_out():
    asked = Asked("cat", np.array([0, 2]), np.array([2]), NONE, 3)
    scores = np.array([0.9, 0.1, 0.8, 0.0], np.float32)
    assert judge_all([(asked, scores)])[0].precision == 1
    assert judge_far([(asked, scores)])[0].first == 1


def test_means_go_by_query_and_by_concept():
    queries = [Asked("cat", np.array([0]), NONE, NONE)] * 3 + [Asked("dog", np.array([1]), NONE, NONE)]
    found = summarize(judge_all((query, np.array([1, 0], np.float32)) for query in queries))
    assert (found.queries, found.concepts) == (4, 2)
    assert found.hit_at_1.value == 0.75
    assert found.hit_at_1.low <= 0.75 <= found.hit_at_1.high
    assert found.mean_average_precision.value == pytest.approx(0.875)
    assert found.hit_at_10_by_concept.value == 1
