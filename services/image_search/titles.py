"""Titles of Nice classes and Vienna codes in the languages of the screen, to choose and to read them by."""

import csv
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final, Self, TypeVar

from examkit.errors import InvalidInputError
from services.image_search.codes import NiceClass, ViennaCode
from services.image_search.name_words import words_of_name
from services.image_search.vienna import OWN_EDITION, ViennaTable

# Both in this project's own words; none of WIPO's text is in them.
_NICE_FILE: Final = Path(__file__).with_name("nice_titles.tsv")
_VIENNA_FILE: Final = Path(__file__).with_name("vienna_titles.tsv")

Key = TypeVar("Key")


class Language(StrEnum):
    """A language that titles and reports are written in."""

    ENGLISH = "en"
    SPANISH = "es"
    FRENCH = "fr"
    PORTUGUESE = "pt"


@dataclass(frozen=True)
class Titles:
    """Titles of classes and codes, in order; `is_own` is False where the Vienna codes are of an office's own table."""

    nice: Mapping[Language, Mapping[NiceClass, str]]
    vienna: Mapping[Language, Mapping[ViennaCode, str]]
    edition: str
    is_own: bool

    @classmethod
    def beside(cls, table: ViennaTable) -> Self:
        """Read the titles; an office's own table takes the place of ours, for all languages."""
        nice = _read(_NICE_FILE, NiceClass.parse)
        vienna = _read(_VIENNA_FILE, ViennaCode.parse_prefix)
        is_own = table.edition == OWN_EDITION
        if not is_own:
            vienna = {language: _with_parents(table.titles, titles) for language, titles in vienna.items()}
        return cls(nice, vienna, table.edition, is_own)

    def find_vienna(self, asked: str, language: Language) -> list[tuple[ViennaCode, str]]:
        """Return codes with titles, parents before children: those below a code, or with all of the words asked for.

        A word may be given by its beginning; case and accents do not matter.
        """
        prefix, words = _as_prefix(asked), words_of_name(asked)
        return [
            (code, title)
            for code, title in self.vienna[language].items()
            if (code.starts_with(prefix) if prefix else _holds(title, words))
        ]

    def of_vienna(self, code: ViennaCode, language: Language) -> str | None:
        """Return the title of a code, or of what it lies below."""
        titles = self.vienna[language]
        above = (ViennaCode(code.numbers[:length]) for length in range(len(code.numbers), 0, -1))
        return next((titles[each] for each in above if each in titles), None)


def _read(file: Path, parse: Callable[[str], Key]) -> dict[Language, dict[Key, str]]:
    with file.open(encoding="utf-8", newline="") as lines:
        heading, *rows = csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
    return {language: {parse(row[0]): row[heading.index(language)] for row in rows} for language in Language}


def _with_parents(table: Mapping[ViennaCode, str], own: Mapping[ViennaCode, str]) -> dict[ViennaCode, str]:
    """Add our titles of categories and divisions that an office's table has something below, but does not name."""
    parents = {ViennaCode(code.numbers[:length]) for code in table for length in range(1, len(code.numbers))}
    joined = {code: own[code] for code in parents if code in own} | dict(table)
    return dict(sorted(joined.items()))


def _as_prefix(asked: str) -> ViennaCode | None:
    try:
        return ViennaCode.parse_prefix(asked.strip().rstrip("."))
    except InvalidInputError:
        return None


def _holds(title: str, words: list[str]) -> bool:
    found = words_of_name(title)
    return all(any(each.startswith(word) for each in found) for word in words)
