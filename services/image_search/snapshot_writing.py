"""Write a snapshot: learn codes and lists from a sample, take marks in batch by batch, measure, and name the files."""

from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

import numpy as np

from examkit.files import put_on_disk
from services.image_search.index import ROWS_A_LIST, Face, ListedTable, owners_of, rows_of
from services.image_search.portraits import Portraits
from services.image_search.quantization import Scale
from services.image_search.recall import Setting, choose_probes
from services.image_search.snapshot import FORMAT, MANIFEST, Manifest, Snapshot, columns, scale_file, table_file

EXACT_UP_TO: Final = 100_000  # marks; every row is looked at
_MOST_LISTS: Final = 8192
_ROWS_LEARNED: Final = 16_384  # that codes are learned from, at most, where there is one list


@dataclass(frozen=True)
class Making:
    """What a snapshot is made of: by what encoders, from which change on it is behind, how many marks about."""

    signature: str
    change: int
    marks: int


class SnapshotWriter:
    """Files of a snapshot in a folder that is there and empty; nothing is a snapshot before `finish`."""

    def __init__(self, folder: Path, making: Making, sample: Portraits) -> None:
        """Learn from a sample of the marks."""
        self._folder, self._making = folder, making
        self._dims = {"shape": sample.shape.shape[1], "color": sample.colors.shape[1]}
        self._dims["concept"] = sample.concepts.shape[1]
        self._scales = {
            "shape": Scale.fitted(sample.shape),
            "color": Scale.fitted(sample.colors),
            "concept": Scale.fitted(sample.concepts[sample.has_concept]),
        }
        self._tables = {face: _new_table(face, sample, making.marks) for face in Face}
        self._marks = self._rows = 0

    def write(self, batches: Iterable[Portraits]) -> None:
        """Take all marks in, in order of their rows."""
        with ExitStack() as files:
            opened = {
                name: files.enter_context((self._folder / column.file).open("wb"))
                for name, column in columns(self._dims).items()
            }
            for batch in batches:
                self._write_batch(opened, batch)
        for face, table in self._tables.items():
            table.write(self._folder / table_file(face))

    def finish(self) -> Snapshot:
        """Choose and measure how many lists are looked at; make the folder a snapshot, safe on disk."""
        for name, scale in self._scales.items():
            np.save(self._folder / scale_file(name), np.stack([scale.low, scale.step]))
        self._write_manifest({face: Setting(table.lists, 1) for face, table in self._tables.items()})
        self._write_manifest(choose_probes(Snapshot(self._folder)))
        _sync(self._folder)
        return Snapshot(self._folder)

    def _write_batch(self, files: Mapping[str, IO[bytes]], batch: Portraits) -> None:
        values = {
            "row_ids": batch.row_ids,
            "counts": batch.counts,
            "views": batch.views,
            "has_concept": batch.has_concept,
            "colors": self._scales["color"].encode(batch.colors),
            "concepts": self._scales["concept"].encode(batch.concepts),
            "shape": self._scales["shape"].encode(batch.shape),
            "places": batch.places,
        }
        for name, column in columns(self._dims).items():
            files[name].write(np.ascontiguousarray(values[name], column.dtype).tobytes())
        for face, table in self._tables.items():
            table.add(rows_of(batch, face), self._marks + owners_of(batch, face))
        self._marks += len(batch)
        self._rows += len(batch.shape)

    def _write_manifest(self, settings: dict[Face, Setting]) -> None:
        sizes = {file.name: file.stat().st_size for file in self._folder.iterdir() if file.name != MANIFEST}
        manifest = Manifest(
            format=FORMAT,
            signature=self._making.signature,
            change=self._making.change,
            marks=self._marks,
            rows=self._rows,
            dims=self._dims,
            probes={face.value: setting.probes for face, setting in settings.items()},
            recalls={face.value: setting.recall for face, setting in settings.items()},
            sizes=sizes,
        )
        (self._folder / MANIFEST).write_text(manifest.model_dump_json(indent=2))


def _new_table(face: Face, sample: Portraits, marks: int) -> ListedTable:
    """Return an empty table for the rows of so many marks, given some of them.

    Marks lie close to one another by color, so that it takes finer codes to tell them apart.
    """
    rows = rows_of(sample, face)
    expected = max(1.0, len(rows) * marks / len(sample))
    lists = 1 if marks <= EXACT_UP_TO else min(_MOST_LISTS, 2 ** int(np.log2(expected**0.5)))
    learned = rows[: max(_ROWS_LEARNED, ROWS_A_LIST * lists)]
    return ListedTable.trained(learned, lists, most_a_code=1 if face is Face.COLOR else 4)


def _sync(folder: Path) -> None:
    """Bring the files and their names to the disk."""
    for path in [*folder.iterdir(), folder]:
        put_on_disk(path)
