"""A SentencePiece vocabulary: texts to pieces and back, with the characters that each piece stands for."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sentencepiece

Span = tuple[int, int]


@dataclass(frozen=True)
class PieceText:
    """A text in pieces of a vocabulary: their ids and, for each, the characters of the text that it stands for."""

    text: str
    ids: tuple[int, ...]
    spans: tuple[Span, ...]


class Vocabulary:
    """The vocabulary of one language, or of two that share it."""

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

    def pieces_of(self, ids: Sequence[int]) -> list[str]:
        """Give pieces by their ids."""
        return [str(self._processor.id_to_piece(number)) for number in ids]

    def ids_of(self, pieces: Sequence[str]) -> list[int]:
        """Give ids of pieces; those that the vocabulary lacks are unknown."""
        return [int(self._processor.piece_to_id(piece)) for piece in pieces]

    def keeps(self, character: str) -> bool:
        """Tell whether a character comes back as itself, neither unknown nor normalized into another."""
        if character not in self._kept:
            self._kept[character] = self._processor.decode(self._processor.encode(character)) == character
        return self._kept[character]


def _piece_text(mapping: Any, text: str) -> PieceText:
    return PieceText(text, tuple(mapping["ids"]), tuple(mapping["offsets"]))
