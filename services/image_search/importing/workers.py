"""Describes marks on several cores, in processes of their own, so that no image can take the import down."""

import multiprocessing
import signal
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Final, Protocol, Self

from examkit.errors import ExamError
from services.image_search.child import serve_parent, step_back
from services.image_search.decoding import FatalImageError
from services.image_search.encoders import Encoders
from services.image_search.engine import NewMark, describe
from services.image_search.marks import Entry

Described = Entry | ExamError

_PATIENCE_SECONDS: Final = 0.25
_MOST_SECONDS: Final = 30.0  # of processor time; the largest images that are taken need about two

_ENCODERS: Final[list[Encoders]] = []  # of a process, put there when it begins


def _describe(mark: NewMark) -> Described:
    """Describe a mark; the system ends this process where that takes too long."""
    (encoders,) = _ENCODERS
    signal.setitimer(signal.ITIMER_PROF, _MOST_SECONDS)
    try:
        return describe(mark, encoders)
    except ExamError as error:
        return error
    except Exception:  # noqa: BLE001 - the last resort: one image must not stop an import of millions
        return FatalImageError("The image could not be described; this is a fault of the program.")
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


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

    def __init__(
        self,
        artifacts_dir: Path,
        processes: int,
        prepare: Callable[[], None] = serve_parent,
        go_on: Callable[[], None] = lambda: None,
    ) -> None:
        """Begin so many processes, each of which calls `prepare` first.

        While their results are waited for, `go_on` is called now and then, which may raise to end that.
        """
        self._go_on = go_on
        self._artifacts_dir = artifacts_dir
        self._processes = processes
        self._prepare = prepare
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
            return self.wait_for(self._submit(mark))
        except BrokenProcessPool:
            return FatalImageError("Decoding the image takes too long, or ends the program.")

    def wait_for(self, future: Future[Described]) -> Described:
        """Return what a process found; raise BrokenProcessPool when one died."""
        while not wait([future], _PATIENCE_SECONDS).done:
            self._go_on()
        return future.result()

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
        start = (self._artifacts_dir, self._prepare)
        return ProcessPoolExecutor(self._processes, context, initializer=_begin, initargs=start)


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
            return self._processes.wait_for(future)
        except BrokenProcessPool:
            return self._processes.describe_alone(mark)


def _begin(artifacts_dir: Path, prepare: Callable[[], None]) -> None:
    prepare()
    _ENCODERS.append(Encoders.open(artifacts_dir))


def prepare_in_background() -> None:
    """Prepare a process that describes marks beside searches."""
    serve_parent()
    step_back()
