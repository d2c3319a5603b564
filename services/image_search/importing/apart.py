"""An archive that a client sent, read in a process of its own: whatever it holds, it cannot take the service down.

The process comes last for time and memory, has a bound of memory, and hands over rows; a batch waits until the one
before was taken.
"""

import multiprocessing
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Final, Self

from services.image_search.child import bound_memory, serve_parent, step_back
from services.image_search.importing.bundle import open_bundle
from services.image_search.importing.reading import ReadBatch, read_batches
from services.image_search.importing.records import UnreadableFileError

_MOST_MEMORY_BYTES: Final = 1024 * 1024 * 1024
_PATIENCE_SECONDS: Final = 0.25

Work = Callable[[Path, int, Connection], None]
_Message = ReadBatch | UnreadableFileError | None


def _send_rows(archive: Path, skip: int, connection: Connection) -> None:
    with open_bundle(archive) as bundle:
        for batch in read_batches(bundle, skip):
            connection.send(batch)


class ReadingProcess:
    """Reads one archive; a context manager that ends the process."""

    work = staticmethod(_send_rows)

    def __init__(self, archive: Path, skip: int) -> None:
        """Begin to read, all but the first `skip` rows."""
        context = multiprocessing.get_context("spawn")  # not forked: this process has threads
        self._connection, far_end = context.Pipe(duplex=False)
        self._process = context.Process(target=_serve, args=(self.work, archive, skip, far_end), daemon=True)
        self._process.start()
        far_end.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.join()
        self._connection.close()
        self._process.close()

    def batches(self, go_on: Callable[[], None]) -> Iterator[ReadBatch]:
        """Give what is read; raise UnreadableFileError for an archive that cannot be opened or read on.

        While it waits it calls `go_on` now and then, which may raise to end that.
        """
        while message := self._receive(go_on):
            if isinstance(message, UnreadableFileError):
                raise message
            yield message

    def _receive(self, go_on: Callable[[], None]) -> _Message:
        while not self._connection.poll(_PATIENCE_SECONDS):
            go_on()
        try:
            message: _Message = self._connection.recv()
        except EOFError:
            raise UnreadableFileError("Reading the archive ended the program that read it.") from None
        return message


def _serve(work: Work, archive: Path, skip: int, connection: Connection) -> None:
    serve_parent()
    step_back()
    bound_memory(_MOST_MEMORY_BYTES)
    with connection:
        try:
            work(archive, skip, connection)
        except UnreadableFileError as error:
            connection.send(error)
        except MemoryError:
            connection.send(UnreadableFileError("The archive needs too much memory to be read: send it in parts."))
        else:
            connection.send(None)
