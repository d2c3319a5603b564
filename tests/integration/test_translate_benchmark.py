"""The benchmark of the translate service runs as a whole, on less than it measures with."""

from dataclasses import asdict

import pytest

from benchmarks import translate_service

pytestmark = pytest.mark.integration


def test_everything_is_measured_and_compared_with_its_goal(monkeypatch, shared_data, artifacts_dir):
    less = {"_SENTENCES": 3, "_SUSTAINED": 4, "_MOST_ABSTRACTS": 100, "_STARTS": 1, "_REQUESTS": (2, 4)}
    for name, value in less.items():
        monkeypatch.setattr(translate_service, name, value)
    figures = translate_service.run(shared_data, artifacts_dir)
    assert len(figures.goals) == 5
    assert all(goal.measured[0] > 0 for goal in figures.goals)
    assert [work.callers for work in figures.description] == [1, 2]
    assert figures.description[0].words > 3_000
    assert list(figures.resident_megabytes) == [0, 2, 4]
    assert asdict(figures)["sentence"]["p50"] > asdict(figures)["sentence"]["gateway_cpu_p50"] > 0
