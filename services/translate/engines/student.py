"""A Marian student from its artifact: vocabularies, embeddings, lexical shortlist and the graphs of the network.

Arrays go in and come out; row i of each belongs to sentence i of a batch.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from examkit.artifact import Artifact
from examkit.inference import open_session
from services.translate.engines.vocabulary import Vocabulary

FORMAT: Final = "marian-student"
FORMAT_VERSION: Final = 2
# Pieces longer than this are never given to the network: attention takes memory with the square of the length.
MOST_SOURCE_PIECES: Final = 511
_MOST_POSITIONS: Final = 1100
_NEVER: Final = np.float32(-1e9)
# The decoder takes choices in runs of so many.
_RUN: Final = 64
# The encoder reads no more pieces at once: its arrays then stay in the processor's cache.
_MOST_PIECES_AT_ONCE: Final = 320

Bytes = NDArray[np.uint8]
Floats = NDArray[np.float32]
Ids = NDArray[np.int64]
Kept = NDArray[np.bool_] | NDArray[np.int64]


@dataclass(frozen=True)
class Context:
    """What the decoder looks at: the mask (batch, 1, 1, length) and, by name, keys and values of each layer."""

    mask: Floats
    keys_and_values: Mapping[str, Floats]

    def rows(self, kept: Kept) -> "Context":
        """Keep some of the sentences, in a new order or several times where indexes say so."""
        return Context(self.mask[kept], {name: array[kept] for name, array in self.keys_and_values.items()})


@dataclass(frozen=True)
class Choices:
    """A batch's target pieces: ids (choices), bytes of both tables (choices, dimension), bias (batch, choices)."""

    ids: Ids
    candidates: Bytes
    embeddings: Bytes
    bias: Floats

    def rows(self, kept: Kept) -> "Choices":
        """Keep some of the sentences; see Context."""
        return Choices(self.ids, self.candidates, self.embeddings, self.bias[kept])


@dataclass(frozen=True)
class Progress:
    """Where decoding is: how many steps are done, the last pieces' embeddings and, by name, each layer's state."""

    position: int
    piece: Floats
    states: Mapping[str, Floats]

    def rows(self, kept: Kept) -> "Progress":
        """Keep some of the sentences; see Context."""
        return Progress(self.position, self.piece[kept], {name: array[kept] for name, array in self.states.items()})


@dataclass(frozen=True)
class Sentences:
    """Sentences that are being decoded."""

    context: Context
    choices: Choices
    progress: Progress

    def rows(self, kept: Kept) -> "Sentences":
        """Keep some of the sentences; see Context."""
        return self.after(self.progress, kept)

    def after(self, progress: Progress, kept: Kept) -> "Sentences":
        """Keep some of the sentences after some progress; see Context."""
        if np.array_equal(kept, np.arange(len(progress.piece))):
            return Sentences(self.context, self.choices, progress)
        return Sentences(self.context.rows(kept), self.choices.rows(kept), progress.rows(kept))


@dataclass(frozen=True)
class Steps:
    """Some steps of the decoder: pieces, their log-probabilities and where each looked, (steps, batch) each.

    What stands after a sentence's end means nothing.
    """

    pieces: Ids
    log_probabilities: Floats
    looked_at: Ids
    progress: Progress


@dataclass(frozen=True)
class Options:
    """How one step may go on: pieces, their log-probabilities and embeddings (batch, count, ...), best first.

    `looked_at` (batch) is the place that each row looks at; `progress` lacks the pieces still.
    """

    pieces: Ids
    log_probabilities: Floats
    embeddings: Floats
    looked_at: Ids
    progress: Progress


