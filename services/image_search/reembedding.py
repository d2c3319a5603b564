"""Marks that the embedder in use has not described yet, described from their images while the service works.

After a change of the embedder these are all marks. Each is found again once it is described; what a process that is
killed has described stays so, and the next start goes on with the rest.
"""

import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

import structlog

from examkit.errors import ExamError, NotReadyError

_PAUSE_SECONDS: Final = 5.0


@dataclass(frozen=True)
class ReembeddingState:
    """How many marks waited at the start, and how many of them have been looked at since."""

    total: int
    done: int

    @property
    def waiting(self) -> int:
        """Return how many wait still."""
        return self.total - self.done


class Reembedding:
    """One thread that works the waiting marks off, one after another."""

    def __init__(self, rows: Sequence[int], describe: Callable[[int], None], finish: Callable[[], None]) -> None:
        """Take the rows, what describes one, and what is to be done after the last."""
        self._rows = rows
        self._describe = describe
        self._finish = finish
        self._done = 0
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="reembedding", daemon=True)

    @property
    def state(self) -> ReembeddingState:
        """Return how far it is."""
        return ReembeddingState(len(self._rows), self._done)

    def start(self) -> None:
        """Begin, unless no mark waits."""
        if self._rows:
            self._thread.start()

    def stop(self) -> None:
        """Break off after the mark that is being described."""
        self._stopped.set()
        self.wait()

    def wait(self) -> None:
        """Return when it is finished or stopped."""
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        log = structlog.get_logger("examkit.marks")
        log.info("describing marks anew", waiting=len(self._rows))
        for row_id in self._rows:
            while not (self._stopped.is_set() or self._attempt(row_id)):
                self._stopped.wait(_PAUSE_SECONDS)
            if self._stopped.is_set():
                return
            self._done += 1
        with suppress(NotReadyError):
            self._finish()
        log.info("described marks anew", done=self._done)

    def _attempt(self, row_id: int) -> bool:
        """Describe a mark; tell whether it is dealt with, which it is not while the database is away.

        A mark that is gone, or whose image this embedder refuses, is passed over.
        """
        try:
            self._describe(row_id)
        except NotReadyError:
            return False
        except ExamError:
            return True
        return True
