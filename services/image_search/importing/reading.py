"""The records of a bundle joined with their images, in batches of a bounded size."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from examkit.errors import ExamError
from services.image_search.engine import NewMark
from services.image_search.importing.bundle import Bundle
from services.image_search.importing.readers import read_records
from services.image_search.importing.records import Place, Record, Refusal
from services.image_search.marks import Mark, StoredImage

_ROWS_A_BATCH: Final = 32
_BYTES_A_BATCH: Final = 16 * 1024 * 1024


@dataclass(frozen=True)
class Row:
    """A mark to be taken in, and where it stands."""

    place: Place
    mark: NewMark
    image_sha256: str

    def is_registered(self, known: Mark | None) -> bool:
        """Tell whether the register holds this very mark."""
        return known == Mark(self.mark.mark_id, self.mark.metadata, self.image_sha256)


@dataclass(frozen=True)
class ReadBatch:
    """Rows in the order of the bundle; `progress` is the share of its records, in bytes, read by then."""

    rows: Sequence[Row | Refusal]
    progress: float


def read_batches(bundle: Bundle, skip: int = 0) -> Iterator[ReadBatch]:
    """Read the rows of a bundle but the first `skip`; of large images a batch holds few.

    Raise UnreadableFileError at once when there is no file of records.
    """
    return _batches(bundle, islice(read_records(bundle), skip, None))


def _batches(bundle: Bundle, records: Iterator[Record | Refusal]) -> Iterator[ReadBatch]:
    total = max(1, bundle.size_bytes)
    while rows := _read(bundle, records):
        yield ReadBatch(rows, min(1.0, bundle.meter.read_bytes / total))


def _read(bundle: Bundle, records: Iterator[Record | Refusal]) -> list[Row | Refusal]:
    read: list[Row | Refusal] = []
    size = 0
    for record in islice(records, _ROWS_A_BATCH):
        read.append(_with_image(bundle, record))
        size += _size_bytes(read[-1])
        if size > _BYTES_A_BATCH:
            break
    return read


def _with_image(bundle: Bundle, record: Record | Refusal) -> Row | Refusal:
    if isinstance(record, Refusal):
        return record
    try:
        image = bundle.image(record.images)
    except ExamError as error:
        return Refusal.of(error, record.place, record.mark_id)
    return Row(record.place, NewMark(record.mark_id, record.metadata, image), StoredImage(image, "").sha256)


def _size_bytes(read: Row | Refusal) -> int:
    return len(read.mark.image) if isinstance(read, Row) else 0
