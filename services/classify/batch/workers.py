"""Classifies pieces in several processes that share one model, and hands the outcomes back in order."""

import gc
import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, replace
from multiprocessing.connection import wait
from typing import Final, Self

from examkit.errors import ExamError
from services.classify.batch.documents import Document, documents_of
from services.classify.batch.pieces import Piece, Refusal
from services.classify.engine import Classifier, Options
from services.classify.ipc import Level

_PIECES_A_BATCH: Final = 16
_BYTES_A_BATCH: Final = 1024 * 1024
# So many batches wait for each process that none runs dry while another is slow, and results are never far behind.
_BATCHES_A_PROCESS: Final = 3
_MOST_BYTES_WAITING: Final = 64 * 1024 * 1024
_START: Final = "/startFrom"
_FAULT: Final = Refusal("internal-error", "The document could not be classified; this is a fault of the program.")


@dataclass(frozen=True)
class Proposal:
    """A symbol proposed for a document, its title and its calibrated score."""

    symbol: str
    title: str
    score: float


@dataclass(frozen=True)
class Suggestion:
    """A symbol of the set to assign together, and whether it would be inventive or additional information."""

    symbol: str
    role: str
    score: float


@dataclass(frozen=True)
class Answer:
    """What the model says of a document: predictions, best first, all at one level, and the set it suggests."""

    language: str
    level: Level
    predictions: Sequence[Proposal]
    suggested: Sequence[Suggestion]


@dataclass(frozen=True)
class Outcome:
    """What became of a document; see `Piece` for its place and `Document` for its id."""

    file: str
    position: int | None
    document_id: str
    result: Answer | Refusal


@dataclass(frozen=True)
class Batch:
    """The outcomes of some pieces, and how far the back-file had been read off the disk for them."""

    pieces: int
    outcomes: Sequence[Outcome]
    read_bytes: int


class Workers:
    """Processes forked off this one after the model was opened, so that its memory is there only once."""

    def __init__(self, classifier: Classifier, options: Options, processes: int) -> None:
        """Start the processes; open no thread before that, for a fork does not copy it."""
        self._most_waiting = processes * _BATCHES_A_PROCESS
        # What is never looked at by the collector is never written to, and stays shared.
        gc.freeze()
        self._pool = ProcessPoolExecutor(
            processes, multiprocessing.get_context("fork"), initializer=_begin, initargs=(classifier, options)
        )
        self._pool.submit(os.getpid).result()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(cancel_futures=True)

    def classify(self, pieces: Iterable[Piece]) -> Iterator[Batch]:
        """Classify pieces, of which only some are held at a time, and yield the outcomes in their order.

        Raise BrokenProcessPool when a process dies, ExamError for a start that cannot be used.
        """
        waiting: deque[tuple[int, Future[Batch]]] = deque()
        for batch in _batches(pieces):
            waiting.append((_size_bytes(batch), self._pool.submit(_classify, batch)))
            while len(waiting) > self._most_waiting or sum(size for size, _ in waiting) > _MOST_BYTES_WAITING:
                yield waiting.popleft()[1].result()
        while waiting:
            yield waiting.popleft()[1].result()


def _batches(pieces: Iterable[Piece]) -> Iterator[list[Piece]]:
    batch: list[Piece] = []
    for piece in pieces:
        batch.append(piece)
        if len(batch) == _PIECES_A_BATCH or _size_bytes(batch) > _BYTES_A_BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _size_bytes(batch: Sequence[Piece]) -> int:
    return sum(piece.size_bytes for piece in batch)


@dataclass(frozen=True)
class _Work:
    """What a process needs, put into it when it begins."""

    classifier: Classifier
    options: Options


_WORK: list[_Work] = []


def _begin(classifier: Classifier, options: Options) -> None:
    # Ctrl-C reaches every process of a terminal; only the first is to act on it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _WORK.append(_Work(classifier, options))


def _end_with_parent() -> None:
    """End this process when its parent is gone without having said so; it would wait for work forever."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    wait([parent.sentinel])
    os._exit(1)


def _classify(pieces: Sequence[Piece]) -> Batch:
    (work,) = _WORK
    outcomes = [
        Outcome(piece.file, piece.position, document.document_id, _result(document, work))
        for piece in pieces
        for document in documents_of(piece)
    ]
    return Batch(len(pieces), outcomes, pieces[-1].read_bytes)


def _result(document: Document, work: _Work) -> Answer | Refusal:
    if isinstance(document.content, Refusal):
        return document.content
    try:
        found = work.classifier.classify(document.content, replace(work.options, language=document.language))
    except ExamError as error:
        if error.target == _START:
            raise  # it is the options' fault, and so the same for every document
        return Refusal.of(error)
    except Exception:  # noqa: BLE001 - the last resort: one document must not stop a back-file of millions
        return _FAULT
    return Answer(
        found.language,
        found.level,
        [Proposal(str(each.symbol), each.title, each.score) for each in found.predictions],
        [Suggestion(str(each.symbol), each.role, each.score) for each in found.suggested],
    )
