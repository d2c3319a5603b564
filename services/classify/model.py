"""The parts of an `ipc-classifier` artifact, read once and ready to compute with."""

import gzip
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

import numpy as np

from services.classify.calibration import Calibration, Floats, StackWeights, TextKind
from services.classify.index import LabelTree, TermIndex, read_index, read_label_tree
from services.classify.ipc import Level
from services.classify.neighbours import Catalogue, Nearest, Neighbours
from services.classify.scoring import Counts, GroupTitles, Scorer, Signals
from services.classify.terms import TermVector
from services.classify.text import Vocabulary

FORMAT: Final = "ipc-classifier"
FORMAT_VERSION: Final = 1
STACK_FILE: Final = "stack.json"
SCALES_FILE: Final = "scales.json"


@dataclass(frozen=True)
class TermModel:
    """The parts of an `ipc-classifier` artifact, ready to compute with; the stack's fitted weights are kept apart."""

    vocabulary: Vocabulary
    tree: LabelTree
    neighbours: Neighbours
    centroids: TermIndex
    linear: TermIndex
    bias: Floats
    scorer: Scorer

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Read the files of an artifact's folder."""
        scales: Mapping[str, float] = json.loads((folder / SCALES_FILE).read_bytes())
        terms = gzip.decompress((folder / "terms.txt.gz").read_bytes()).decode().split("\n")
        tree = read_label_tree(folder / "symbols.tsv")
        catalogue = Catalogue.read(folder / "documents.tsv.gz")
        widths = {
            "documents": len(catalogue),
            "titles": len(tree.main_groups),
            "linear": len(tree.subclasses),
            "group-titles": len(tree.groups),
        }
        indexes = {name: read_index(folder, name, columns=width, scale=scales[name]) for name, width in widths.items()}
        neighbours = Neighbours(indexes["documents"].beside(indexes["titles"]), catalogue, tree)
        group_titles = GroupTitles(indexes["group-titles"], np.load(folder / "path-lengths.npy"), tree)
        return cls(
            Vocabulary(terms, np.load(folder / "rarities.npy").astype(np.float32)),
            tree,
            neighbours,
            neighbours.centroids(np.load(folder / "title-weights.npy")),
            indexes["linear"],
            np.load(folder / "linear-bias.npy"),
            Scorer(tree, _counts(neighbours), group_titles),
        )

    def signals(self, vector: TermVector) -> tuple[Signals, Nearest]:
        """Compare a text with everything in the model's memory."""
        cosines = self.neighbours.index.scores(vector)
        nearest = self.neighbours.nearest(cosines)
        signals = Signals(
            vector,
            self.centroids.scores(vector),
            cosines[self.neighbours.documents :],
            self.linear.scores(vector) + self.bias,
            self.neighbours.votes(nearest, Level.SUBCLASS),
            self.neighbours.votes(nearest, Level.MAIN_GROUP),
            self.neighbours.votes(nearest, Level.SUBGROUP),
        )
        return signals, nearest


def read_stack(file: Path) -> Mapping[TextKind, StackWeights]:
    """Read the fitted weights of every kind of text."""
    raw: Mapping[str, Any] = json.loads(file.read_bytes())
    return {TextKind(kind): _stack_weights(values) for kind, values in raw.items()}


def _stack_weights(raw: Mapping[str, Any]) -> StackWeights:
    calibrations = {level: Calibration(*numbers) for level, numbers in raw["calibrations"].items()}
    subclass, main_group, subgroup = (np.array(raw[name], np.float32) for name in ("subclass", "mainGroup", "subgroup"))
    return StackWeights(subclass, main_group, subgroup, calibrations)


def _counts(neighbours: Neighbours) -> Counts:
    documents = {level: labels[: neighbours.documents] for level, labels in neighbours.labels.items()}
    logs = {level: np.log1p(labels.sum(axis=0)).astype(np.float32) for level, labels in documents.items()}
    return Counts(*(np.asarray(logs[level]).ravel() for level in (Level.SUBCLASS, Level.MAIN_GROUP, Level.SUBGROUP)))
