"""Reads the pieces of a back-file as patent documents."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Final

from pydantic import ConfigDict, Field, ValidationError, field_validator

from examkit.errors import ExamError
from examkit.web.wire import WireModel
from services.classify.batch.pieces import Content, Piece, Refusal, UnreadableRecordError
from services.classify.batch.sources import Kind
from services.classify.patent_xml import NotAPatentDocumentError, read_patents
from services.classify.schemas import LanguageTag
from services.classify.text import PatentText

_LONGEST_ID: Final = 128


@dataclass(frozen=True)
class Document:
    """One document of a back-file, or why there is none; without an id of its own, `document_id` is empty."""

    document_id: str
    language: str | None
    content: PatentText | Refusal


class _Record(WireModel):
    """A line or a row: the members of the API's batch, blank ones as if left out; others are passed over."""

    model_config = ConfigDict(extra="ignore")

    document_id: Annotated[str, Field(max_length=_LONGEST_ID, coerce_numbers_to_str=True)] | None = None
    language: LanguageTag | None = None
    title: str | None = None
    abstract: str | None = None
    claims: str | None = None
    description: str | None = None
    text: str | None = None

    @field_validator("document_id", "language", mode="before")
    @classmethod
    def _stripped(cls, value: object) -> object:
        return (value.strip() or None) if isinstance(value, str) else value

    @property
    def patent_text(self) -> PatentText:
        """Return the parts; those left out are empty."""
        parts = (self.title, self.abstract, self.claims, self.description, self.text)
        return PatentText(*(part or "" for part in parts))


def documents_of(piece: Piece) -> Iterator[Document]:
    """Read a piece: one document or refusal of a line or a row, at least one of XML."""
    if isinstance(piece.content, Refusal):
        yield Document("", None, piece.content)
    elif isinstance(piece.content, bytes) and piece.kind is Kind.XML:
        yield from _patents(piece.content)
    else:
        yield _record(piece.content)


def _record(content: Content) -> Document:
    try:
        record = _Record.model_validate_json(content) if isinstance(content, bytes) else _Record.model_validate(content)
    except ValidationError as error:
        return Document("", None, Refusal.of(UnreadableRecordError(_first_fault(error))))
    return Document(record.document_id or "", record.language, record.patent_text)


def _first_fault(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    where = f"{first['loc'][0]}: " if first["loc"] else ""
    return f"{where}{first['msg']}."


def _patents(xml: bytes) -> Iterator[Document]:
    found = False
    try:
        for patent in read_patents(xml):
            found = True
            yield Document(patent.document_id[:_LONGEST_ID], patent.language or None, patent.text)
        if not found:
            raise NotAPatentDocumentError("The XML holds no patent document.")
    except ExamError as error:
        yield Document("", None, Refusal.of(error))
