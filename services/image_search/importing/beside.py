"""An import carried out beside the searches of a service: in processes of low priority, and ended at any time."""

import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from examkit.jobs.job import HaltedError
from services.image_search.engine import ImageSearcher
from services.image_search.importing.apart import ReadingProcess
from services.image_search.importing.jobs import Job
from services.image_search.importing.run import Importer, Taken
from services.image_search.importing.workers import DescribingProcesses, prepare_in_background


class Steering:
    """What an import asks before it goes on."""

    def __init__(self, lock: threading.Lock, is_to_end: Callable[[], bool]) -> None:
        """Take what tells whether the import is to end; whoever holds the lock sees nothing being written."""
        self._lock = lock
        self._is_to_end = is_to_end

    def go_on(self) -> None:
        """Raise HaltedError where the import is to end."""
        if self._is_to_end():
            raise HaltedError

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold an end of the import off while something is written; raise HaltedError where it is to end."""
        with self._lock:
            self.go_on()
            yield


TakeIn = Callable[[Path, Job, Steering], Generator[Taken, None, None]]


def take_in_beside(hold_searcher: Callable[[], AbstractContextManager[ImageSearcher]], artifacts_dir: Path) -> TakeIn:
    """Return what takes the rest of a job's archive in: one process reads it, one describes the marks."""

    def take_in(archive: Path, job: Job, steering: Steering) -> Generator[Taken, None, None]:
        with (
            hold_searcher() as searcher,
            ReadingProcess(archive, job.counts.rows) as reading,
            DescribingProcesses(artifacts_dir, 1, prepare_in_background, steering.go_on) as describing,
        ):
            importer = Importer(searcher, describing, look_for_alike=job.look_for_alike, writing=steering.writing)
            yield from importer.run(reading.batches(steering.go_on))

    return take_in
