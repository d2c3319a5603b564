"""What is learned: the vocabulary, the linear weights, the weights of the features, and the calibration."""

from collections import Counter

import numpy as np
import pytest
from scipy import sparse

from models.classify.linear import train_linear
from models.classify.space import fit_vocabulary, lengths_of, rows_of, strongest
from models.classify.stack import fit_calibration, label_rows
from services.classify.index import LabelTree
from services.classify.ipc import Level, Symbol


def test_the_vocabulary_leaves_out_what_is_everywhere_or_only_once():
    documents = [Counter({"the": 1, f"pair{number // 2}": 1, f"single{number}": 1}) for number in range(20)]
    vocabulary = fit_vocabulary(documents, [Counter({"pair0": 1, "title only": 1})] * 2)
    assert vocabulary.terms == [*(f"pair{number}" for number in range(10)), "title only"]
    assert vocabulary.rarities[0] < vocabulary.rarities[1]
    rows = rows_of(vocabulary, documents)
    assert rows.shape == (20, 11)
    assert lengths_of(rows) == pytest.approx(np.ones(20))


def test_only_the_strongest_entries_of_a_row_are_kept():
    matrix = sparse.csr_matrix(np.array([[3.0, 1, 2], [0, 5, 0]]))
    assert strongest(matrix, 2).toarray().tolist() == [[3, 0, 2], [0, 5, 0]]


def test_linear_weights_separate_and_are_repeatable():
    random = np.random.default_rng(3)
    labels = np.eye(2, dtype=np.float32)[random.integers(0, 2, 2000)]
    texts = sparse.csr_matrix(np.concatenate((labels, random.random((2000, 3)) > 0.5), 1).astype(np.float32) / 2)
    importance = np.ones(2000, np.float32)
    arguments = (texts, sparse.csr_matrix(labels), importance)
    first, second = (train_linear(*arguments, seed=7, report=lambda _: None) for _ in range(2))
    assert (first.weights != second.weights).nnz == 0
    scores = texts @ first.weights.toarray() + first.bias
    assert (scores.argmax(1) == labels.argmax(1)).mean() > 0.99


def test_calibration_recovers_how_often_shares_are_right():
    random = np.random.default_rng(5)
    shares = random.random(20_000).astype(np.float32)
    calibration = fit_calibration(shares, random.random(20_000) < shares**2)
    assert calibration(np.array([0.3, 0.6, 0.9], np.float32)) == pytest.approx([0.09, 0.36, 0.81], abs=0.04)
    assert min(calibration.a, calibration.b) >= 0


def test_calibration_never_turns_the_order_round():
    shares = np.linspace(0.01, 0.99, 200, dtype=np.float32)
    scores = fit_calibration(shares, shares < 0.5)(shares)
    assert (np.diff(scores) >= 0).all()


def test_labels_are_rows_of_the_tree_at_each_level():
    tree = LabelTree.of(["A46B 9/00", "A46B 9/04", "H01L 21/00"], [0, 1, 0])
    rows = label_rows(tree, [Symbol.parse(text) for text in ("A46B 9/04", "A46B 9/02", "H01L", "G06F 17/00")])
    assert {str(level): found.tolist() for level, found in rows.items()} == {
        "section": [0, 1],
        "class": [0, 1],
        "subclass": [0, 1],
        "mainGroup": [0],
        "subgroup": [1],
    }
    assert len(label_rows(tree, [Symbol.parse("G06F")])[Level.SECTION]) == 0
