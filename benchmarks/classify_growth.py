"""Whether the time of an answer grows with the number of symbols: the installed model, cut to ever more sections."""

import shutil
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.classify_answers import answer, open_classifier
from benchmarks.classify_stages import Tick
from examkit.artifact import hash_files, read_manifest, write_manifest
from services.classify.engine import Classifier
from services.classify.index import read_label_tree
from services.classify.ipc import Level
from services.classify.text import PatentText

_MODEL: Final = "ipc-classifier"
_SYMBOLS_FILE: Final = "symbols.tsv"
_SECTIONS: Final = ("A", "AB", "ABCD", "ABCDEFGH")
TREES: Final = len(_SECTIONS)
# What the columns of an index stand for, where they are symbols.
_COLUMNS: Final = {"titles": Level.MAIN_GROUP, "linear": Level.SUBCLASS, "group-titles": Level.SUBGROUP}
# Which other arrays have an axis of symbols, by the names of their files.
_ARRAYS: Final = (
    ("linear-bias", Level.SUBCLASS, 0),
    ("title-weights", Level.MAIN_GROUP, 0),
    ("path-lengths", Level.SUBGROUP, 0),
    ("*-subclass-*", Level.SUBCLASS, -1),
    ("*-main-group-*", Level.MAIN_GROUP, -1),
    ("text-encoder-*-titles*", Level.SUBGROUP, 0),
)
_LEVELS: Final = (Level.SUBCLASS, Level.MAIN_GROUP, Level.SUBGROUP)
_DOCUMENTS: Final = 60

Kept = Mapping[Level, NDArray[np.bool_]]


@dataclass(frozen=True)
class Cost:
    """Median milliseconds of processor time of an answer that ranks so many symbols."""

    symbols: int
    milliseconds: float


@dataclass(frozen=True)
class Growth:
    """The cost of answers at one level by the size of the tree, and the straight line through it.

    `microseconds_per_symbol` is the slope: what one more symbol costs; `milliseconds_without` what is paid anyway.
    """

    level: str
    costs: Sequence[Cost]
    microseconds_per_symbol: float
    milliseconds_without: float


def measure_growth(artifacts: Path, texts: Sequence[PatentText], tick: Tick) -> list[Growth]:
    """Answer the same texts with trees of 1, 2, 4 and 8 sections; `tick` is called after each."""
    found: dict[Level, list[Cost]] = {level: [] for level in _LEVELS}
    for sections in _SECTIONS:
        with TemporaryDirectory() as folder:
            sizes = write_cut(artifacts, Path(folder), sections)
            classifier = open_classifier(Path(folder))
        for level in _LEVELS:
            found[level].append(Cost(sizes[level], _milliseconds(classifier, texts[:_DOCUMENTS], level)))
        tick(1)
    return [growth_of(level, costs) for level, costs in found.items()]


def growth_of(level: Level, costs: Sequence[Cost]) -> Growth:
    """Fit a straight line to costs, by least squares."""
    slope, rest = np.polyfit([cost.symbols for cost in costs], [cost.milliseconds for cost in costs], 1)
    return Growth(level, costs, round(1000 * float(slope), 3), round(float(rest), 2))


def write_cut(artifacts: Path, target: Path, sections: str) -> Mapping[Level, int]:
    """Write the installed artifacts anew with only some sections in the classifier; return its symbols by level.

    What the model knows of terms and documents stays.
    """
    for folder in artifacts.iterdir():
        if folder.is_dir() and folder.name != _MODEL:
            (target / folder.name).symlink_to(folder.resolve())
    source, model = artifacts / _MODEL, target / _MODEL
    shutil.copytree(source, model)
    tree = read_label_tree(source / _SYMBOLS_FILE)
    kept = {level: np.array([text[0] in sections for text in tree.at(level)], bool) for level in Level}
    _cut_tree(model, kept)
    for name, level in _COLUMNS.items():
        _cut_index(model, name, kept[level])
    _cut_arrays(model, kept)
    manifest = read_manifest(source)
    write_manifest(model, replace(manifest, files=hash_files(model, manifest.files)))
    return {level: int(mask.sum()) for level, mask in kept.items()}


def _cut_tree(model: Path, kept: Kept) -> None:
    file = model / _SYMBOLS_FILE
    lines = zip(file.read_text("utf-8").splitlines(), kept[Level.SUBGROUP], strict=True)
    file.write_text("\n".join(line for line, is_kept in lines if is_kept), "utf-8")


def _cut_index(model: Path, name: str, kept: NDArray[np.bool_]) -> None:
    """Drop columns of an index: it has the number of entries of each term, their columns and their weights."""
    counts, columns, weights = (np.load(model / f"{name}-{part}.npy") for part in ("counts", "columns", "weights"))
    terms = np.repeat(np.arange(len(counts)), counts)
    is_left = kept[columns]
    numbers = np.cumsum(kept) - 1
    np.save(model / f"{name}-counts.npy", np.bincount(terms[is_left], minlength=len(counts)).astype(counts.dtype))
    np.save(model / f"{name}-columns.npy", numbers[columns[is_left]].astype(columns.dtype))
    np.save(model / f"{name}-weights.npy", weights[is_left])


def _cut_arrays(model: Path, kept: Kept) -> None:
    for pattern, level, axis in _ARRAYS:
        for file in model.glob(f"{pattern}.npy"):
            np.save(file, np.compress(kept[level], np.load(file), axis=axis))


def _milliseconds(classifier: Classifier, texts: Sequence[PatentText], level: Level) -> float:
    return round(1000 * float(np.median([_seconds(classifier, text, level) for text in texts])), 2)


def _seconds(classifier: Classifier, text: PatentText, level: Level) -> float:
    started = time.process_time()
    answer(classifier, text, level)
    return time.process_time() - started
