"""The drawings that teach and judge concepts: chosen from the icon sets, named, drawn, and seen as by the encoder.

A folder holds `drawings.tsv`, one drawing a line, and its views `colored.npy` (drawings, 128, 128, 3) and `inked.npy`
(drawings, 128, 128), ink at 255.
"""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Self

import numpy as np
import resvg_py
from numpy.typing import NDArray
from PIL import Image

from models.image_search.concepts import read_name, tags_of
from models.image_search.icon_sets import Icon, IconSet, Role, read_icons
from models.image_search.npm_packages import PackageFolder
from models.image_search.wordnet import WordNet
from services.image_search.concept_views import ConceptViews, make_concept_views
from services.image_search.views import VIEW_SIDE

_SIDE_PIXELS = 160
_MOST_STYLES = 3  # of one thing in one set: outline and fill teach that the manner does not matter
_HEADING = ("set", "icon", "concept", "role", "is_apart", "is_first", "tags")
_TABLE = "drawings.tsv"
_FRAME = 0.04  # of the side, left white around the icon

Pixels = NDArray[np.uint8]


@dataclass(frozen=True)
class Drawing:
    """One icon by the concept that its name says; `is_first` marks the one of its set that is judged by."""

    set_name: str
    icon: str
    concept: str
    role: Role
    is_apart: bool
    is_first: bool
    tags: tuple[str, ...]

    @property
    def is_judged(self) -> bool:
        """Tell whether it stands in the gallery: one drawing a concept and hand."""
        return self.is_first and self.role.is_judged


@dataclass(frozen=True)
class DrawingSet:
    """The folder."""

    folder: Path

    @cached_property
    def drawings(self) -> Sequence[Drawing]:
        """Return every drawing, in the order of the views."""
        with (self.folder / _TABLE).open(newline="") as stream:
            return [_drawing(row) for row in csv.DictReader(stream, delimiter="\t")]

    @cached_property
    def colored(self) -> Pixels:
        """Return the views in color, mapped from the disk."""
        views: Pixels = np.load(self.folder / "colored.npy", mmap_mode="r")
        return views

    @cached_property
    def inked(self) -> Pixels:
        """Return the views of the ink, mapped from the disk."""
        views: Pixels = np.load(self.folder / "inked.npy", mmap_mode="r")
        return views

    @classmethod
    def make(cls, folder: Path, chosen: Sequence[tuple[Drawing, str]], report: Callable[[int], None]) -> Self:
        """Draw and write what `choose` chose; what shows nothing is left out. `report` is told how many are done."""
        folder.mkdir(parents=True, exist_ok=True)
        made: list[Drawing] = []
        shape = (len(chosen), VIEW_SIDE, VIEW_SIDE)
        colored = np.lib.format.open_memmap(folder / "all-colored.npy", "w+", np.uint8, (*shape, 3))
        inked = np.lib.format.open_memmap(folder / "all-inked.npy", "w+", np.uint8, shape)
        with ProcessPoolExecutor(2) as pool:
            for done, (pair, views) in enumerate(zip(chosen, pool.map(see, _svgs(chosen), chunksize=64), strict=True)):
                if views is not None:
                    colored[len(made)], inked[len(made)] = views.colored, views.inked
                    made.append(pair[0])
                report(done + 1)
        np.save(folder / "colored.npy", colored[: len(made)])
        np.save(folder / "inked.npy", inked[: len(made)])
        for name in ("all-colored.npy", "all-inked.npy"):
            (folder / name).unlink()
        _write_table(folder / _TABLE, made)
        return cls(folder)


def choose(sets: Iterable[IconSet], packages: PackageFolder, wordnet: WordNet) -> Iterator[tuple[Drawing, str]]:
    """Yield, of every set, up to three drawings of each concept with their SVG, the plainest name first."""
    for icon_set in sets:
        counts: dict[str, int] = {}
        for icon in sorted(read_icons(icon_set, packages), key=lambda icon: (len(icon.name), icon.name)):
            drawing = _named(icon, icon_set, wordnet, counts)
            if drawing:
                yield drawing, icon.svg


def draw(svg: str) -> Pixels | None:
    """Draw an icon on white with a narrow margin; None where the renderer refuses it."""
    try:
        data = bytes(resvg_py.svg_to_bytes(svg_string=svg, width=_SIDE_PIXELS, background="#ffffff"))
    except ValueError:
        return None
    drawn = Image.open(io.BytesIO(data)).convert("RGB")
    margin = round(_FRAME * _SIDE_PIXELS)
    paper = Image.new("RGB", (drawn.width + 2 * margin, drawn.height + 2 * margin), "white")
    paper.paste(drawn, (margin, margin))
    return np.asarray(paper)


def see(svg: str) -> ConceptViews | None:
    """Draw an icon and see the whole of it as the encoder does; None where nothing is to be seen."""
    pixels = draw(svg)
    return None if pixels is None or pixels.min() > 200 else make_concept_views(pixels)[0]


def _named(icon: Icon, icon_set: IconSet, wordnet: WordNet, counts: dict[str, int]) -> Drawing | None:
    named = read_name(icon.name, wordnet)
    if named is None or counts.get(named.concept, 0) >= _MOST_STYLES:
        return None
    count = counts[named.concept] = counts.get(named.concept, 0) + 1
    tags = tuple(sorted(set(tags_of(icon.other_names, wordnet)) - {named.concept}))
    return Drawing(icon_set.name, icon.name, named.concept, icon_set.role, named.is_apart, count == 1, tags)


def _svgs(chosen: Sequence[tuple[Drawing, str]]) -> Iterator[str]:
    return (svg for _, svg in chosen)


def _drawing(row: dict[str, str]) -> Drawing:
    tags = tuple(row["tags"].split("|")) if row["tags"] else ()
    flags = (row["is_apart"] == "1", row["is_first"] == "1")
    return Drawing(row["set"], row["icon"], row["concept"], Role(row["role"]), *flags, tags)


def _write_table(file: Path, drawings: Iterable[Drawing]) -> None:
    with file.open("w", newline="") as stream:
        writer = csv.writer(stream, delimiter="\t", lineterminator="\n")
        writer.writerow(_HEADING)
        for each in drawings:
            flags = (int(each.is_apart), int(each.is_first))
            writer.writerow((each.set_name, each.icon, each.concept, each.role, *flags, "|".join(each.tags)))
