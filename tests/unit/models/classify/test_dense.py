"""Fitting on embeddings: heads learn what can be learned, directions keep what varies, titles are matched."""

import numpy as np
import pytest
from scipy import sparse

from models.classify.dense import TaughtVectors, fit_head, fit_memory, fit_projection
from models.classify.matching import Pairs, fit_matcher
from services.classify.index import LabelTree

RANDOM = np.random.default_rng(3)
CENTRES = RANDOM.standard_normal((4, 16)).astype(np.float32)
LABELS = RANDOM.integers(4, size=2000)
TEXTS = (CENTRES[LABELS] + RANDOM.standard_normal((2000, 16)) * 0.5).astype(np.float32)


def silent(_):
    pass


def one_hot(labels, width):
    return sparse.csr_matrix((np.ones(len(labels), np.float32), (np.arange(len(labels)), labels)), (len(labels), width))


def test_a_head_learns_the_labels_and_is_the_same_again():
    weights = np.ones(len(TEXTS), np.float32)
    first, again = (fit_head(TEXTS, one_hot(LABELS, 4), weights, seed=1, report=silent) for _ in range(2))
    found = [int(np.argmax(first.log_shares(text))) for text in TEXTS[:300]]
    assert np.mean(found == LABELS[:300]) > 0.9
    assert (first.weights == again.weights).all()


def test_texts_without_a_label_or_of_no_weight_teach_nothing():
    labels = one_hot(LABELS, 4).tolil()
    labels[:500] = 0
    wrong = np.where(np.arange(2000) < 1000, 3 - LABELS, LABELS)
    mixed = one_hot(wrong, 4).tolil()
    mixed[:500] = 0
    weights = np.where(np.arange(2000) < 1000, 0, 1).astype(np.float32)
    head = fit_head(TEXTS, mixed.tocsr(), weights, seed=1, report=silent)
    found = [int(np.argmax(head.log_shares(text))) for text in TEXTS[1000:1300]]
    assert np.mean(found == LABELS[1000:1300]) > 0.9


def test_directions_keep_what_varies_most():
    stretched = TEXTS * np.array([10, 10, *[0.01] * 14], np.float32)
    projection = fit_projection(stretched, 2, seed=1)
    assert np.abs(projection.directions[2:]).max() < 0.01
    assert np.linalg.norm(projection(stretched), axis=1) == pytest.approx(1, abs=1e-4)


def test_a_memory_holds_the_documents_but_not_the_titles():
    labels = one_hot(LABELS, 4)
    rows = np.arange(1500) + 7
    taught = TaughtVectors(TEXTS, labels, labels, np.ones(2000, np.float32), rows)
    memory = fit_memory(taught, seed=1, report=silent)
    assert len(memory.documents) == 1500
    nearest, _ = memory.nearest(TEXTS[3])
    assert nearest[0] == 10


def test_titles_are_matched_with_the_documents_that_carry_them():
    tree = LabelTree.of(["A46B 9/00", "A46B 9/02", "A46B 9/04", "A46B 9/06"], [0, 1, 1, 1])
    turn = np.linalg.qr(RANDOM.standard_normal((16, 16)))[0].astype(np.float32)
    pairs = Pairs(np.tile(np.arange(2000), 12), np.tile(LABELS, 12))
    matcher = fit_matcher(TEXTS, CENTRES @ turn, pairs, tree, seed=1, report=silent)
    found = [int(np.argmax(matcher.scores(text))) for text in TEXTS[:300]]
    assert np.mean(found == LABELS[:300]) > 0.8
