"""The systems to compare with learn made-up fields, and the whole way from data to tables works on them."""

import io

import numpy as np
import pytest
from rich.console import Console

from benchmarks import classify_tables
from benchmarks.classify_answers import answer, open_classifier
from benchmarks.classify_baselines import Labels, Lessons, linear_rankings, nearest_cosines, omikuji_rankings
from benchmarks.classify_documents import ENGLISH, Documents, read_part
from benchmarks.classify_growth import Cost, growth_of, write_cut
from benchmarks.classify_minilm import encode, neighbour_rankings, read_of
from benchmarks.classify_quality import accuracies, judge_answers
from benchmarks.classify_rivals import Contest
from models.classify.corpus import Part
from services.classify.ipc import Level, Symbol
from services.classify.text import PatentText
from tests.tiny_encoder import write_encoder

A, B = Symbol.parse("A46B"), Symbol.parse("B01D")


@pytest.fixture(scope="module")
def classifier(tiny_artifacts):
    return open_classifier(tiny_artifacts)


@pytest.fixture(scope="module")
def contest(tiny_data, classifier):
    documents = Documents.of(read_part(tiny_data, Part.HOLD_OUT), classifier.scheme)
    answers = {
        level: [answer(classifier, patent.text, level) for patent in documents.patents]
        for level in (Level.SUBCLASS, Level.MAIN_GROUP, Level.SUBGROUP)
    }
    return Contest(documents, judge_answers(answers, documents))


@pytest.fixture(scope="module")
def lessons(tiny_data, classifier):
    return Lessons.read(tiny_data, read_part(tiny_data, Part.TRAIN), classifier.scheme)


@pytest.fixture(scope="module")
def asked(lessons, contest):
    return lessons.rows_of([patent.text for patent in contest.documents.patents])


def test_a_linear_classifier_learns_the_fields(contest, lessons, asked):
    rival = contest.rival("linear", Level.SUBCLASS, linear_rankings(lessons, asked))
    assert rival.accuracy[ENGLISH].top1.value > 90
    assert abs(rival.ours_ahead[ENGLISH].top1.value) < 10


def test_omikuji_learns_the_fields_and_prints_nothing(contest, lessons, asked, capfd):
    rival = contest.rival("omikuji", Level.MAIN_GROUP, omikuji_rankings(lessons, asked, Level.MAIN_GROUP))
    assert rival.accuracy[ENGLISH].top1.value > 80
    assert capfd.readouterr() == ("", "")


def test_the_nearest_patent_of_a_patent_learned_from_is_itself(lessons):
    cosines = nearest_cosines(lessons, lessons.terms[:5])
    assert cosines == pytest.approx(np.ones(5), abs=1e-5)


def test_neighbours_vote_by_nearness():
    labels = Labels.of([frozenset({A}), frozenset({A}), frozenset({B})])
    known = np.array([[1, 0.1], [1, -0.1], [-1, 0]], np.float32)
    asked = np.array([[1, 0], [-1, 0.1]], np.float32)
    assert [ranked[0] for ranked in neighbour_rankings(labels, known, asked)] == [A, B]


def test_vectors_are_made_once(tmp_path):
    encoder = write_encoder(tmp_path / "home" / "artifacts" / "tiny")
    texts = [PatentText(title="a valve"), PatentText(abstract="spring seal"), PatentText(claims="motor " * 500)]
    done: list[int] = []
    first = encode(encoder, texts, done.append)
    assert first.shape == (3, 8)
    assert np.allclose(np.linalg.norm(first, axis=1), 1, atol=1e-3)
    assert np.array_equal(encode(encoder, texts, done.append), first)
    assert done == [3]


def test_an_encoder_is_shown_title_and_abstract_or_else_the_claims_beginning():
    assert read_of(PatentText(title="Valve", abstract="A seal", claims="1. x")) == "Valve. A seal"
    assert len(read_of(PatentText(claims="x" * 2000))) == 800


def test_a_cut_classifier_knows_only_its_sections(tiny_artifacts, tmp_path, contest):
    sizes = write_cut(tiny_artifacts, tmp_path, "H")
    classifier = open_classifier(tmp_path)
    assert sizes[Level.SUBCLASS] == 1
    for level, size in sizes.items():
        symbols = answer(classifier, contest.documents.patents[0].text, level).symbols
        assert 0 < len(symbols) <= size
        assert {symbol.section for symbol in symbols} == {"H"}


def test_growth_is_the_slope_over_symbols():
    found = growth_of(Level.SUBGROUP, [Cost(1000, 3.0), Cost(2000, 4.0), Cost(3000, 5.0)])
    assert found.microseconds_per_symbol == pytest.approx(1)
    assert found.milliseconds_without == pytest.approx(2)


def test_the_table_of_accuracy_fits_a_terminal_and_has_every_figure(contest):
    table = classify_tables.accuracy_table(
        {level: accuracies(each, contest.documents.groups) for level, each in contest.ours.items()}
    )
    console = Console(width=120, file=io.StringIO())
    console.print(table)
    assert isinstance(console.file, io.StringIO)
    lines = console.file.getvalue().splitlines()
    assert max(map(len, lines)) <= 120
    row = next(line for line in lines if ENGLISH in line and "section" not in line)
    assert row.count("/") == 2 * len(contest.ours)
