"""The parts of the classifier's benchmark that start processes, on made-up patents."""

import pytest

from benchmarks import classify_backfile, classify_speed
from benchmarks.classify_answers import LEVELS, Mode, answer, answers_of, open_classifier
from benchmarks.classify_backfile import measure_backfile
from benchmarks.classify_documents import read_part
from benchmarks.classify_growth import measure_growth
from benchmarks.classify_speed import measure, typical
from models.classify.corpus import Part
from services.classify.ipc import Symbol
from services.classify.text import PatentText

pytestmark = pytest.mark.integration


@pytest.fixture
def texts(tiny_data):
    return typical(read_part(tiny_data, Part.HOLD_OUT))[:4]


def test_answers_come_in_the_order_of_the_texts_at_every_level(tiny_artifacts, texts):
    done: list[int] = []
    given = [*texts * 10, PatentText(title="x")]
    found = answers_of(tiny_artifacts, given, done.append)
    assert sum(done) == len(given)
    assert list(found) == list(LEVELS)
    for answers in found.values():
        assert len(answers) == len(given)
        assert answers[0] == answers[len(texts)]
        assert answers[-1].refusal == "text-too-short"
    assert {each.symbols[0] for each in found[LEVELS[2]][:-1]} <= {
        Symbol.parse(text) for text in ("A46B", "H01L", "A01B")
    }


@pytest.mark.parametrize("mode", list(Mode))
def test_a_service_is_started_and_measured_in_each_mode(tiny_artifacts, texts, monkeypatch, mode):
    monkeypatch.setattr(classify_speed, "_STARTS", 1)
    done: list[int] = []
    found = measure(tiny_artifacts, texts, mode, done.append)
    assert sum(done) == found.requests == 2 * len(LEVELS) * len(texts)
    assert all(0 < timing.p50 <= timing.p95 for timing in found.timings)
    assert all(0 < timing.cpu_p50 <= timing.cpu_p95 for timing in found.timings)
    assert found.memory_used.rss >= found.memory_used.pss >= found.memory_used.uss > 0
    assert [(long.letters, long.status) for long in found.long_texts] == [(4_000_000, 200), (5_000_000, 413)]


def test_a_back_file_with_a_refused_document_is_measured(tiny_artifacts, texts, monkeypatch):
    monkeypatch.setattr(classify_backfile, "_FEW", 2)
    # As many as cost more than two starts of a command can differ by.
    monkeypatch.setattr(classify_backfile, "_MANY", 2000)
    found = measure_backfile(tiny_artifacts, [*texts, PatentText(title="x")])
    assert found.cpu_milliseconds > 0
    assert found.documents == 2000


def test_growth_is_measured_on_trees_of_ever_more_sections(tiny_artifacts, texts):
    done: list[int] = []
    for growth in measure_growth(tiny_artifacts, texts, done.append):
        sizes = [cost.symbols for cost in growth.costs]
        assert sizes == sorted(sizes)
        assert all(cost.milliseconds > 0 for cost in growth.costs)
    assert done == [1, 1, 1, 1]


def test_an_encoder_that_reads_once_changes_no_answer(tiny_artifacts, texts):
    classifier = open_classifier(tiny_artifacts)
    found = answers_of(tiny_artifacts, texts, lambda _: None)
    for level, answers in found.items():
        assert answers == [answer(classifier, text, level) for text in texts]
