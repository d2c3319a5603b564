"""The packed index keeps its weights nearly, and the label tree its relations exactly."""

import numpy as np
import pytest
from scipy import sparse

from services.classify.index import LabelTree, TermIndex, cut, read_index, write_index
from services.classify.ipc import Level, Symbol
from services.classify.terms import TermVector

GROUPS = ["A46B 9/00", "A46B 9/02", "A46B 9/022", "A46B 9/04", "A46B 17/00", "H01L 21/00", "H01L 21/02"]
TREE = LabelTree.of(GROUPS, [0, 1, 2, 1, 0, 0, 1])


MATRIX = sparse.random(50, 300, 0.1, format="csr", rng=np.random.default_rng(1)) * -3


@pytest.fixture
def index():
    return TermIndex.of(MATRIX)


def dense(index):
    """Write an index out in full, by what each term alone finds."""
    one = np.ones(1, np.float32)
    return np.stack([index.scores(TermVector(np.array([term]), one)) for term in range(len(index.rows.lengths))])


def test_an_index_holds_the_matrix(index):
    assert dense(index) == pytest.approx(MATRIX.toarray(), rel=1e-6)


def test_a_written_index_is_read_back_within_the_packing(tmp_path, index):
    scale = write_index(tmp_path, "some", index)
    again = read_index(tmp_path, "some", columns=300, scale=scale)
    assert again.columns == 300
    assert np.abs(dense(again) - MATRIX.toarray()).max() < 0.02 * scale
    assert (again.rows.columns == index.rows.columns).all()


def test_scores_are_dot_products_and_products_add_up_to_them(index):
    vector = TermVector(np.array([3, 10, 40]), np.array([0.5, 0.5, 0.7], np.float32))
    scores = index.scores(vector)
    assert scores == pytest.approx(vector.weights @ MATRIX.toarray()[vector.ids], rel=1e-4)
    assert index.products(vector, [7, 5]).sum(0) == pytest.approx(scores[[7, 5]], abs=1e-5)
    assert index.products(vector, [7, 5]) == pytest.approx(
        MATRIX.toarray()[vector.ids][:, [7, 5]] * vector.weights[:, None], abs=1e-5
    )


def test_a_text_without_terms_scores_nothing(index):
    nothing = TermVector(np.zeros(0, np.int64), np.zeros(0, np.float32))
    assert index.scores(nothing).tolist() == [0] * 300


def test_columns_can_be_joined(index):
    other = TermIndex.of(MATRIX[:, :7] * 2)
    joined = index.beside(other)
    assert joined.columns == 307
    assert dense(joined) == pytest.approx(np.hstack((MATRIX.toarray(), MATRIX.toarray()[:, :7] * 2)), rel=1e-6)


def test_the_tree_relates_the_levels():
    assert TREE.at(Level.SECTION) == ["A", "H"]
    assert TREE.at(Level.MAIN_GROUP) == ["A46B 9/00", "A46B 17/00", "H01L 21/00"]
    assert TREE.main_group_of.tolist() == [0, 0, 0, 0, 1, 2, 2]
    assert TREE.subclass_of.tolist() == [0, 0, 1]
    assert TREE.parents.tolist() == [-1, 0, 1, 0, -1, -1, 5]
    assert TREE.rows[Level.SUBGROUP]["A46B 9/04"] == 3


@pytest.mark.parametrize(
    ("start", "level", "below"),
    [
        ("A", "subclass", [True, False]),
        ("A46B", "mainGroup", [True, True, False]),
        ("A46B 9/00", "mainGroup", [True, False, False]),
        ("A46B 9/00", "subgroup", [True, True, True, True, False, False, False]),
    ],
)
def test_a_subtree_is_known_by_its_start(start, level, below):
    assert TREE.below(Symbol.parse(start), Level(level)).tolist() == below


@pytest.mark.parametrize("level", Level)
def test_cutting_text_agrees_with_rolling_up_symbols(level):
    assert cut("H01L 21/768", level) == str(Symbol.parse("H01L 21/768").at(level))