class Student:
    """The network of one language pair; every method is safe to call from several threads."""

    def __init__(self, artifact: Artifact) -> None:
        properties = artifact.manifest.properties
        own = artifact.manifest.files
        self.source = Vocabulary(artifact.file("vocab.spm"))
        self.target = Vocabulary(artifact.file("target_vocab.spm")) if "target_vocab.spm" in own else self.source
        self._layers = range(1, int(properties["decoder_layers"]) + 1)
        self._dimension = int(properties["dimension"])
        self._always_allowed = int(properties["always_allowed_pieces"])
        self._embedding = _table(artifact, "embedding.npy")
        self._target = _table(artifact, "target_embedding.npy") if "target_embedding.npy" in own else self._embedding
        self._output = _table(artifact, "output.npy") if "output.npy" in own else self._target
        self._bias: Floats = np.load(artifact.file("output_bias.npy"))
        self._offsets = np.load(artifact.file("shortlist_offsets.npy"))
        self._entries = _table(artifact, "shortlist_entries.npy")
        self._positions = _positions(_MOST_POSITIONS, self._dimension)
        self._encoder = open_session(artifact.file("encoder.onnx"))
        self._greedy = open_session(artifact.file("greedy.onnx"))
        self._step = open_session(artifact.file("step.onnx"))

    def keeps(self, character: str) -> bool:
        """Tell whether a character comes through as itself: the one vocabulary reads it, the other can write it."""
        return self.source.keeps(character) and (self.target is self.source or self.target.keeps(character))

    def begin(self, sources: Sequence[Sequence[int]]) -> Sentences:
        """Read sentences of source pieces, each ended by the end piece."""
        states = {f"state_{layer}": self._nothing(len(sources)) for layer in self._layers}
        progress = Progress(0, self._nothing(len(sources)), states)
        return Sentences(self.encode(sources), self.choices(sources), progress)

    def encode(self, sources: Sequence[Sequence[int]]) -> Context:
        """Run the encoder."""
        length = max(map(len, sources))
        ids = np.full((len(sources), length), self.source.end_id, np.int64)
        mask = np.full((len(sources), 1, 1, length), _NEVER, np.float32)
        for row, source in enumerate(sources):
            ids[row, : len(source)] = source
            mask[row, ..., : len(source)] = 0
        rows = max(1, _MOST_PIECES_AT_ONCE // length)
        parts = [self._encoded(ids[i : i + rows], mask[i : i + rows]) for i in range(0, len(sources), rows)]
        joined = (np.concatenate(arrays) if len(arrays) > 1 else arrays[0] for arrays in zip(*parts, strict=True))
        names = (f"{name}_{layer}" for layer in self._layers for name in ("keys", "values"))
        return Context(mask, dict(zip(names, joined, strict=True)))

    def choices(self, sources: Sequence[Sequence[int]]) -> Choices:
        """Give the pieces that the lexical shortlist allows each sentence, whatever else is in its batch."""
        allowed = np.zeros((len(sources), len(self._bias)), np.bool_)
        allowed[:, : self._always_allowed] = True
        for row, source in zip(allowed, sources, strict=True):
            row[np.concatenate([self._entries[slice(*self._offsets[i : i + 2])] for i in set(source)])] = True
        allowed[:, self.target.unknown_id] = False
        wanted = np.flatnonzero(allowed.any(axis=0))
        ids = np.concatenate([wanted, np.repeat(wanted[:1], -len(wanted) % _RUN)])
        bias = np.where(allowed[:, ids], self._bias[ids], _NEVER)
        bias[:, len(wanted) :] = _NEVER
        candidates = self._output[ids]
        return Choices(ids, candidates, candidates if self._output is self._target else self._target[ids], bias)

    def go_on(self, sentences: Sentences, most_steps: int, patience: int) -> Steps:
        """Choose the best pieces, until so many steps are done or more sentences have ended than `patience`."""
        progress = sentences.progress
        feed = self._feed(sentences) | {
            "positions": self._positions[progress.position : progress.position + most_steps],
            "finished": np.zeros(len(progress.piece), np.bool_),
            "end": np.asarray(np.flatnonzero(sentences.choices.ids == self.target.end_id)[0]),
            "patience": np.asarray(patience),
        }
        piece, *rest = self._greedy.run(None, feed)
        states, (chosen, log_probabilities, looked_at) = rest[:-3], rest[-3:]
        further = Progress(progress.position + len(chosen), piece, dict(zip(progress.states, states, strict=True)))
        return Steps(sentences.choices.ids[chosen], log_probabilities, looked_at, further)

    def options(self, sentences: Sentences, count: int) -> Options:
        """Give the best pieces that may come next."""
        progress = sentences.progress
        feed = self._feed(sentences) | {"position": self._positions[progress.position], "count": np.asarray([count])}
        chosen, log_probabilities, looked_at, embeddings, *states = self._step.run(None, feed)
        further = Progress(progress.position + 1, progress.piece, dict(zip(progress.states, states, strict=True)))
        return Options(sentences.choices.ids[chosen], log_probabilities, embeddings, looked_at, further)

    def _encoded(self, ids: Ids, mask: Floats) -> list[Floats]:
        feed = {"pieces": self._embedding[ids], "positions": self._positions[: ids.shape[1]], "mask": mask}
        arrays: list[Floats] = self._encoder.run(None, feed)
        return arrays

    def _nothing(self, batch: int) -> Floats:
        return np.zeros((batch, self._dimension), np.float32)

    def _feed(self, sentences: Sentences) -> dict[str, NDArray[Any]]:
        return {
            "mask": sentences.context.mask,
            **sentences.context.keys_and_values,
            "candidates": sentences.choices.candidates,
            "embeddings": sentences.choices.embeddings,
            "candidate_bias": sentences.choices.bias,
            "piece": sentences.progress.piece,
            **sentences.progress.states,
        }


def _table(artifact: Artifact, name: str) -> NDArray[Any]:
    """Map a file; as a plain array, which takes less time at each look than the class that NumPy has for maps."""
    file: Path = artifact.file(name)
    return np.asarray(np.load(file, mmap_mode="r"))


def _positions(count: int, dimension: int) -> Floats:
    """Give Marian's sinusoid positions (count, dimension): first half sines, second half cosines."""
    half = dimension // 2
    rates = 10000.0 ** (-np.arange(half) / (half - 1))
    angles = np.arange(count)[:, None] * rates
    return np.concatenate([np.sin(angles), np.cos(angles)], axis=1).astype(np.float32)
