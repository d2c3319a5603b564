"""The feedback that an office exported, as labelled patents: what its own examiners decided, for training and judging.

The same documents fall to training, tuning and hold-out as everywhere (`LabelledPatent.part`).
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.alias_generators import to_camel

from examkit.errors import StartError
from models.classify.corpus import LabelledPatent
from services.classify.ipc import MalformedSymbolError, Symbol
from services.classify.languages import detect_language
from services.classify.text import PatentText

# These texts may be unpublished: whatever writes a title or an id into an artifact leaves those of this source out.
SOURCE: Final = "feedback"


class _Line(BaseModel):
    """What is used of one line of an export."""

    model_config = ConfigDict(alias_generator=to_camel, strict=True)

    id: str
    document_id: str | None = None
    language: str | None = None
    title: str
    abstract: str
    claims: str
    description: str
    text: str
    assigned: list[str]


def read_feedback(file: Path) -> Iterator[LabelledPatent]:
    """Yield the documents of an export (JSON lines, oldest first), each with its latest decision.

    A document is known by its id, or by its text where it has none. Raises StartError naming the line that cannot be
    read; half a line at the end is an export that broke off.
    """
    latest: dict[str | PatentText, LabelledPatent] = {}
    with file.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            try:
                patent, is_named = _read(line)
            except (ValidationError, MalformedSymbolError):
                raise StartError(f"{file}: line {number} is no feedback; was the export cut off?") from None
            latest[patent.document_id if is_named else patent.text] = patent
    yield from latest.values()


def _read(line: bytes) -> tuple[LabelledPatent, bool]:
    """Return the document of a line, and whether it has an id of its own."""
    row = _Line.model_validate_json(line)
    text = PatentText(row.title, row.abstract, row.claims, row.description, row.text)
    patent = LabelledPatent(
        document_id=row.id if row.document_id is None else row.document_id,
        source=SOURCE,
        language=detect_language(text.readable).of_text(row.language),
        text=text,
        symbols=tuple(map(Symbol.parse, row.assigned)),
    )
    return patent, row.document_id is not None
