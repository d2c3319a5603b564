"""Processes hand outcomes back in order, hold only some pieces at a time, and no document stops them."""

import os
import signal
import subprocess
import sys
from concurrent.futures.process import BrokenProcessPool

import pytest

from services.classify.batch import workers as module
from services.classify.batch.pieces import Piece, Refusal
from services.classify.batch.sources import Kind
from services.classify.batch.workers import Workers
from services.classify.engine import Options, UnknownSymbolError
from services.classify.ipc import Level, Symbol
from services.classify.text import PatentText
from tests.tiny_classify import FIELDS

TEXT = FIELDS["A46B 9/00"]


def piece(number, content=None):
    line = b'{"documentId": "%d", "text": "%s"}' % (number, TEXT.encode())
    return Piece("a.jsonl", number, Kind.JSONL, line if content is None else content, number * 100)


def classified(classifier, pieces, options=None):
    with Workers(classifier, options or Options(), 2) as workers:
        return list(workers.classify(pieces))


class Stub:
    """Does to a text what it says."""

    name, version, scheme = "stub", "1", None

    def classify(self, text: PatentText, options: Options):
        match text.text:
            case "fail":
                raise ZeroDivisionError
            case "die":
                os.kill(os.getpid(), signal.SIGKILL)
            case _:
                raise UnknownSymbolError("No such symbol.", target="/startFrom")


def test_outcomes_come_in_order(classifier):
    batches = classified(classifier, map(piece, range(1, 101)))
    assert [outcome.position for batch in batches for outcome in batch.outcomes] == list(range(1, 101))
    assert sum(batch.pieces for batch in batches) == 100
    assert batches[-1].read_bytes == 10_000


def test_an_answer_is_that_of_the_engine(classifier):
    options = Options(level=Level.MAIN_GROUP, limit=2, start_from=Symbol.parse("A46B"))
    ((outcome,),) = (batch.outcomes for batch in classified(classifier, [piece(1)], options))
    found = classifier.classify(PatentText(text=TEXT), options)
    assert (outcome.file, outcome.position, outcome.document_id) == ("a.jsonl", 1, "1")
    assert (outcome.result.language, outcome.result.level) == (found.language, Level.MAIN_GROUP)
    expected = [(str(each.symbol), each.title, each.score) for each in found.predictions]
    assert [(each.symbol, each.title, each.score) for each in outcome.result.predictions] == expected
    suggested = [(str(each.symbol), each.role, each.score) for each in found.suggested]
    assert [(each.symbol, each.role, each.score) for each in outcome.result.suggested] == suggested


def test_a_document_that_cannot_be_classified_is_refused_in_its_place(classifier):
    given = [piece(1), piece(2, b'{"text": " "}'), piece(3, Refusal("too-large", "Too large.")), piece(4, b"{")]
    (batch,) = classified(classifier, given)
    codes = [outcome.result.code for outcome in batch.outcomes[1:]]
    assert codes == ["blank-text", "too-large", "unreadable-record"]


def test_a_fault_of_the_program_spoils_one_document_only():
    (batch,) = classified(Stub(), [piece(1, b'{"text": "fail"}'), piece(2, b"{")])
    assert [outcome.result.code for outcome in batch.outcomes] == ["internal-error", "unreadable-record"]


def test_options_that_fit_no_document_end_the_run():
    with pytest.raises(UnknownSymbolError, match="No such symbol"):
        classified(Stub(), [piece(1)])


def test_a_process_that_dies_ends_the_run():
    with pytest.raises(BrokenProcessPool):
        classified(Stub(), [piece(1, b'{"text": "die"}')])


def test_only_some_pieces_are_held(classifier):
    taken = []

    def endless():
        for number in range(1, 10_000):
            taken.append(number)
            yield piece(number)

    with Workers(classifier, Options(), 2) as workers:
        batches = workers.classify(endless())
        next(batches)
        assert len(taken) <= (2 * module._BATCHES_A_PROCESS + 1) * module._PIECES_A_BATCH


def test_large_pieces_are_held_one_at_a_time(classifier, monkeypatch):
    monkeypatch.setattr(module, "_MOST_BYTES_WAITING", 500)
    monkeypatch.setattr(module, "_BYTES_A_BATCH", 500)
    taken = []

    def large():
        for number in range(1, 20):
            taken.append(number)
            yield piece(number, b'{"text": "%s"}' % (TEXT.encode() * 10))

    with Workers(classifier, Options(), 2) as workers:
        batches = workers.classify(large())
        next(batches)
        assert len(taken) == 1


def test_no_pieces_are_no_batches(classifier):
    assert classified(classifier, []) == []


def test_matrix_products_of_a_process_use_one_thread():
    code = (
        "import os, services.classify.batch.__main__, numpy as np; np.ones((512, 512)) @ np.ones((512, 512)); "
        "print(len(os.listdir('/proc/self/task')))"
    )
    environment = {"PATH": os.defpath}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout == "1\n"
