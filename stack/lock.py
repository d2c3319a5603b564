"""One runner at a time on one home: a lock that the system releases even when the runner is killed."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager

from examkit.errors import StartError
from stack.layout import Layout


class AlreadyRunningError(StartError):
    """Another runner works on this home; `url` is where its gateway answers, or will."""

    def __init__(self, layout: Layout, url: str) -> None:
        super().__init__(f"Examkit already runs on {layout.home} ({url or 'it is just starting'}).")
        self.url = url


@contextmanager
def held(layout: Layout, url: str) -> Iterator[None]:
    """Hold the home's lock, with `url` noted in it; raise AlreadyRunningError when another runner holds it."""
    with layout.lock.open("a+") as file:
        file.seek(0)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyRunningError(layout, file.read()) from None
        file.truncate()
        file.write(url)
        file.flush()
        yield
