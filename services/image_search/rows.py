"""How a mark lies in the tables: its rows written and read."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, bindparam, delete, insert, select, update

from services.image_search import tables
from services.image_search.codes import NiceClass, ViennaCode
from services.image_search.marks import Entry, Mark, MarkMetadata, Vectors, Written
from services.image_search.name_words import words_of_name

OF_NAME: Final = "name"


def write_entry(connection: Connection, entry: Entry) -> Written:
    """Write one entry; a mark that is replaced keeps its row and nothing else."""
    known = find_row(connection, entry.mark_id)
    if known is not None:
        connection.execute(delete(tables.marks).where(tables.marks.c.row_id == known))
    values = _mark_values(entry) | ({} if known is None else {"row_id": known})
    row_id: int = connection.execute(insert(tables.marks).values(values).returning(tables.marks.c.row_id)).scalar_one()
    image = {"row_id": row_id, "media_type": entry.image.media_type, "data": entry.image.data}
    connection.execute(insert(tables.images).values(image))
    for embedder, vectors in entry.descriptions.items():
        write_vectors(connection, row_id, vectors, embedder)
    _write_codes(connection, row_id, entry.metadata)
    write_words(connection, row_id, words_of_name(entry.metadata.name), OF_NAME)
    return Written(row_id, is_new=known is None)


def write_vectors(connection: Connection, row_id: int, vectors: Vectors, embedder: str) -> None:
    """Set one embedder's vectors of a mark anew."""
    table = tables.embeddings
    connection.execute(delete(table).where(table.c.row_id == row_id, table.c.embedder == embedder))
    values = {"row_id": row_id, "embedder": embedder, "views": len(vectors), "vectors": vectors.tobytes()}
    connection.execute(insert(table).values(values))


def write_words(connection: Connection, row_id: int, words: Sequence[str], source: str) -> None:
    """Set the words of a mark by one source anew; none at all is kept too."""
    table = tables.mark_words
    connection.execute(delete(table).where(table.c.row_id == row_id, table.c.source == source))
    rows = [{"row_id": row_id, "source": source, "word": word} for word in {"", *words}]
    connection.execute(insert(table), rows)


def _write_codes(connection: Connection, row_id: int, metadata: MarkMetadata) -> None:
    for nice_class in set(metadata.nice_classes):
        connection.execute(insert(tables.nice_classes).values(row_id=row_id, number=nice_class.number))
    for vienna_code in set(metadata.vienna_codes):
        connection.execute(insert(tables.vienna_codes).values(row_id=row_id, code=str(vienna_code)))


def _mark_values(entry: Entry) -> dict[str, Any]:
    metadata = entry.metadata
    return {
        "mark_id": entry.mark_id,
        "name": metadata.name,
        "applicant": metadata.applicant,
        "applicant_folded": None if metadata.applicant is None else metadata.applicant.casefold(),
        "office": metadata.office,
        "status": metadata.status,
        "application_date": metadata.application_date,
        "mark_feature": metadata.mark_feature,
        "image_sha256": entry.image.sha256,
    }


def record_change(connection: Connection, row_ids: Collection[int]) -> None:
    """Give rows the next number of a change; who writes next waits until this transaction has ended."""
    if not row_ids:
        return
    table = tables.changes
    counted = update(tables.last_change).values(change=tables.last_change.c.change + 1)
    number = connection.execute(counted.returning(tables.last_change.c.change)).scalar_one()
    rows = [{"row_id": row_id, "change": number} for row_id in set(row_ids)]
    connection.execute(delete(table).where(table.c.row_id == bindparam("changed")), [{"changed": r} for r in row_ids])
    connection.execute(insert(table), rows)


def find_row(connection: Connection, mark_id: str) -> int | None:
    """Return the row of a mark, None where there is none of this id."""
    return connection.execute(
        select(tables.marks.c.row_id).where(tables.marks.c.mark_id == mark_id)
    ).scalar_one_or_none()


def read_marks(connection: Connection, condition: ColumnElement[bool]) -> dict[int, Mark]:
    """Read marks with their classes, codes and words read, in four statements however many they are."""
    rows = connection.execute(select(tables.marks).where(condition)).all()
    of_these = [row.row_id for row in rows]
    classes: dict[int, list[NiceClass]] = {row_id: [] for row_id in of_these}
    codes: dict[int, list[ViennaCode]] = {row_id: [] for row_id in of_these}
    for row_id, number in connection.execute(
        select(tables.nice_classes).where(tables.nice_classes.c.row_id.in_(of_these))
    ):
        classes[row_id].append(NiceClass(number))
    for row_id, code in connection.execute(
        select(tables.vienna_codes).where(tables.vienna_codes.c.row_id.in_(of_these))
    ):
        codes[row_id].append(ViennaCode.parse(code))
    words = _words_read(connection, of_these)
    return {row.row_id: _mark(row, classes, codes, words) for row in rows}


def _words_read(connection: Connection, row_ids: Sequence[int]) -> dict[int, list[str]]:
    """Return the words that were read in the images of marks, in order of the alphabet."""
    table = tables.mark_words
    were_read = (table.c.row_id.in_(row_ids), table.c.source != OF_NAME, table.c.word != "")
    words: dict[int, list[str]] = {row_id: [] for row_id in row_ids}
    for row_id, word in connection.execute(
        select(table.c.row_id, table.c.word).where(*were_read).order_by(table.c.word)
    ):
        words[row_id].append(word)
    return words


def _mark(
    row: Any,
    classes: Mapping[int, list[NiceClass]],
    codes: Mapping[int, list[ViennaCode]],
    words: Mapping[int, list[str]],
) -> Mark:
    metadata = MarkMetadata(
        name=row.name,
        applicant=row.applicant,
        office=row.office,
        status=row.status,
        application_date=row.application_date,
        nice_classes=tuple(sorted(classes[row.row_id])),
        vienna_codes=tuple(sorted(codes[row.row_id])),
        mark_feature=row.mark_feature,
    )
    return Mark(row.mark_id, metadata, row.image_sha256, tuple(words[row.row_id]))
