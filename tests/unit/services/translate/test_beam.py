"""The beam against every translation that there could be, and other ways of saying a thing."""

from dataclasses import replace

import numpy as np
import pytest

from examkit.artifact import open_artifact
from services.translate.engines.beam import WIDTH, alternatives, search
from services.translate.engines.decoder import decode
from services.translate.engines.student import MOST_SOURCE_PIECES, Student
from tests.tiny_student import SHAPES, write_artifact, write_package

TEXTS = ["the valve has a spring", "a device (12)", "a", "spring spring spring valve"]


@pytest.fixture(scope="module", params=SHAPES, ids=lambda shape: f"{shape.dimension}-{shape.target_pieces}")
def student(request, tmp_path_factory):
    root = tmp_path_factory.mktemp("tiny")
    folder = write_artifact(root / "artifact", write_package(root / "package", shape=request.param), ("en", "pt"))
    return Student(open_artifact(folder, format="marian-student", format_version=2))


@pytest.mark.parametrize("text", TEXTS)
def test_what_follows_the_likeliest_first_piece_is_the_greedy_translation(student, text):
    greedy, others = decode(student, [text])[0], alternatives(student, text)
    same = [other for other in others if other.text == greedy.text and other.links == greedy.links]
    assert not greedy.text or any(
        other.log_probability == pytest.approx(greedy.log_probability, abs=1e-3) for other in same
    )


@pytest.mark.parametrize("text", TEXTS)
def test_the_beam_gives_its_best_first_and_nothing_twice(student, text):
    ids = (*student.source.encode(text).ids, student.source.end_id)
    found = search(student, student.begin([ids]), 30)
    means = [growing.log_probability / growing.steps for growing in found]
    assert 1 <= len(found) <= WIDTH
    assert means == sorted(means, reverse=True)
    assert len({tuple(growing.pieces) for growing in found}) == len(found)


@pytest.mark.parametrize("text", TEXTS)
def test_the_log_probability_of_each_is_that_of_its_pieces(student, text):
    """Feed each translation's pieces to the network again, one by one."""
    ids = (*student.source.encode(text).ids, student.source.end_id)
    for growing in search(student, student.begin([ids]), 30):
        pieces = [*growing.pieces, student.target.end_id][: growing.steps]
        assert growing.log_probability == pytest.approx(log_probability_of(student, ids, pieces), abs=1e-2)


def log_probability_of(student, ids, pieces):
    sentences, total = student.begin([ids]), 0.0
    for piece in pieces:
        options = student.options(sentences, len(sentences.choices.ids))
        place = np.flatnonzero(options.pieces[0] == piece)[0]
        total += float(options.log_probabilities[0, place])
        further = replace(options.progress, piece=options.embeddings[:, place])
        sentences = sentences.after(further, np.arange(1))
    return total


def test_a_text_of_too_many_pieces_has_none(student):
    assert alternatives(student, "a " * (MOST_SOURCE_PIECES + 1)) == []


@pytest.mark.parametrize("text", TEXTS)
def test_every_alternative_ends(student, text):
    most = 2 * (len(student.source.encode(text).ids) + 1) + 12
    assert all(1 <= draft.pieces <= most for draft in alternatives(student, text))
