"""The words of a report in each of its languages, and how numbers are written in it."""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from services.image_search.titles import Language

_FILE: Final = Path(__file__).with_name("wording.tsv")


@dataclass(frozen=True)
class Wording:
    """What a report says in one language."""

    language: Language

    def __call__(self, key: str, **values: object) -> str:
        """Return the words of a key, with values put in their places."""
        return _words()[self.language][key].format(**values)

    def count(self, number: int) -> str:
        """Write a whole number, thousands apart."""
        return f"{number:,}".replace(",", self("thousands-sign"))

    def score(self, score: float) -> str:
        """Write a likeness from 0 to 1."""
        return f"{score:.2f}".replace(".", self("decimal-sign"))


@cache
def _words() -> dict[Language, dict[str, str]]:
    with _FILE.open(encoding="utf-8", newline="") as lines:
        heading, *rows = csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
    return {language: {row[0]: row[heading.index(language)] for row in rows} for language in Language}
