"""A Marian student from its artifact: vocabulary, embeddings, lexical shortlist and the two graphs of the network.

The only importer of the runtimes (ONNX Runtime, SentencePiece); arrays go in and come out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import sentencepiece
from numpy.typing import NDArray

from examkit.artifact import Artifact
from examkit.inference import open_session

FORMAT: Final = "marian-student"
FORMAT_VERSION: Final = 1
# Pieces longer than this are never given to the network: attention takes memory with the square of the length.
MOST_SOURCE_PIECES: Final = 511
_MOST_POSITIONS: Final = 1100
_NEVER: Final = np.float32(-1e9)

Floats = NDArray[np.float32]
Ids = NDArray[np.int64]
Span = tuple[int, int]


@dataclass(frozen=True)
class PieceText:
    """A text in pieces of the vocabulary: their ids and, for each, the characters of the text that it stands for."""

    text: str
    ids: tuple[int, ...]
    spans: tuple[Span, ...]


@dataclass(frozen=True)
class Context:
    """What the decoder looks at: the mask (batch, 1, 1, length) and, layer by layer, keys and values."""

    mask: Floats
    keys_and_values: tuple[Floats, ...]

    def rows(self, kept: NDArray[np.bool_]) -> "Context":
        """Keep some of the sentences."""
        return Context(self.mask[kept], tuple(array[kept] for array in self.keys_and_values))


@dataclass(frozen=True)
class Choices:
    """A batch's target pieces: ids and bias (choices), int8 embeddings (dimension, choices), mask (batch, choices)."""

    ids: Ids
    embeddings: NDArray[np.int8]
    bias: Floats
    mask: Floats

    def rows(self, kept: NDArray[np.bool_]) -> "Choices":
        """Keep some of the sentences."""
        return Choices(self.ids, self.embeddings, self.bias, self.mask[kept])


@dataclass(frozen=True)
class Step:
    """Result of one decoder step: pieces, log-probabilities (batch), attention (batch, length), states by layer."""

    pieces: Ids
    log_probabilities: Floats
    attention: Floats
    states: tuple[Floats, ...]


class Vocabulary:
    """The SentencePiece vocabulary that both languages share."""

    def __init__(self, file: Path) -> None:
        self._processor: Any = sentencepiece.SentencePieceProcessor(model_file=str(file))
        self.end_id: int = self._processor.eos_id()
        self.unknown_id: int = self._processor.unk_id()
        self._kept: dict[str, bool] = {}

    def encode(self, text: str) -> PieceText:
        """Cut a text into pieces."""
        return _piece_text(self._processor.encode(text, return_type="offset_mapping"), text)

    def decode(self, ids: Sequence[int]) -> PieceText:
        """Put pieces together."""
        mapping = self._processor.decode(list(ids), return_type="offset_mapping")
        return _piece_text(mapping, mapping["text"])

    def keeps(self, character: str) -> bool:
        """Tell whether a character comes back as itself, neither unknown nor normalized into another."""
        if character not in self._kept:
            self._kept[character] = self._processor.decode(self._processor.encode(character)) == character
        return self._kept[character]


class Student:
    """The network of one language pair; every method is safe to call from several threads."""

    def __init__(self, artifact: Artifact) -> None:
        properties = artifact.manifest.properties
        self.vocabulary = Vocabulary(artifact.file("vocab.spm"))
        self._layers = int(properties["decoder_layers"])
        self._dimension = int(properties["dimension"])
        self._always_allowed = int(properties["always_allowed_pieces"])
        self._scale = np.float32(self._dimension**0.5 / float(properties["embedding_multiplier"]))
        self._embedding: NDArray[np.int8] = np.load(artifact.file("embedding.npy"), mmap_mode="r")
        self._bias: Floats = np.load(artifact.file("output_bias.npy"))
        self._offsets = np.load(artifact.file("shortlist_offsets.npy"))
        self._entries = np.load(artifact.file("shortlist_entries.npy"), mmap_mode="r")
        self._positions = _positions(_MOST_POSITIONS, self._dimension)
        self._encoder = open_session(artifact.file("encoder.onnx"))
        self._step = open_session(artifact.file("step.onnx"))
        self._step_outputs = [output.name for output in self._step.get_outputs()]

    def encode(self, sources: Sequence[Sequence[int]]) -> Context:
        """Run the encoder over sentences of piece ids, each ended by the end piece."""
        length = max(map(len, sources))
        ids = np.full((len(sources), length), self.vocabulary.end_id, np.int64)
        mask = np.full((len(sources), 1, 1, length), _NEVER, np.float32)
        for row, source in enumerate(sources):
            ids[row, : len(source)] = source
            mask[row, ..., : len(source)] = 0
        embedded = self._embedding[ids] * self._scale + self._positions[:length]
        return Context(mask, tuple(self._encoder.run(None, {"embedded": embedded, "mask": mask})))

    def choices(self, sources: Sequence[Sequence[int]]) -> Choices:
        """Give the pieces that the lexical shortlist allows each sentence, whatever else is in its batch."""
        allowed = np.zeros((len(sources), len(self._bias)), np.bool_)
        allowed[:, : self._always_allowed] = True
        for row, source in enumerate(sources):
            for piece in set(source):
                allowed[row, self._entries[self._offsets[piece] : self._offsets[piece + 1]]] = True
        allowed[:, self.vocabulary.unknown_id] = False
        ids = np.flatnonzero(allowed.any(axis=0))
        mask = np.where(allowed[:, ids], np.float32(0), _NEVER)
        return Choices(ids, np.ascontiguousarray(self._embedding[ids].T), self._bias[ids], mask)

    def first_states(self, batch: int) -> tuple[Floats, ...]:
        """Give the decoder's states before its first step."""
        return tuple(np.zeros((batch, self._dimension), np.float32) for _ in range(self._layers))

    def first_inputs(self, batch: int) -> Floats:
        """Give the decoder's input before any piece is chosen: no embedding, the first position."""
        return np.repeat(self._positions[:1], batch, axis=0)

    def inputs(self, pieces: Ids, position: int) -> Floats:
        """Give the decoder's input (batch, dimension) after the pieces chosen last; `position` counts steps done."""
        inputs: Floats = self._embedding[pieces] * self._scale + self._positions[position]
        return inputs

    def step(self, inputs: Floats, states: Sequence[Floats], context: Context, choices: Choices) -> Step:
        """Choose each sentence's next piece."""
        feed = {
            "embedded": inputs,
            "mask": context.mask,
            "candidates": choices.embeddings,
            "candidate_bias": choices.bias,
            "choice_mask": choices.mask,
        }
        for layer in range(self._layers):
            feed[f"state_{layer + 1}"] = states[layer]
            feed[f"keys_{layer + 1}"], feed[f"values_{layer + 1}"] = context.keys_and_values[2 * layer : 2 * layer + 2]
        best, log_probabilities, attention, *next_states = self._step.run(self._step_outputs, feed)
        return Step(choices.ids[best], log_probabilities, attention, tuple(next_states))


def _piece_text(mapping: Any, text: str) -> PieceText:
    return PieceText(text, tuple(mapping["ids"]), tuple(mapping["offsets"]))


def _positions(count: int, dimension: int) -> Floats:
    """Give Marian's sinusoid positions (count, dimension): first half sines, second half cosines."""
    half = dimension // 2
    rates = 10000.0 ** (-np.arange(half) / (half - 1))
    angles = np.arange(count)[:, None] * rates
    return np.concatenate([np.sin(angles), np.cos(angles)], axis=1).astype(np.float32)
