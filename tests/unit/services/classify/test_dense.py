"""What embeddings find: heads are softmaxes, neighbours are the nearest, and files keep both nearly."""

import numpy as np
import pytest

from services.classify.dense import DenseMemory, LinearHead, Projection, TitleMatcher, meaning_of
from services.classify.text import PatentText

RANDOM = np.random.default_rng(1)


def floats(*shape):
    return RANDOM.standard_normal(shape).astype(np.float32)


@pytest.fixture
def memory():
    projection = Projection(floats(8), np.linalg.qr(floats(8, 8))[0][:, :6].astype(np.float32))
    return DenseMemory(
        LinearHead(floats(8, 3), floats(3)),
        LinearHead(floats(8, 5), floats(5)),
        projection,
        projection(floats(200, 8)),
        np.arange(200) * 2,
        TitleMatcher(floats(8, 4), floats(4), floats(9, 4)),
    )


def test_a_head_gives_logarithms_of_shares(memory):
    logs = memory.main_group_head.log_shares(floats(8) * 100)
    assert np.exp(logs).sum() == pytest.approx(1, rel=1e-5)
    assert np.isfinite(logs).all()


def test_the_nearest_document_is_the_text_itself(memory):
    text = floats(8)
    documents = np.concatenate((memory.documents[:5], memory.projection(text)[None], memory.documents[5:]))
    whole = DenseMemory(memory.subclass_head, memory.main_group_head, memory.projection, documents, np.arange(201) * 2)
    rows, cosines = whole.nearest(text)
    assert rows[0] == 10
    assert cosines[0] == pytest.approx(1, abs=1e-5)
    assert len(rows) == 40
    assert (np.diff(cosines) <= 0).all()


def test_a_written_memory_is_read_back_within_the_packing(memory, tmp_path):
    memory.write(tmp_path, "some")
    again = DenseMemory.read(tmp_path, "some")
    text = floats(8)
    assert again.subclass_head.log_shares(text) == pytest.approx(memory.subclass_head.log_shares(text), abs=0.1)
    assert again.main_group_head.log_shares(text) == pytest.approx(memory.main_group_head.log_shares(text), abs=0.1)
    assert np.abs(again.documents - memory.documents).max() < 0.08
    assert again.rows.tolist() == memory.rows.tolist()
    assert again.matcher
    assert memory.matcher
    assert again.matcher.scores(text) == pytest.approx(memory.matcher.scores(text), abs=1)


def test_a_memory_without_titles_is_read_without(memory, tmp_path):
    DenseMemory(memory.subclass_head, memory.main_group_head, memory.projection, memory.documents, memory.rows).write(
        tmp_path, "some"
    )
    assert DenseMemory.read(tmp_path, "some").matcher is None


def test_an_encoder_reads_the_telling_parts_first():
    text = PatentText(title="Brush", abstract=" A brush. ", claims="1. A brush", description="x" * 9000)
    meaning = meaning_of(text)
    assert meaning.startswith("Brush. A brush.. 1. A brush. xxx")
    assert len(meaning) < 5100
    assert meaning_of(PatentText(text="  ")) == ""
