"""One direction of Apertium as a chain of processes that stays alive and answers text by text.

Apertium is free software under the GPL: it is another program, called as one, and no part of this one.
"""

import contextlib
import re
import select
import shlex
import subprocess
import threading
import time
from pathlib import Path
from typing import IO, Final

from examkit.errors import NotReadyError

_MARKS: Final = "-g"  # in a mode's $1: words that are not known, or cannot be inflected, bear a mark
_TAGGER_OPTION: Final = "$2"
_END_OF_TEXT: Final = b"\0"
# What the deformatter of Apertium puts at the end of a text, so that a text without a full stop ends all the same.
_END_OF_SENTENCE: Final = ".[]\n"
_SPECIAL = re.compile(r"([\\^$@{}\[\]/<>])")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_CHUNK: Final = 65_536


class ApertiumPipe:
    """The programs of a mode, each reading what the one before writes; one text at a time."""

    def __init__(self, mode: Path, seconds: float) -> None:
        """Take the mode's file and how long a text may take; nothing runs before the first text."""
        self._commands = [_command(part) for part in mode.read_text(encoding="utf-8").strip().split("|")]
        self._seconds = seconds
        self._lock = threading.Lock()
        self._processes: list[subprocess.Popen[bytes]] = []

    def translate(self, text: str) -> str:
        """Translate a text without line breaks; words with a mark (`*`, `#`, `@`) are not translated.

        Raise NotReadyError (`engine-failed`) when the programs end or take too long; the next text starts them anew.
        """
        with self._lock:
            if not self._processes:
                self._processes = _started(self._commands)
            try:
                return _read(self._exchange(text))
            except (OSError, EOFError, TimeoutError):
                self._end()
                raise NotReadyError(
                    "A translation engine ended or does not answer; try again.",
                    code="engine-failed",
                    retry_after_seconds=1,
                ) from None

    def close(self) -> None:
        """End the programs."""
        with self._lock:
            self._end()

    def _exchange(self, text: str) -> str:
        stdin, stdout = self._processes[0].stdin, self._processes[-1].stdout
        assert stdin is not None
        assert stdout is not None
        stdin.write(_written(text).encode() + _END_OF_TEXT)
        stdin.flush()
        return _until_end(stdout, time.monotonic() + self._seconds).decode()

    def _end(self) -> None:
        for process in self._processes:
            process.kill()
        for process in self._processes:
            process.wait()
            for stream in (process.stdin, process.stdout):
                if stream is not None:
                    with contextlib.suppress(OSError):  # what is still to be written has no reader
                        stream.close()
        self._processes = []


def _command(part: str) -> list[str]:
    """Take one program of a mode, told to give each text out at once."""
    program, *arguments = shlex.split(part)
    return [program, "-z", *(_MARKS if each == "$1" else each for each in arguments if each != _TAGGER_OPTION)]


def _started(commands: list[list[str]]) -> list[subprocess.Popen[bytes]]:
    processes: list[subprocess.Popen[bytes]] = []
    source: int | IO[bytes] | None = subprocess.PIPE
    for command in commands:
        process = subprocess.Popen(command, stdin=source, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        if processes and processes[-1].stdout is not None:
            processes[-1].stdout.close()  # only the next program holds it: it ends with the one before
        processes.append(process)
        source = process.stdout
    return processes


def _until_end(stream: IO[bytes], deadline: float) -> bytes:
    read = b""
    while not read.endswith(_END_OF_TEXT):
        ready, _, _ = select.select([stream], [], [], max(0.0, deadline - time.monotonic()))
        if not ready:
            raise TimeoutError
        chunk = stream.read1(_CHUNK)  # type: ignore[attr-defined] # a pipe is buffered
        if not chunk:
            raise EOFError
        read += chunk
    return read[: -len(_END_OF_TEXT)]


def _written(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", text) + _END_OF_SENTENCE


def _read(answer: str) -> str:
    return _ESCAPED.sub(r"\1", answer.removesuffix(_END_OF_SENTENCE))
