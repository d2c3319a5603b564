"""The parts of an `ipc-classifier` artifact, read once and ready to compute with."""

import gzip
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any, Final, Self

import numpy as np

from services.classify.calibration import Calibration, Floats, StackWeights, TextKind
from services.classify.dense import DenseMemory, meaning_of
from services.classify.encoder import Encoder
from services.classify.index import LabelTree, TermIndex, read_index, read_label_tree
from services.classify.ipc import Level
from services.classify.neighbours import Catalogue, Nearest, Neighbours
from services.classify.scoring import Counts, DenseSignals, GroupTitles, Scorer, Signals, Votes
from services.classify.terms import TermVector
from services.classify.text import PatentText
from services.classify.vocabulary import Vocabulary

FORMAT: Final = "ipc-classifier"
FORMAT_VERSION: Final = 3
STACK_FILE: Final = "stack.json"
SCALES_FILE: Final = "scales.json"
# The encoder that reads each kind of text; its memory in the artifact bears the same name.
ENCODERS: Final = {
    TextKind.ENGLISH: "text-encoder-english",
    TextKind.ENGLISH_SHORT: "text-encoder-english",
    TextKind.CJK: "text-encoder-multilingual",
    TextKind.OTHER: "text-encoder-multilingual",
    TextKind.OTHER_SHORT: "text-encoder-multilingual",
}
TERMS_POWER: Final = 2
# The closest in meaning count far more than the merely related, whose cosines are high too.
DENSE_POWER: Final = 4
_VOTED: Final = (Level.SUBCLASS, Level.MAIN_GROUP, Level.SUBGROUP)


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
    dense: Mapping[str, DenseMemory]

    @classmethod
    def read(cls, folder: Path, encoders: Iterable[str] = ()) -> Self:
        """Read the files of an artifact's folder, with its memories of the encoders named."""
        scales: Mapping[str, float] = json.loads((folder / SCALES_FILE).read_bytes())
        terms = gzip.decompress((folder / "terms.txt.gz").read_bytes()).decode().split("\n")
        tree = read_label_tree(folder / "symbols.tsv")
        catalogue = Catalogue.read(folder / "documents.tsv.gz")
        translations = np.load(folder / "translations.npy").astype(np.int64)
        widths = {
            "documents": len(catalogue),
            "translations": len(translations),
            "titles": len(tree.main_groups),
            "linear": len(tree.subclasses),
            "group-titles": len(tree.groups),
        }
        indexes = {name: read_index(folder, name, columns=width, scale=scales[name]) for name, width in widths.items()}
        texts = indexes["documents"].beside(indexes["translations"]).beside(indexes["titles"])
        neighbours = Neighbours(texts, catalogue, translations, tree)
        group_titles = GroupTitles(indexes["group-titles"], np.load(folder / "path-lengths.npy"), tree)
        return cls(
            Vocabulary(terms, np.load(folder / "rarities.npy").astype(np.float32)),
            tree,
            neighbours,
            neighbours.centroids(np.load(folder / "title-weights.npy")),
            indexes["linear"],
            np.load(folder / "linear-bias.npy"),
            Scorer(tree, _counts(neighbours), group_titles),
            {name: DenseMemory.read(folder, name) for name in encoders},
        )

    def dense_signals(self, encoders: Mapping[str, Encoder], kind: TextKind, text: PatentText) -> DenseSignals | None:
        """Compare a text's embedding with the memory of its kind's encoder; None where there is no such encoder."""
        encoder = encoders.get(ENCODERS[kind])
        if encoder is None:
            return None
        memory, embedding = self.dense[encoder.name], encoder.encode(meaning_of(text))
        nearest = Nearest(*memory.nearest(embedding))
        return DenseSignals(embedding, memory, nearest, self._votes(nearest, DENSE_POWER))

    def signals(self, vector: TermVector, dense: DenseSignals | None = None) -> tuple[Signals, Nearest]:
        """Compare a text with everything in the model's memory; what its embedding found is passed on."""
        cosines = self.neighbours.index.scores(vector)
        nearest = self.neighbours.nearest(cosines)
        signals = Signals(
            vector,
            self.centroids.scores(vector),
            cosines[self.neighbours.first_title :],
            self.linear.scores(vector) + self.bias,
            self._votes(nearest, TERMS_POWER),
            dense,
        )
        return signals, nearest

    def _votes(self, nearest: Nearest, power: int) -> Votes:
        return cache(partial(self.neighbours.votes, nearest, power=power))


@dataclass(frozen=True)
class Stack:
    """The fitted weights of every kind of text, without an embedding and with one."""

    terms: Mapping[TextKind, StackWeights]
    dense: Mapping[TextKind, StackWeights]

    def of(self, kind: TextKind, signals: Signals) -> StackWeights:
        """Return the weights for the signals of a text."""
        return self.dense[kind] if signals.dense else self.terms[kind]


def read_stack(file: Path) -> Stack:
    """Read the fitted weights."""
    raw: Mapping[str, Mapping[str, Any]] = json.loads(file.read_bytes())
    modes = ({TextKind(kind): _stack_weights(each) for kind, each in raw[mode].items()} for mode in ("terms", "dense"))
    return Stack(*modes)


def _stack_weights(raw: Mapping[str, Any]) -> StackWeights:
    calibrations = {level: Calibration(*numbers) for level, numbers in raw["calibrations"].items()}
    subclass, main_group, subgroup = (np.array(raw[name], np.float32) for name in ("subclass", "mainGroup", "subgroup"))
    return StackWeights(subclass, main_group, subgroup, calibrations)


def _counts(neighbours: Neighbours) -> Counts:
    subclass, main_group, group = (neighbours.counts(level) for level in _VOTED)
    return Counts(*(np.log1p(each).astype(np.float32) for each in (subclass, main_group, group)))
