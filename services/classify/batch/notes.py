"""What a run is and how far it has come, as `<out>.run.json` keeps it."""

import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter, ValidationError

from examkit.errors import StartError

# What an operator is told where two runs differ; hashes are not shown.
_TOLD: Final = {
    "program": "the program's version was {0}, is {1}",
    "model": "the model was {0}, is {1}",
    "artifacts": "the files of the model or of the scheme are others",
    "level": "--level was {0}, is {1}",
    "limit": "--limit was {0}, is {1}",
    "threshold": "--threshold was {0}, is {1}",
    "start_from": "--start-from was {0}, is {1}",
    "input": "the input has changed (the names, sizes or times of change of its files)",
}


@dataclass(frozen=True)
class RunKey:
    """What decides every byte of the results: two runs with the same key give the same."""

    program: str
    model: str
    artifacts: str
    level: str
    limit: int
    threshold: float
    start_from: str | None
    input: str

    def differences(self, now: "RunKey") -> str:
        """Say in words in what another key differs; empty when in nothing."""
        old, new = asdict(self), asdict(now)
        return "; ".join(told.format(old[name], new[name]) for name, told in _TOLD.items() if old[name] != new[name])


@dataclass(frozen=True)
class Progress:
    """How far a run has come: pieces of input, bytes of both files, documents, and the place of the last one.

    `refused` counts documents by code; `seconds` is the time spent, all runs together.
    """

    pieces: int = 0
    result_bytes: int = 0
    refused_bytes: int = 0
    documents: int = 0
    refused: Mapping[str, int] = field(default_factory=dict)
    file: str = ""
    position: int = 0
    seconds: float = 0.0


@dataclass(frozen=True)
class Note:
    """What `<out>.run.json` holds."""

    key: RunKey
    progress: Progress


_NOTE: Final = TypeAdapter(Note)


def read_note(path: Path) -> Note | None:
    """Read a note, or None where there is none; raise StartError where it cannot be read."""
    try:
        return _NOTE.validate_json(path.read_bytes())
    except FileNotFoundError:
        return None
    except ValidationError:
        raise StartError(f"{path} cannot be read.") from None


def write_note(path: Path, note: Note) -> None:
    """Replace a note, whole or not at all, and have it on the disk."""
    written = path.with_name(f"{path.name}.new")
    with written.open("wb") as file:
        file.write(_NOTE.dump_json(note, indent=1))
        file.flush()
        os.fsync(file.fileno())
    written.replace(path)
