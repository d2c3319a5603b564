"""Teaching: heads learn what features say, changed drawings stay drawings, and a broken-off training goes on."""

import numpy as np
import pytest

from models.image_search.concept_drawings import Drawing, DrawingSet
from models.image_search.concept_lessons import Lessons, Purpose
from models.image_search.icon_sets import Role

torch = pytest.importorskip("torch", reason="torch is installed only where models are trained")
augmentation = pytest.importorskip("models.image_search.concept_augmentation")
training = pytest.importorskip("models.image_search.concept_training", reason="the network's package is not installed")

NAMES = [f"thing {letter}" for letter in "abcdefghijklm"]


@pytest.fixture
def drawings(tmp_path):
    made = DrawingSet(tmp_path)
    random = np.random.default_rng(1)
    made.__dict__["drawings"] = [
        Drawing(set_name, name, name, Role.TRAINED, False, True, ()) for name in NAMES for set_name in ("one", "two")
    ]
    made.__dict__["colored"] = random.integers(0, 256, (2 * len(NAMES), 128, 128, 3), np.uint8)
    made.__dict__["inked"] = random.integers(0, 256, (2 * len(NAMES), 128, 128), np.uint8)
    return made


def test_changed_drawings_are_what_the_network_takes(drawings):
    images = augmentation.augment(drawings, np.arange(12), np.random.default_rng(2))
    again = augmentation.augment(drawings, np.arange(12), np.random.default_rng(2))
    assert images.shape == (12, 3, 128, 128)
    assert images.min() >= -1
    assert images.max() <= 1.01
    assert torch.equal(images, again)


def test_heads_learn_what_the_features_say(drawings, monkeypatch):
    monkeypatch.setattr(training, "_PROBE_CONCEPTS", 6)
    lessons = Lessons.of(drawings.drawings, Purpose.FIGURES, {})
    features = 0.12 * np.random.default_rng(4).normal(size=(len(lessons.names), 2288)).repeat(2, axis=0)
    both = np.stack([features, features], axis=1).astype(np.float16)
    vectors = np.eye(len(lessons.names), 256, dtype=np.float32)
    losses = []
    training.fit_heads(
        both,
        lessons,
        training.Loss(vectors, lessons.targets(vectors)),
        training.Course(40, 1),
        lambda done, steps, loss: losses.append(loss),
    )
    assert len(losses) == 40
    assert np.mean(losses[-5:]) < losses[0] - 1
