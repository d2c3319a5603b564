"""A text encoder from its artifact: a text becomes one vector, and texts of like content have a high inner product."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

import numpy as np
import sentencepiece
from numpy.typing import NDArray
from tokenizers import Tokenizer

from examkit.artifact import Artifact, open_artifact
from examkit.errors import ArtifactError
from examkit.inference import open_session

FORMAT: Final = "text-encoder"
FORMAT_VERSION: Final = 1
GRAPH_FILE: Final = "encoder.onnx"
# An artifact has one of these two: word pieces as BERT has them, or pieces of a SentencePiece vocabulary.
WORD_PIECES_FILE: Final = "tokenizer.json"
SENTENCE_PIECES_FILE: Final = "vocabulary.spm"
# No language needs as many letters a token on average. What lies beyond cannot reach the network and is not tokenized,
# so that the time of an answer is bounded whatever is sent.
_LETTERS_PER_TOKEN: Final = 24

Vectors = NDArray[np.float32]
Tokenize = Callable[[str], Sequence[int]]


@dataclass(frozen=True)
class EncoderProperties:
    """What a manifest says of its encoder: `prefix` stands before every text, `languages` are those it was made for."""

    dimensions: int
    max_tokens: int
    prefix: str
    languages: tuple[str, ...]

    @classmethod
    def of(cls, raw: Mapping[str, Any]) -> Self:
        """Read the manifest's properties; raise ArtifactError when one is missing or no number."""
        try:
            numbers = int(raw["dimensions"]), int(raw["maxTokens"])
            return cls(*numbers, str(raw["prefix"]), tuple(map(str, raw["languages"])))
        except (KeyError, TypeError, ValueError) as error:
            raise ArtifactError(f"The text encoder's manifest cannot be used: {error}.") from None


class Encoder:
    """Turns texts into vectors of length 1; every method is safe to call from several threads."""

    def __init__(self, artifact: Artifact) -> None:
        self.name = artifact.manifest.name
        self.version = artifact.manifest.version
        self.properties = EncoderProperties.of(artifact.manifest.properties)
        self._tokenize = _tokenizer_of(artifact, self.properties.max_tokens)
        self._session = open_session(artifact.file(GRAPH_FILE))

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open an artifact folder; raise ArtifactError when it cannot be used."""
        return cls(open_artifact(path, format=FORMAT, format_version=FORMAT_VERSION))

    def encode(self, text: str) -> Vectors:
        """Return the vector (dimensions) of a text, of length 1; only its first tokens are read."""
        letters = text[: _LETTERS_PER_TOKEN * self.properties.max_tokens]
        # JSON can bring half a surrogate pair, which the tokenizer refuses.
        readable = letters.encode(errors="replace").decode()
        ids = self._tokenize(self.properties.prefix + readable)
        (vectors,) = self._session.run(["sentence_embedding"], {"input_ids": np.array([ids], np.int64)})
        return np.asarray(vectors[0], np.float32)

    def encode_all(self, texts: Sequence[str]) -> Vectors:
        """Return the vectors (texts, dimensions) of many texts, each what `encode` gives.

        One by one: the graph rounds its numbers by what is in a call, so that a text's vector would depend on its
        neighbours in a batch, and calls of many texts are no faster on a processor.
        """
        vectors = np.empty((len(texts), self.properties.dimensions), np.float32)
        for row, text in enumerate(texts):
            vectors[row] = self.encode(text)
        return vectors


def _tokenizer_of(artifact: Artifact, most_tokens: int) -> Tokenize:
    if SENTENCE_PIECES_FILE in artifact.manifest.files:
        return _sentence_pieces(artifact.file(SENTENCE_PIECES_FILE), most_tokens)
    return _word_pieces(artifact.file(WORD_PIECES_FILE), most_tokens)


def _word_pieces(file: Path, most_tokens: int) -> Tokenize:
    tokenizer = Tokenizer.from_file(str(file))
    tokenizer.no_padding()
    tokenizer.enable_truncation(most_tokens)

    def tokenize(text: str) -> Sequence[int]:
        ids: Sequence[int] = tokenizer.encode(text).ids
        return ids

    return tokenize


def _sentence_pieces(file: Path, most_tokens: int) -> Tokenize:
    """Read a vocabulary by SentencePiece: `tokenizers` can hold the same one, in five times the memory."""
    processor: Any = sentencepiece.SentencePieceProcessor(model_file=str(file))
    begin, end = processor.bos_id(), processor.eos_id()
    return lambda text: [begin, *processor.encode(text)[: most_tokens - 2], end]
