"""Describes marks on several cores, in processes of their own, so that no image can take the import down."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.connection import wait
from pathlib import Path
from typing import Final, Protocol, Self

from examkit.errors import ExamError, InvalidInputError
from services.image_search.encoders import Encoders
from services.image_search.engine import NewMark, describe
from services.image_search.marks import Entry


class FatalImageError(InvalidInputError):
    """An image at which the program that was to describe it fails or dies."""

    code = "unreadable-image"


Described = Entry | ExamError


_ENCODERS: Final[list[Encoders]] = []  # of a process, put there when it begins


def _describe(mark: NewMark) -> Described:
    (encoders,) = _ENCODERS
    try:
        return describe(mark, encoders)
    except ExamError as error:
        return error
    except Exception:  # noqa: BLE001 - the last resort: one image must not stop an import of millions
        return FatalImageError("The image could not be described; this is a fault of the program.")


class Pending(Protocol):
    """Marks that are being described."""

    def results(self) -> list[Described]:
        """Wait for all of them; return for each what is to be written, or why there is nothing, in order."""


class Describing(Protocol):
    """Describes marks while the caller goes on."""

    def begin(self, marks: Sequence[NewMark]) -> Pending:
        """Begin with some marks, after those begun before."""


class DescribingProcesses:
    """Processes that each hold the encoders; a context manager."""

    work = staticmethod(_describe)

    def __init__(self, artifacts_dir: Path, processes: int) -> None:
        self._artifacts_dir = artifacts_dir
        self._processes = processes
        self._pool = self._new_pool()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(cancel_futures=True)

    def begin(self, marks: Sequence[NewMark]) -> Pending:
        """Begin with some marks, after those begun before."""
        return _PendingInProcesses(self, marks, [self._submit(mark) for mark in marks])

    def describe_alone(self, mark: NewMark) -> Described:
        """Describe a mark that was under way when a process died; one at which it dies again is refused."""
        try:
            return self._submit(mark).result()
        except BrokenProcessPool:
            return FatalImageError("The image is damaged so that decoding it ends the program.")

    def _submit(self, mark: NewMark) -> Future[Described]:
        try:
            return self._pool.submit(self.work, mark)
        except BrokenProcessPool:
            self._pool.shutdown(cancel_futures=True)
            self._pool = self._new_pool()
            return self._pool.submit(self.work, mark)

    def _new_pool(self) -> ProcessPoolExecutor:
        # Not forked: this process has threads, and what a library holds in them is not copied.
        context = multiprocessing.get_context("spawn")
        return ProcessPoolExecutor(self._processes, context, initializer=_begin, initargs=(self._artifacts_dir,))


class _PendingInProcesses:
    def __init__(
        self, processes: DescribingProcesses, marks: Sequence[NewMark], futures: Sequence[Future[Described]]
    ) -> None:
        self._processes = processes
        self._marks = marks
        self._futures = futures

    def results(self) -> list[Described]:
        return [self._result(mark, future) for mark, future in zip(self._marks, self._futures, strict=True)]

    def _result(self, mark: NewMark, future: Future[Described]) -> Described:
        try:
            return future.result()
        except BrokenProcessPool:
            return self._processes.describe_alone(mark)


def _begin(artifacts_dir: Path) -> None:
    # Ctrl-C reaches every process of a terminal; only the first is to act on it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _ENCODERS.append(Encoders.open(artifacts_dir))


def _end_with_parent() -> None:
    """End this process when its parent is gone without having said so; it would wait for work forever."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    wait([parent.sentinel])
    os._exit(1)
