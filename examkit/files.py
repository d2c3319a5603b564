"""Files that are on the disk once they are said to be, and that only their owner can read."""

import os
from contextlib import AbstractContextManager
from pathlib import Path
from typing import BinaryIO


def new_private_file(path: Path) -> AbstractContextManager[BinaryIO]:
    """Open a file that is not there yet for writing; raise OSError."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "wb")


def write_private_file(path: Path, content: bytes) -> None:
    """Write a file that is not there yet, onto the disk; raise OSError."""
    with new_private_file(path) as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def put_on_disk(path: Path) -> None:
    """Have the system write a file, or the names of a folder's files, to the disk; raise OSError."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
