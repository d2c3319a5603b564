"""Neighbours: which are nearest, how they vote, and how their votes divide among terms."""

import gzip

import numpy as np
import pytest
from scipy import sparse

from services.classify.index import LabelTree, TermIndex
from services.classify.ipc import Level
from services.classify.neighbours import Catalogue, Neighbours
from services.classify.terms import TermVector

TREE = LabelTree.of(["A46B 9/00", "A46B 9/04", "H01L 21/00"], [0, 1, 0])
LINES = "US1\tA46B 9/04;A46B 9/00\tToothbrush\nUS2\tH01L 21/00;G06F 17/30\tWafer\nUS3\tH01L\t"
# Terms x (three documents, then the titles of two main groups).
WEIGHTS = np.array([[1, 0, 0, 0.8, 0], [0, 1, 0.6, 0, 0.6], [0, 0, 0.8, 0.6, 0.8]], np.float32)


@pytest.fixture
def neighbours():
    return Neighbours(TermIndex.of(sparse.csr_matrix(WEIGHTS)), Catalogue(LINES.encode()), np.zeros(0, np.int64), TREE)


def text(*weights: float) -> TermVector:
    return TermVector(np.flatnonzero(weights), np.array([weight for weight in weights if weight], np.float32))


def test_the_nearest_come_first_and_strangers_are_left_out(neighbours):
    nearest = neighbours.nearest(neighbours.index.scores(text(0, 0.6, 0.8)))
    assert nearest.columns.tolist()[:2] == [2, 4]
    assert 0 not in nearest.columns
    assert (np.diff(nearest.cosines) <= 0).all()


def test_votes_are_squared_cosines_shared_out(neighbours):
    nearest = neighbours.nearest(neighbours.index.scores(text(0.8, 0.6, 0)))
    votes = neighbours.votes(nearest, Level.SUBCLASS, 2)
    weights = {column: cosine**2 for column, cosine in zip(nearest.columns, nearest.cosines, strict=True)}
    brushes = weights[0] + weights[3]
    assert votes[0] == pytest.approx(brushes / sum(weights.values()))
    assert votes.sum() == pytest.approx(1)


def test_a_document_votes_once_for_a_main_group_and_not_for_unknown_symbols(neighbours):
    owners, symbols, _ = neighbours.labels[Level.MAIN_GROUP].pick(np.arange(3))
    assert list(zip(owners.tolist(), symbols.tolist(), strict=True)) == [(0, 0), (1, 1)]
    assert neighbours.counts(Level.MAIN_GROUP).tolist() == [1, 1]
    assert neighbours.counts(Level.SUBGROUP).tolist() == [1, 1, 1]
    assert neighbours.counts(Level.SUBCLASS).tolist() == [1, 2]


def test_centroids_have_length_one_and_weigh_titles(neighbours):
    index = neighbours.centroids(np.array([0.0, 2.0], np.float32))
    one = np.ones(1, np.float32)
    centroids = np.stack([index.scores(TermVector(np.array([term]), one)) for term in range(3)])
    assert np.linalg.norm(centroids, axis=0) == pytest.approx([1, 1])
    assert centroids[:, 0].tolist() == [1, 0, 0]
    assert centroids[:, 1] == pytest.approx(np.array([0, 2.2, 1.6]) / np.hypot(2.2, 1.6), rel=1e-5)


def test_similar_documents_are_documents_only(neighbours):
    nearest = neighbours.nearest(neighbours.index.scores(text(0, 0.6, 0.8)))
    found = neighbours.similar(nearest, 5)
    assert [(each.document_id, each.title) for each in found] == [("US3", ""), ("US2", "Wafer")]
    assert [str(symbol) for symbol in found[1].symbols] == ["H01L 21/00", "G06F 17/30"]


def test_a_translation_votes_but_its_document_is_named_once():
    # The first column again as the third document's translation, before the two titles.
    columns = np.insert(WEIGHTS, 3, WEIGHTS[:, 0], axis=1)
    translations = np.array([2])
    neighbours = Neighbours(TermIndex.of(sparse.csr_matrix(columns)), Catalogue(LINES.encode()), translations, TREE)
    nearest = neighbours.nearest(neighbours.index.scores(text(0.6, 0.1, 0.8)))
    assert {2, 3} <= set(nearest.columns.tolist())
    assert neighbours.documents_of(np.array([0, 2, 3, 4, 5])).tolist() == [0, 2, 2, -1, -1]
    named = [each.document_id for each in neighbours.similar(nearest, 5)]
    assert sorted(named) == ["US1", "US2", "US3"]
    assert neighbours.votes(neighbours.nearest(neighbours.index.scores(text(1, 0, 0))), Level.SUBCLASS, 2)[1] > 0
    assert neighbours.counts(Level.SUBCLASS).tolist() == [1, 2]


def test_the_catalogue_is_cut_on_demand(tmp_path):
    file = tmp_path / "documents.tsv.gz"
    file.write_bytes(gzip.compress(LINES.encode()))
    catalogue = Catalogue.read(file)
    assert len(catalogue) == 3
    assert catalogue.row(1) == ("US2", ["H01L 21/00", "G06F 17/30"], "Wafer")
    assert [row[0] for row in catalogue.rows()] == ["US1", "US2", "US3"]
