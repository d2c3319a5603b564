"""Images decoded in small processes of their own, so that no image can take the service down.

What a decoder in C may do at a flaw that nobody knows of (write where it must not, turn for ever, take all memory)
ends one of these processes, which is replaced; nobody but the one who sent the image is told of it.
"""

import logging
import multiprocessing
import resource
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import Connection
from queue import LifoQueue
from typing import Any, Final, TypeVar

from examkit.errors import ExamError, InvalidInputError, NotReadyError
from services.image_search.child import bound_memory, end_first, serve_parent
from services.image_search.image import WORKING_SIDE_PIXELS, Box, MarkImage, decode_image
from services.image_search.preview import Preview, make_preview

_FAILED: Final = 1

Work = Callable[[bytes, Box | None, int], MarkImage]
T = TypeVar("T")


class FatalImageError(InvalidInputError):
    """An image at which the program that was to decode it fails or dies."""

    code = "unreadable-image"


class _EndedError(Exception):
    """A process died, or was too long about its work and was ended; its argument is the exit status."""


class _NeverBegunError(Exception):
    """A process ended before it had the image."""


@dataclass(frozen=True)
class Bounds:
    """What one image may cost; the largest that are taken need about a second and 0.6 GB."""

    wall_seconds: float = 30.0
    processor_seconds: float = 10.0
    memory_bytes: int = 1024 * 1024 * 1024


class Decoder:
    """Decodes images in processes that are begun when they are needed; any thread may use it.

    The first is begun at once. While OpenCV is imported none can be begun: sys.path is not what it could work with.
    """

    work: Work = staticmethod(decode_image)

    def __init__(self, processes: int, bounds: Bounds | None = None) -> None:
        """Decode so many images at once; `bounds` are for each."""
        self._processes = processes
        self._bounds = bounds or Bounds()
        self._is_closed = False
        # The last that was put back is taken first, so that no more are begun than work at once; None is one to begin.
        self._idle: LifoQueue[_Process | None] = LifoQueue()
        for _ in range(processes - 1):
            self._idle.put(None)
        self._idle.put(self._begin())

    def decode(self, data: bytes, box: Box | None = None, side: int = WORKING_SIDE_PIXELS) -> MarkImage:
        """Do what `decode_image` does, and raise what it raises.

        Raise FatalImageError for an image that takes too long or too much memory, or ends its process; NotReadyError
        where no process can be had.
        """
        return self._have_done(partial(self.work, data, box, side))

    def preview(self, data: bytes, side: int) -> Preview:
        """Do what `make_preview` does, and raise what it raises, or what `decode` raises."""
        return self._have_done(partial(make_preview, data, side))

    def close(self) -> None:
        """End all processes, each after the image that it decodes; nothing can be decoded afterwards."""
        self._is_closed = True
        for process in [self._idle.get() for _ in range(self._processes)]:
            if process is not None:
                process.end()
            self._idle.put(None)

    def _have_done(self, work: Callable[[], T]) -> T:
        answer = self._ask(work)
        if isinstance(answer, ExamError):
            raise answer
        return answer

    def _ask(self, work: Callable[[], T]) -> T | ExamError:
        kept: _Process | None = None  # one that was not heard out is never asked again: it would answer of this image
        process = self._idle.get()
        try:
            process = self._living(process)
            answer = process.ask(work)
            kept = process
        except _EndedError as ended:
            logging.getLogger("examkit.marks").warning("an image ended its decoder, status %s", ended)
            kept = self._begin()
            raise FatalImageError("Decoding the image takes too long, or ends the program.") from None
        except _NeverBegunError:
            raise NotReadyError("No program that decodes images is to be had.", retry_after_seconds=1) from None
        finally:
            self._idle.put(kept)
        return answer

    def _living(self, process: "_Process | None") -> "_Process":
        """Return a process, another where none was begun or where it ended while it had nothing to do."""
        if self._is_closed:
            raise NotReadyError("The service is being stopped.")
        return process if process is not None and process.is_alive() else self._begin()

    def _begin(self) -> "_Process":
        return _Process(self._bounds)


class _Process:
    """One process, which decodes one image after another."""

    def __init__(self, bounds: Bounds) -> None:
        context = multiprocessing.get_context("spawn")  # not forked: this process has threads
        self._wall_seconds = bounds.wall_seconds
        self._connection, far_end = context.Pipe()
        self._process = context.Process(target=_serve, args=(bounds, far_end), daemon=True)
        self._process.start()
        far_end.close()

    def is_alive(self) -> bool:
        return self._process.is_alive()

    def ask(self, work: Callable[[], T]) -> T | ExamError:
        """Return the answer; raise _NeverBegunError or _EndedError, having ended the process, where it gives none."""
        has_begun = False
        try:
            self._connection.send(work)
            has_begun = self._hear() is None
            answer: T | ExamError = self._hear()
        except (EOFError, OSError):
            self.end()
            raise (_EndedError(self._process.exitcode) if has_begun else _NeverBegunError) from None
        return answer

    def _hear(self) -> Any:
        """Return the next message; raise TimeoutError, EOFError or another OSError where none comes."""
        if not self._connection.poll(self._wall_seconds):
            raise TimeoutError
        return self._connection.recv()

    def end(self) -> None:
        self._process.kill()
        self._process.join()
        self._connection.close()


def _serve(bounds: Bounds, connection: Connection) -> None:
    """Answer until the other end is closed; whatever is no answer ends this process."""
    serve_parent()
    end_first()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # what a process leaves behind at its death would hold the image
    bound_memory(bounds.memory_bytes)
    try:
        while True:
            work = connection.recv()
            connection.send(None)  # the image is here: what happens now is its fault
            connection.send(_answer(work, bounds.processor_seconds))
    except Exception:  # noqa: BLE001 - no trace is shown, which might quote the image; the parent tells of the end
        sys.exit(_FAILED)


def _answer(work: Callable[[], T], most_seconds: float) -> T | ExamError:
    """Do what is asked with an image; the system ends this process where that takes too long."""
    signal.setitimer(signal.ITIMER_PROF, most_seconds)
    try:
        return work()
    except ExamError as error:
        return error
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
