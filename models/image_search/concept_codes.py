"""Which Vienna codes a concept belongs under: by this project's own rules, by what it is a kind of, and by likeness.

`vienna_rules.tsv` gives, for each division, a title in our own words and the nouns that belong under it. A concept
takes the division of the noun that it is, or is a kind of (WordNet); where there is none, those of the nouns that are
most like it. Sections come from an office's own table, where one is given: the one whose title names the thing.
"""

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from models.image_search.wordnet import WordNet
from services.image_search.codes import ViennaCode

RULES_FILE = Path(__file__).with_name("vienna_rules.tsv")
_FARTHEST_KIND = 7
_FADING = 0.85  # of a rule's weight, for each step from a thing to what it is a kind of
_NEAREST_NOUNS = 5
_LIKENESS_SLOPE = 15.0
_TITLE_PARTS = re.compile(r"[;,()]|\bor\b|\band\b")

Rows = NDArray[np.float32]
Shares = Mapping[ViennaCode, float]


@dataclass(frozen=True)
class Rules:
    """Our titles of the divisions, and the divisions of each noun."""

    titles: Mapping[ViennaCode, str]
    divisions: Mapping[str, tuple[ViennaCode, ...]]

    @classmethod
    def read(cls, file: Path = RULES_FILE) -> Self:
        """Read the table."""
        titles: dict[ViennaCode, str] = {}
        divisions: dict[str, tuple[ViennaCode, ...]] = {}
        with file.open(newline="") as stream:
            for row in csv.DictReader(stream, delimiter="\t"):
                code = ViennaCode.parse_prefix(row["division"])
                titles[code] = row["title"]
                for noun in dict.fromkeys(row["anchors"].split(",")):
                    divisions[noun] = (*divisions.get(noun, ()), code)
        return cls(titles, divisions)

    @property
    def nouns(self) -> list[str]:
        """Return every noun that has a division."""
        return list(self.divisions)


@dataclass(frozen=True)
class CodeFinder:
    """Finds codes of names; `vectors` (nouns x dims) are those of the rules' nouns, in the space of the names asked."""

    rules: Rules
    wordnet: WordNet
    vectors: Rows
    sections: Mapping[str, tuple[ViennaCode, ...]]

    def codes_of(self, name: str, vector: Rows) -> Shares:
        """Return the codes of a name with their shares, which add up to 1."""
        divisions = self._by_kind(name) or self._by_likeness(vector)
        return _normal({self._section(name, code): share for code, share in divisions.items()})

    def _by_kind(self, name: str) -> Shares:
        """Ask for the whole name, then for its end, word by word: the end of a compound says what it is."""
        words = name.split()
        for at in range(len(words)):
            found = self._by_kinds_of(" ".join(words[at:]))
            if found:
                return found
        return {}

    def _by_kinds_of(self, name: str) -> Shares:
        if name in self.rules.divisions:
            return dict.fromkeys(self.rules.divisions[name], 1.0)
        for distance, kind in self.wordnet.kinds_of(name):
            if distance > _FARTHEST_KIND:
                break
            if kind in self.rules.divisions:
                return dict.fromkeys(self.rules.divisions[kind], _FADING**distance)
        return {}

    def _by_likeness(self, vector: Rows) -> Shares:
        cosines = self.vectors @ vector
        nouns = self.rules.nouns
        shares: dict[ViennaCode, float] = {}
        for at in np.argsort(-cosines)[:_NEAREST_NOUNS]:
            weight = float(np.exp(_LIKENESS_SLOPE * (cosines[at] - 1)))
            for code in self.rules.divisions[nouns[at]]:
                shares[code] = shares.get(code, 0.0) + weight
        return shares

    def _section(self, name: str, division: ViennaCode) -> ViennaCode:
        """Return the section of a division whose title names the thing, or a kind that it is of; else the division."""
        kinds = [(0, name), (0, name.rsplit(maxsplit=1)[-1]), *self.wordnet.kinds_of(name)]
        for distance, kind in kinds:
            if distance > _FARTHEST_KIND:
                break
            for code in self.sections.get(kind, ()):
                if code.starts_with(division):
                    return code
        return division


def sections_by_noun(titles: Mapping[ViennaCode, str], wordnet: WordNet) -> dict[str, tuple[ViennaCode, ...]]:
    """Take the nouns out of the titles of sections: "Eagles; falcons" names two."""
    found: dict[str, tuple[ViennaCode, ...]] = {}
    for code, title in titles.items():
        if len(code.numbers) == 3:
            for noun in _nouns_of(title, wordnet):
                found[noun] = (*found.get(noun, ()), code)
    return found


def _nouns_of(title: str, wordnet: WordNet) -> Iterator[str]:
    for part in _TITLE_PARTS.split(title.lower()):
        words = re.findall(r"[a-z]+", part)
        if words:
            yield " ".join([*words[:-1], wordnet.singular(words[-1])])


def _normal(shares: Shares) -> Shares:
    total = sum(shares.values())
    return {code: share / total for code, share in shares.items()}


def write_codes(file: Path, names: Sequence[str], finder: CodeFinder, vectors: Rows) -> None:
    """Write the codes of every name, one name a line, in the names' order: `03.07.01:1.00 ...`."""
    lines = []
    for name, vector in zip(names, vectors, strict=True):
        shares = sorted(finder.codes_of(name, vector).items(), key=lambda pair: (-pair[1], pair[0]))
        lines.append(" ".join(f"{code}:{share:.2f}" for code, share in shares) + "\n")
    file.write_text("".join(lines), "utf-8")
