"""One thread that carries out the jobs of several queues, one of each in turn: none waits for all of another.

What a queue cannot get at holds up that queue alone.
"""

import threading
from typing import Final, Protocol

import structlog

from examkit.errors import NotReadyError
from examkit.web.observe import failure_of

_PAUSE_SECONDS: Final = 5.0
_SWEEP_SECONDS: Final = 300.0


class Queue(Protocol):
    """Jobs that wait."""

    def take_turn(self) -> bool:
        """Carry out the first job that waits, and tell whether there was one.

        Raise NotReadyError when it has to be begun again later.
        """


class Rounds:
    """Goes from queue to queue as long as there are any."""

    def __init__(self, name: str) -> None:
        """Take the name of the thread."""
        self._name = name
        self._queues: list[Queue] = []
        self._lock = threading.Lock()
        self._news = threading.Event()
        self._thread: threading.Thread | None = None

    def add(self, queue: Queue) -> None:
        """Take a queue into the rounds."""
        with self._lock:
            self._queues.append(queue)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
                self._thread.start()
        self.wake()

    def remove(self, queue: Queue) -> None:
        """Leave a queue out from its next turn on."""
        with self._lock:
            if queue in self._queues:
                self._queues.remove(queue)
        self.wake()

    def wake(self) -> None:
        """Go round now: there is a new job, or another queue."""
        self._news.set()

    def _run(self) -> None:
        while queues := self._next_round():
            rest = self._go_round(queues)
            if rest:
                self._news.wait(rest)

    def _next_round(self) -> list[Queue]:
        """Return the queues of the next round; the thread ends where there are none."""
        with self._lock:
            self._news.clear()  # before the queues are looked at, so that no news is slept through
            if not self._queues:
                self._thread = None
            return list(self._queues)

    def _go_round(self, queues: list[Queue]) -> float:
        """Give each queue a turn; return for how many seconds to rest, unless there are news."""
        rest = _SWEEP_SECONDS
        has_worked = False
        for queue in queues:
            try:
                has_worked |= queue.take_turn()
            except NotReadyError:
                rest = _PAUSE_SECONDS
            except Exception as error:  # noqa: BLE001 - the last resort: one queue must not end the rounds of all
                structlog.get_logger("examkit.jobs").error("queue failed", **failure_of(error))
                rest = _PAUSE_SECONDS
        return 0 if has_worked else rest
