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
    return Student(open_artifact(folder, format="marian-student", format_version=2))


def test_pieces_tell_their_characters(student):
    text = "the valve has a spring (12)"
    pieces = student.source.encode(text)
    assert "".join(text[slice(*span)] for span in pieces.spans) == text
    assert student.source.decode(pieces.ids).text == text


def test_the_vocabulary_tells_what_it_keeps(student):
    assert student.source.keeps("v")
    assert not any(map(student.source.keeps, "γ²½\u0000"))


def test_the_end_is_read_from_the_vocabulary(student):
    assert student.source.end_id == 0


def test_choices_are_the_first_pieces_and_those_of_the_shortlist_but_never_unknown(student):
    choices = student.choices([[20, 0], [30, 40, 0]])
    allowed = [set(choices.ids[row > -1e6].tolist()) for row in choices.bias]
    always = set(range(10)) - {student.source.unknown_id}
    assert allowed == [always | {20, 21}, always | {30, 31, 40, 41}]


def test_a_sentence_is_encoded_the_same_alone_and_beside_a_longer_one(student):
    alone = student.encode([[5, 6, 0]])
    beside = student.encode([[5, 6, 0], [5, 6, 7, 8, 9, 0]])
    for name, one in alone.keys_and_values.items():
        np.testing.assert_array_equal(one[0], beside.keys_and_values[name][0, :, :3])


def test_a_sentence_may_be_encoded_in_another_part_of_its_batch(student):
    sentences = [[5, 6, *([7] * 90), 0] for _ in range(9)]
    parts = student.encode([*sentences, [8, 0]])
    for array in parts.keys_and_values.values():
        assert len(array) == 10
        np.testing.assert_array_equal(array[0], array[8])
