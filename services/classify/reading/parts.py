"""The lines of a document sorted out by the parts of a patent application, where headings tell them."""

import unicodedata
from collections.abc import Sequence
from typing import Final

from services.classify.reading.document import MOST_TOLD_LETTERS, Writing
from services.classify.reading.headings import (
    Part,
    is_heading,
    is_section_of_description,
    part_headed,
    title_quoted,
    title_told,
)
from services.classify.text import PatentText

# A longer abstract has something after it whose heading was not known.
_LONGEST_ABSTRACT: Final = 5_000
_LONGEST_TITLE: Final = 500
# Where what the properties say must stand to be believed: most of the time it is the name of a file or a template.
_FIRST_LINES: Final = 12
# A first line with a heading below is the title where it is no sentence, address or date.
_MOST_WORDS: Final = 25
_MARKS: Final = frozenset(".:;@/0123456789")
_TEXT: Final = "text"


def sort_out(writing: Writing) -> PatentText:
    """Return the text by its parts; what stands before any heading, or after an abstract, is text of unknown kind."""
    title = _marked_title(writing) or _alone_above(writing.lines[:2])
    sorter = _Sorter(title)
    for line in writing.lines:
        sorter.add(line)
    return PatentText(**{"title": sorter.title, **{part: "\n".join(lines) for part, lines in sorter.lines.items()}})


def shortened(text: PatentText) -> tuple[PatentText, bool]:
    """Return as much of a text as is told, the parts that matter most first, and whether that is less than all."""
    left = MOST_TOLD_LETTERS
    kept: dict[str, str] = {}
    for name in (Part.TITLE, Part.ABSTRACT, Part.CLAIMS, _TEXT, Part.DESCRIPTION):
        whole: str = getattr(text, name)
        kept[name] = whole[:left]
        left -= len(kept[name])
    short = PatentText(**kept)
    return short, short != text


class _Sorter:
    """Takes lines one after another, and puts each where the last heading says."""

    def __init__(self, title: str) -> None:
        self.title = title
        self.lines: dict[str, list[str]] = {_TEXT: [], Part.ABSTRACT: [], Part.CLAIMS: [], Part.DESCRIPTION: []}
        self._current: str = _TEXT
        self._is_title_seen = False
        self._is_below_heading = True
        self._letters_of_abstract = 0

    def add(self, line: str) -> None:
        part = part_headed(line)
        if part is not None:
            self._current = part
            self.title = self.title or title_quoted(line)
        elif not self._is_title(line):
            if is_section_of_description(line):
                self._current = Part.DESCRIPTION
            self._put(line)
        self._is_below_heading = part is not None

    def _is_title(self, line: str) -> bool:
        """Take a line for the title if it is one, once."""
        if self._current == Part.TITLE:
            self._current = _TEXT
            told = line
        else:
            told = title_told(line) or (title_quoted(line) if self._is_below_heading else "")
        if told and not self.title and len(told) <= _LONGEST_TITLE:
            self.title = told
        is_title = bool(self.title) and not self._is_title_seen and _folded(told or line) == _folded(self.title)
        self._is_title_seen |= is_title
        return is_title

    def _put(self, line: str) -> None:
        if self._current == Part.ABSTRACT:
            self._letters_of_abstract += len(line)
            if self._letters_of_abstract > _LONGEST_ABSTRACT and self.lines[Part.ABSTRACT]:
                self._current = _TEXT
        self.lines[self._current].append(line)


def _marked_title(writing: Writing) -> str:
    """Return the title that a document marks as such, or that its properties and its first lines agree in."""
    if writing.title and part_headed(writing.title) is None and len(writing.title) <= _LONGEST_TITLE:
        return writing.title
    return _agreed(writing.named, writing.lines[:_FIRST_LINES])


def _agreed(named: str, lines: Sequence[str]) -> str:
    return next((line for line in lines if _folded(line) and _folded(line) == _folded(named)), "")


def _alone_above(lines: Sequence[str]) -> str:
    """Return the first line where it is of a few words without a mark, and the first heading stands below it."""
    is_title = len(lines) > 1 and is_heading(lines[1]) and not is_heading(lines[0])
    words = lines[0].split() if is_title else []
    alone = lines[0] if 1 < len(words) <= _MOST_WORDS and not _MARKS.intersection(lines[0]) else ""
    return title_quoted(alone) or alone


def _folded(line: str) -> str:
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKC", line).casefold()))
