"""Greedy decoding with a tiny student of random weights: what it says is nonsense, how it says it is not."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from examkit.artifact import open_artifact
from services.translate.engines.decoder import decode
from services.translate.engines.student import MOST_SOURCE_PIECES, Student
from tests.tiny_student import SHAPES, write_artifact, write_package

TEXTS = st.lists(st.text(alphabet="adevice spring(12)", max_size=40), min_size=1, max_size=6)


@pytest.fixture(scope="module", params=SHAPES, ids=lambda shape: f"{shape.dimension}-{shape.target_pieces}")
def student(request, tmp_path_factory):
    root = tmp_path_factory.mktemp("tiny")
    folder = write_artifact(root / "artifact", write_package(root / "package", shape=request.param), ("en", "pt"))
    return Student(open_artifact(folder, format="marian-student", format_version=2))


@settings(deadline=None, max_examples=40)
@given(texts=TEXTS)
def test_a_batch_gives_what_each_text_gives_alone(student, texts):
    batch = decode(student, texts)
    alone = [decode(student, [text])[0] for text in texts]
    assert [item.text for item in batch] == [item.text for item in alone]
    assert [item.links for item in batch] == [item.links for item in alone]
    assert [item.log_probability for item in batch] == pytest.approx([item.log_probability for item in alone], abs=1e-3)


@settings(deadline=None, max_examples=40)
@given(texts=TEXTS)
def test_every_translation_ends_and_is_a_probability(student, texts):
    for text, item in zip(texts, decode(student, texts), strict=True):
        pieces = len(student.source.encode(text).ids) + 1
        assert 1 <= item.pieces <= 2 * pieces + 12
        assert item.log_probability <= 0


@settings(deadline=None, max_examples=40)
@given(texts=TEXTS)
def test_links_join_words_of_both_sides(student, texts):
    for text, item in zip(texts, decode(student, texts), strict=True):
        for source, target in item.links:
            assert text[slice(*source)] in text.split()
            assert " " not in item.text[slice(*target)].strip()


def test_a_text_of_too_many_pieces_is_not_read(student):
    too_long = "a " * (MOST_SOURCE_PIECES + 1)
    unread, read = decode(student, [too_long, "a valve"])
    assert (unread.text, unread.pieces) == ("", 0)
    assert read == decode(student, ["a valve"])[0]


def test_no_text_gives_no_translation(student):
    assert decode(student, []) == []
