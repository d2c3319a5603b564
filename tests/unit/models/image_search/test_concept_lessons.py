"""What teaches the concept encoder: never a concept that is kept apart, and unseen sets only for a release."""

import numpy as np
import pytest

from models.image_search.concept_drawings import Drawing
from models.image_search.concept_lessons import Lessons, Purpose, batches
from models.image_search.concepts import is_apart, is_for_tuning
from models.image_search.icon_sets import Role

NAMES = [f"{first}{second}" for first in "abcdefghij" for second in "klmnopqrst"]
APART = {name for name in NAMES if is_apart(name)}
TUNING = {name for name in NAMES if is_for_tuning(name)}


def drawing(name, role=Role.TRAINED, tags=()):
    return Drawing("toy", name, name, role, is_apart(name), True, tags)


DRAWINGS = [drawing(name, role) for name in NAMES for role in (Role.TRAINED_AND_JUDGED, Role.TRAINED)]
DRAWINGS += [drawing(name, Role.UNSEEN) for name in NAMES] + [drawing(name, Role.JUDGED) for name in NAMES]


@pytest.mark.parametrize(
    ("purpose", "left_out", "each"),
    [(Purpose.FIGURES, APART, 2), (Purpose.TUNING, APART | TUNING, 2), (Purpose.RELEASE, APART, 3)],
)
def test_a_purpose_leaves_out_what_it_must(purpose, left_out, each):
    lessons = Lessons.of(DRAWINGS, purpose, {})
    assert APART
    assert TUNING
    assert set(lessons.names) == set(NAMES) - left_out
    assert all(len(rows) == each for rows in lessons.by_label)
    assert {DRAWINGS[row].role for row in lessons.rows}.isdisjoint({Role.JUDGED})


def test_targets_add_up_to_one_and_give_most_to_the_own_name_and_its_tags():
    kept = sorted(set(NAMES) - APART)[:4]
    lessons = Lessons.of([drawing(name) for name in kept], Purpose.FIGURES, {kept[0]: (kept[1], "unknown")})
    targets = lessons.targets(np.eye(4, dtype=np.float32))
    assert targets.sum(axis=1) == pytest.approx(np.ones(4))
    assert targets.diagonal() == pytest.approx(np.full(4, 0.65))
    assert targets[0, 1] > 0.15 > targets[0, 2]


def test_a_batch_holds_two_drawings_of_each_name():
    lessons = Lessons.of(DRAWINGS, Purpose.FIGURES, {})
    (first, *_) = batches(lessons, 8, 3, seed=1)
    again = next(batches(lessons, 8, 3, seed=1))
    assert first.shape == (8, 2)
    assert (first == again).all()
    assert (lessons.labels[first[:, 0]] == lessons.labels[first[:, 1]]).all()
    assert (first[:, 0] != first[:, 1]).all()
