"""Reads words as concepts: names and their other names in four languages, other English words by what is like them.

A vocabulary is three files of the concept encoder: `names.txt`, one a line, the concepts that were taught;
`words.tsv.gz`, a word or phrase and the lines of the names it stands for; `nouns.txt.gz`, other words, one a line.
"""

import gzip
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from services.image_search.folding import fold_text
from services.image_search.name_words import JOINING

NAMES_FILE: Final = "names.txt"
WORDS_FILE: Final = "words.tsv.gz"
NOUNS_FILE: Final = "nouns.txt.gz"
_LONGEST_PHRASE = 5
_MOST_LETTERS = 1000
_WORD = re.compile(r"[^\W\d_]+")
_SIGNS = re.compile(r"[,;:.!?/|+&()\[\]\n]+")


@dataclass(frozen=True)
class Match:
    """A part of a text that was read: the names it stands for, or else the noun that was not taught."""

    names: tuple[int, ...] = ()
    noun: int | None = None


@dataclass(frozen=True)
class Vocabulary:
    """What can be read."""

    names: Sequence[str]
    words: Mapping[str, tuple[int, ...]]
    nouns: Mapping[str, int]

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Read the three files."""
        rows = (line.split("\t") for line in _lines(folder / WORDS_FILE))
        return cls(
            (folder / NAMES_FILE).read_text("utf-8").splitlines(),
            {word: tuple(int(name) for name in names.split(",")) for word, names in rows},
            {noun: at for at, noun in enumerate(_lines(folder / NOUNS_FILE))},
        )

    def write(self, folder: Path) -> None:
        """Write what `read` reads; the same content gives the same files."""
        (folder / NAMES_FILE).write_text("".join(f"{name}\n" for name in self.names), "utf-8")
        rows = (f"{word}\t{','.join(map(str, names))}\n" for word, names in self.words.items())
        for name, lines in ((WORDS_FILE, rows), (NOUNS_FILE, (f"{noun}\n" for noun in self.nouns))):
            (folder / name).write_bytes(gzip.compress("".join(lines).encode(), mtime=0))

    def phrases(self, text: str) -> list[tuple[Match, ...]]:
        """Read a text from left to right, the longest name first; what stands for nothing is passed over.

        Words with no sign and no joining word between them are one phrase.
        """
        parts = (self._read(fold(part)) for part in _SIGNS.split(text[:_MOST_LETTERS]))
        return [phrase for part in parts for phrase in part]

    def _read(self, words: Sequence[str]) -> Iterator[tuple[Match, ...]]:
        phrase: list[Match] = []
        at = 0
        while at < len(words):
            length, match = self._longest(words[at : at + _LONGEST_PHRASE])
            if match:
                phrase.append(match)
            elif words[at] in JOINING and phrase:
                yield tuple(phrase)
                phrase = []
            at += length
        if phrase:
            yield tuple(phrase)

    def _longest(self, words: Sequence[str]) -> tuple[int, Match | None]:
        """Return how many words are read and as what; exact names go before longer nouns that were not taught."""
        for length in range(len(words), 0, -1):
            if words[:length] and words[0] in JOINING:
                break
            for form in _forms(" ".join(words[:length])):
                if form in self.words:
                    return length, Match(names=self.words[form])
                if form in self.nouns:
                    return length, Match(noun=self.nouns[form])
        return 1, None


def fold(text: str) -> list[str]:
    """Return the words of a text in lower case and without accents."""
    return _WORD.findall(fold_text(text))


def _forms(phrase: str) -> Iterator[str]:
    """Yield a phrase, then what it may be the plural of in the four languages."""
    yield phrase
    if phrase.endswith("ies"):
        yield f"{phrase[:-3]}y"
    if phrase.endswith("ves"):
        yield from (f"{phrase[:-3]}f", f"{phrase[:-3]}fe")
    if phrase.endswith(("oes", "aes")):
        yield f"{phrase[:-3]}ao"  # leoes, caes: leao, cao
    if phrase.endswith(("es", "is")):
        yield from (phrase[:-2], f"{phrase[:-2]}l")  # flores: flor; animais: animal
    if phrase.endswith("aux"):
        yield f"{phrase[:-2]}l"  # chevaux: cheval
    if phrase.endswith(("s", "x")):
        yield phrase[:-1]


def _lines(file: Path) -> list[str]:
    return gzip.decompress(file.read_bytes()).decode().splitlines()
