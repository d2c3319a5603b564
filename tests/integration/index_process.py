"""A process with an index of its own: `follow` searches a register that another one owns, `rebuild` never ends."""

import sys
import threading
import time
from itertools import count
from pathlib import Path

import structlog

from services.image_search import live_index
from services.image_search.encoders import Encoders
from services.image_search.engine import FaissImageSearcher
from services.image_search.live_index import LiveIndex
from services.image_search.register import Register
from services.image_search.snapshots import Snapshots
from tests.marks_source import MarksSource


def follow(folder: Path, artifacts: Path, url: str | None) -> None:
    """Tell how many marks can be found, whenever that changes."""
    searcher = FaissImageSearcher(Encoders.open(artifacts), Register(folder, url, read_only=True))
    told = None
    while True:
        found = len(searcher._index), searcher._index.size.on_disk
        if found != told:
            told = found
            tell(" ".join(map(str, found)))
        time.sleep(0.01)


def rebuild(folder: Path) -> None:
    """Begin a snapshot of the marks that the caller knows, and tell so."""
    live_index.FEWEST_CHANGES = 5  # type: ignore[misc]
    source = MarksSource(range(20))
    index = LiveIndex(source, Snapshots(folder), is_owner=True)
    first = list(source.in_batches())

    def endless():
        yield from first
        tell("writing")
        for _ in count():
            time.sleep(0.1)

    source.in_batches = endless  # type: ignore[method-assign]
    index.rebuild(threading.Event())


def tell(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    if sys.argv[1] == "follow":
        follow(Path(sys.argv[2]), Path(sys.argv[3]), sys.argv[4] or None)
    rebuild(Path(sys.argv[2]))
