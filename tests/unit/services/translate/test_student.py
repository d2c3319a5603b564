"""A student opened from an artifact; its numbers are checked in tests of the graphs."""

import numpy as np
import pytest

from examkit.artifact import open_artifact
from services.translate.engines.student import Student
from tests.tiny_student import write_artifact, write_package


@pytest.fixture(scope="module")
def student(tmp_path_factory):
    root = tmp_path_factory.mktemp("tiny")
    folder = write_artifact(root / "artifact", write_package(root / "package"), ("en", "pt"))
    return Student(open_artifact(folder, format="marian-student", format_version=1))


def test_pieces_tell_their_characters(student):
    text = "the valve has a spring (12)"
    pieces = student.vocabulary.encode(text)
    assert "".join(text[slice(*span)] for span in pieces.spans) == text
    assert student.vocabulary.decode(pieces.ids).text == text


def test_the_vocabulary_tells_what_it_keeps(student):
    assert student.vocabulary.keeps("v")
    assert not any(map(student.vocabulary.keeps, "γ²½\u0000"))


def test_the_end_is_read_from_the_vocabulary(student):
    assert student.vocabulary.end_id == 0


def test_choices_are_the_first_pieces_and_those_of_the_shortlist_but_never_unknown(student):
    choices = student.choices([[20, 0], [30, 40, 0]])
    allowed = [set(choices.ids[row == 0].tolist()) for row in choices.mask]
    always = set(range(10)) - {student.vocabulary.unknown_id}
    assert allowed == [always | {20, 21}, always | {30, 31, 40, 41}]


def test_a_sentence_is_encoded_the_same_alone_and_beside_a_longer_one(student):
    alone = student.encode([[5, 6, 0]])
    beside = student.encode([[5, 6, 0], [5, 6, 7, 8, 9, 0]])
    for one, other in zip(alone.keys_and_values[1::2], beside.keys_and_values[1::2], strict=True):
        np.testing.assert_array_equal(one[0], other[0, :, :3])
