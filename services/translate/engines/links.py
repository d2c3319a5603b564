"""Which word of a translation comes from which word of the source, told from where the decoder looked."""

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from services.translate.engines.vocabulary import PieceText, Span

# Punctuation belongs to a word inside it only: 2.5
_WORD: Final = re.compile(r"[^\s.,;:!?]+(?:[.,:][^\s.,;:!?]+)*")


def links(source: PieceText, target: PieceText, looked_at: Sequence[int]) -> Iterator[tuple[Span, Span]]:
    """Link each word of the target to the source word that most of its pieces looked at; the end is no word."""
    source_words = _words_of_pieces(source)
    votes: dict[Span, Counter[Span]] = {}
    for target_word, index in zip(_words_of_pieces(target), looked_at, strict=True):
        source_word = source_words[index] if index < len(source_words) else None
        if target_word and source_word:
            votes.setdefault(target_word, Counter())[source_word] += 1
    for target_word, counts in votes.items():
        yield max(counts, key=counts.__getitem__), target_word


def _words_of_pieces(pieces: PieceText) -> list[Span | None]:
    """Give the word in which each piece ends."""
    words = [match.span() for match in _WORD.finditer(pieces.text)]
    starts = [start for start, _ in words]
    found = (words[max(0, bisect_right(starts, end - 1) - 1)] if words else (0, 0) for _, end in pieces.spans)
    return [word if word[0] < end <= word[1] else None for word, (_, end) in zip(found, pieces.spans, strict=True)]
