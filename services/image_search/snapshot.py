"""A snapshot of an index: a folder of files that are mapped into memory and never change, so that any may read it."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, ValidationError

from services.image_search.index import Bitmap, Face, ListedTable, QueryRows
from services.image_search.portrait import PLACE
from services.image_search.portraits import Portraits, RowIds, spread
from services.image_search.quantization import Scale

FORMAT: Final = 1
MANIFEST: Final = "snapshot.json"
_SPARE: Final = 4  # times as many marks are named as are asked for, since codes order them only nearly

Positions = NDArray[np.int64]


class UnusableSnapshotError(Exception):
    """A snapshot is damaged, or is not of the kind that is asked for."""


class Manifest(BaseModel):
    """What a snapshot holds; `recalls` is the share of the ten nearest marks that is found, by the face searched."""

    model_config = ConfigDict(frozen=True)

    format: int
    signature: str
    change: int
    marks: int
    rows: int
    dims: dict[str, int]
    probes: dict[str, int]
    recalls: dict[str, float]
    sizes: dict[str, int]


@dataclass(frozen=True)
class Column:
    """One number, or one row of numbers, of every mark or of every row of shape."""

    file: str
    dtype: Any
    width: int = 1
    is_of_rows: bool = False


def columns(dims: Mapping[str, int]) -> dict[str, Column]:
    """Return the columns by what they hold, given the lengths of rows of shape, color and concept."""
    return {
        "row_ids": Column("row_ids", np.int64),
        "counts": Column("counts", np.uint8),
        "views": Column("views", np.uint8),
        "has_concept": Column("has_concept", np.bool_),
        "colors": Column("colors", np.uint8, dims["color"]),
        "concepts": Column("concepts", np.uint8, dims["concept"]),
        "shape": Column("shape", np.uint8, dims["shape"], is_of_rows=True),
        "places": Column("places", PLACE, is_of_rows=True),
    }


def table_file(face: Face) -> str:
    """Return the name of the file in which candidates by a face are found."""
    return f"{face.value}.faiss"


def scale_file(name: str) -> str:
    """Return the name of the file with what the codes of shape, color or concept stand for."""
    return f"{name}-scale.npy"


class Snapshot:
    """The marks of a register as they were at a change; a mark is named by its position."""

    def __init__(self, folder: Path) -> None:
        """Map a folder; raise UnusableSnapshotError when it is not whole, FileNotFoundError when it is gone."""
        self.manifest = _read_manifest(folder)
        named = columns(self.manifest.dims)
        self._columns = {name: self._mapped(folder, column) for name, column in named.items()}
        self.row_ids: RowIds = self._columns["row_ids"]
        scales = {name: np.load(folder / scale_file(name), allow_pickle=False) for name in self.manifest.dims}
        self._scales = {name: Scale(low, step) for name, (low, step) in scales.items()}
        self._tables = {face: ListedTable.opened(folder / table_file(face)) for face in Face}

    def __len__(self) -> int:
        """Return how many marks there are."""
        return self.manifest.marks

    def positions(self, row_ids: RowIds) -> Positions:
        """Return the positions of those of some rows that are here."""
        if len(self) == 0:
            return np.empty(0, np.int64)
        at = np.searchsorted(self.row_ids, row_ids).clip(max=len(self) - 1)
        return np.asarray(at[self.row_ids[at] == row_ids], np.int64)

    def lists(self, face: Face) -> int:
        """Return in how many lists the rows of a face lie."""
        return self._tables[face].lists

    def candidates(
        self, face: Face, queries: QueryRows, limit: int, chosen: Bitmap | None = None, probes: int | None = None
    ) -> Positions:
        """Return marks among which the best `limit` by a face are, as far as so many lists tell (None: as measured).

        `chosen` has a bit for each position, the lowest first.
        """
        if len(queries.rows) == 0:
            return np.empty(0, np.int64)
        looked_at = probes or self.manifest.probes[face.value]
        return self._tables[face].candidates(queries, _SPARE * limit, looked_at, chosen)

    def portraits(self, positions: Positions) -> Portraits:
        """Return marks, their numbers as near as the codes keep them."""
        column = self._columns
        counts = column["counts"][positions].astype(np.int64)
        rows = spread(self._starts[positions], counts)
        return Portraits(
            row_ids=self.row_ids[positions],
            counts=counts,
            views=column["views"][positions].astype(np.int64),
            shape=self._scales["shape"].decode(column["shape"][rows]),
            places=column["places"][rows],
            colors=self._scales["color"].decode(column["colors"][positions]),
            concepts=self._scales["concept"].decode(column["concepts"][positions]),
            has_concept=column["has_concept"][positions],
        )

    @cached_property
    def _starts(self) -> NDArray[np.int64]:
        counts = self._columns["counts"]
        return np.asarray(np.cumsum(counts, dtype=np.int64) - counts, np.int64)

    def _mapped(self, folder: Path, column: Column) -> NDArray[Any]:
        """Map a column; numpy cannot map one that is empty."""
        count = self.manifest.rows if column.is_of_rows else self.manifest.marks
        shape = (count,) if column.width == 1 else (count, column.width)
        if count == 0:
            return np.empty(shape, column.dtype)
        mapped = np.memmap(folder / column.file, column.dtype, "r", shape=shape)
        return np.asarray(mapped)


def _read_manifest(folder: Path) -> Manifest:
    try:
        manifest = Manifest.model_validate_json((folder / MANIFEST).read_bytes())
    except ValidationError as error:
        raise UnusableSnapshotError(str(error.error_count())) from None
    if manifest.format != FORMAT or any(
        (folder / name).stat().st_size != size for name, size in manifest.sizes.items()
    ):
        raise UnusableSnapshotError("format or size of a file")
    return manifest
