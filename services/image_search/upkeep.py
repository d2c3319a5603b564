"""What an index needs while it is searched, in a thread of its own: new snapshots, or what other processes did."""

import os
import threading
from typing import Final

import structlog

from examkit.errors import ExamError
from services.image_search.live_index import LiveIndex, StoppedError

_LOOK_SECONDS: Final = 0.3
_REST_SECONDS: Final = 60.0  # after a failure
_POLITENESS: Final = 10  # of 19; searches go first


class Upkeep:
    """Makes snapshots as they fall due, or, where another process owns the register, follows that process."""

    def __init__(self, index: LiveIndex, *, is_owner: bool) -> None:
        self._index, self._is_owner = index, is_owner
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="upkeep of the index", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Break off; a snapshot that is not finished is thrown away."""
        self._stopped.set()
        self._thread.join()

    def _run(self) -> None:
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _POLITENESS if self._is_owner else 0)
        while not self._stopped.wait(_LOOK_SECONDS):
            self._attempt()

    def _attempt(self) -> None:
        """Take the step; what fails is logged by its kind and tried again later."""
        try:
            self._index.follow()
            if self._is_owner and self._index.is_rebuild_due():
                self._index.rebuild(self._stopped)
        except StoppedError:
            return
        except (ExamError, OSError, RuntimeError) as error:
            structlog.get_logger("examkit.marks").warning("index not kept up", error=type(error).__name__)
            self._stopped.wait(_REST_SECONDS if self._is_owner else _LOOK_SECONDS)
