"""How outcomes are written: a line of JSON or a row of a table for each document, and a list of those refused."""

import csv
import io
import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final, Protocol

from examkit.errors import StartError
from services.classify.batch.pieces import Refusal
from services.classify.batch.workers import Answer, Outcome

_CONTROLS: Final = re.compile(r"[\x00-\x1f\x7f-\x9f]")
# A spreadsheet takes cells that begin so for formulas, and runs them.
_FORMULA_MARKS: Final = ("=", "+", "-", "@")
# Spreadsheets know UTF-8 by this mark only.
_MARK: Final = "\ufeff"
_PLACE: Final = ("documentId", "file", "position")
_PROBLEM: Final = ("code", "detail")
_ANSWER: Final = ("language", "level", "suggested")

_Cell = str | float | None


@dataclass(frozen=True)
class Origin:
    """What every result says of where it comes from: the model, and the edition its symbols belong to."""

    model: str
    version: str
    edition: str


class Format(Protocol):
    """A way to write outcomes; every outcome is written by itself, so that nothing depends on what came before."""

    def header(self) -> bytes:
        """Return what stands before the first outcome."""

    def line(self, outcome: Outcome) -> bytes:
        """Return an outcome as one line."""


def format_of(out: Path, origin: Origin, limit: int) -> Format:
    """Choose the format by the name of the file; raise StartError for a name that says none."""
    match out.suffix.lower():
        case ".jsonl" | ".ndjson":
            return JsonLines(origin)
        case ".csv":
            return Rows(origin, limit)
        case _:
            raise StartError(f"{out}: results are written as .jsonl or .csv.")


class JsonLines:
    """One JSON object a line, with the names of the API."""

    def __init__(self, origin: Origin) -> None:
        model = {"name": origin.model, "version": origin.version}
        self._origin: Final = {"edition": origin.edition, "model": model}

    def header(self) -> bytes:
        """Return nothing: each line says all of itself."""
        return b""

    def line(self, outcome: Outcome) -> bytes:
        """Return the object of one outcome: with `predictions`, or with a `problem`."""
        place = {"documentId": outcome.document_id, "file": outcome.file, "position": outcome.position}
        result = {"problem": asdict(outcome.result)} if isinstance(outcome.result, Refusal) else asdict(outcome.result)
        # Names of files may hold bytes that are no text: JSON writes them as an escape.
        text = json.dumps({**place, **result, **self._origin}, ensure_ascii=False)
        return f"{text}\n".encode(errors="backslashreplace")


class Rows:
    """One row a document for spreadsheets: a symbol, its score and its title in three columns for each prediction."""

    def __init__(self, origin: Origin, limit: int) -> None:
        self._origin = (origin.edition, origin.model, origin.version)
        self._limit = limit

    def header(self) -> bytes:
        """Return the names of the columns."""
        predictions = [f"{name}{n}" for n in range(1, self._limit + 1) for name in ("symbol", "score", "title")]
        return _MARK.encode() + _row_of((*_PLACE, "edition", "model", "version", *_PROBLEM, *_ANSWER, *predictions))

    def line(self, outcome: Outcome) -> bytes:
        """Return the row of one outcome."""
        return _row_of((*_place(outcome), *self._origin, *_problem(outcome), *self._answer(outcome.result)))

    def _answer(self, result: Answer | Refusal) -> Sequence[_Cell]:
        if isinstance(result, Refusal):
            return [""] * (len(_ANSWER) + 3 * self._limit)
        suggested = "; ".join(f"{each.symbol} ({each.role})" for each in result.suggested)
        predictions = [cell for each in result.predictions for cell in (each.symbol, each.score, each.title)]
        blank = [""] * (3 * self._limit - len(predictions))
        return [result.language, result.level, suggested, *predictions, *blank]


def refused_header() -> bytes:
    """Return what stands before the list of refused documents."""
    return _MARK.encode() + _row_of((*_PLACE, *_PROBLEM))


def refused_line(outcome: Outcome) -> bytes:
    """Return the row of an outcome in the list of refused documents; nothing for one that was classified."""
    return _row_of((*_place(outcome), *_problem(outcome))) if isinstance(outcome.result, Refusal) else b""


def _place(outcome: Outcome) -> Sequence[_Cell]:
    return outcome.document_id, outcome.file, outcome.position


def _problem(outcome: Outcome) -> Sequence[_Cell]:
    return (outcome.result.code, outcome.result.detail) if isinstance(outcome.result, Refusal) else ("", "")


def _row_of(cells: Sequence[_Cell]) -> bytes:
    """Write a row of a table in one line, made safe for spreadsheets."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerow([_cell(value) for value in cells])
    return text.getvalue().encode(errors="backslashreplace")


def _cell(value: _Cell) -> _Cell:
    if not isinstance(value, str):
        return value
    line = _CONTROLS.sub(" ", value)
    return f"'{line}" if line.lstrip().startswith(_FORMULA_MARKS) else line
