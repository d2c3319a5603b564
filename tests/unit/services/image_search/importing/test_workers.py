"""Processes describe marks as the engine does, and one image that kills a process costs nothing but itself."""

import os
import signal

import pytest

from examkit.errors import InvalidInputError
from services.image_search.decoding import FatalImageError
from services.image_search.engine import NewMark, describe
from services.image_search.importing import workers
from services.image_search.importing.workers import DescribingProcesses
from services.image_search.marks import Entry, MarkMetadata
from tests.drawings import draw_mark, encode

DEADLY = b"deadly"


def new_mark(mark_id: str, image: bytes | None = None) -> NewMark:
    return NewMark(mark_id, MarkMetadata(), image or encode(draw_mark("cross")))


def describe_or_die(mark: NewMark):
    """Stand in for a decoder that a damaged image makes write where it must not."""
    if mark.image == DEADLY:
        os.kill(os.getpid(), signal.SIGSEGV)
    return workers._describe(mark)


@pytest.fixture
def processes(kept_artifacts):
    with DescribingProcesses(kept_artifacts, 2) as opened:
        yield opened


def test_a_process_describes_as_the_engine_does(processes, encoders):
    mark, unusable = new_mark("A"), new_mark("B", b"no image")
    described, refused = processes.begin([mark, unusable]).results()
    expected = describe(mark, encoders)
    assert isinstance(described, Entry)
    assert (described.mark, described.embedder) == (expected.mark, expected.embedder)
    assert list(described.descriptions) == list(expected.descriptions) == list(encoders.signatures)
    for name, vectors in described.descriptions.items():
        assert vectors.tobytes() == expected.descriptions[name].tobytes()
    assert isinstance(refused, InvalidInputError)
    assert refused.code == "unreadable-image"


def test_an_image_at_which_a_process_dies_is_refused_and_the_others_are_described(processes, monkeypatch):
    # The name stands for it in the other process, too.
    monkeypatch.setattr(DescribingProcesses, "work", staticmethod(describe_or_die))
    first = processes.begin([new_mark("A"), new_mark("B", DEADLY), new_mark("C")])
    second = processes.begin([new_mark("D")])
    results = [*first.results(), *second.results()]
    assert [isinstance(each, Entry) for each in results] == [True, False, True, True]
    assert isinstance(results[1], FatalImageError)


def describe_for_ever(mark: NewMark):
    """Stand in for a decoder that a damaged image sends round and round."""
    if mark.image == DEADLY:
        vars(workers).update(_MOST_SECONDS=0.2, describe=turn_for_ever)
    return workers._describe(mark)


def turn_for_ever(*_) -> None:
    while True:
        pass


def test_an_image_that_takes_too_long_is_refused_and_the_others_are_described(processes, monkeypatch):
    monkeypatch.setattr(DescribingProcesses, "work", staticmethod(describe_for_ever))
    first, endless = processes.begin([new_mark("A"), new_mark("B", DEADLY)]).results()
    assert isinstance(first, Entry)
    assert isinstance(endless, FatalImageError)
    assert isinstance(processes.begin([new_mark("C")]).results()[0], Entry)


def test_what_is_waited_for_can_be_called_off(embedder_folder):
    def call_off() -> None:
        raise KeyboardInterrupt

    with DescribingProcesses(embedder_folder, 1, go_on=call_off) as processes, pytest.raises(KeyboardInterrupt):
        processes.begin([new_mark("A")]).results()
