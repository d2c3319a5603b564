"""Symbols of the International Patent Classification: read in every usual form, write in one, roll up to a level."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Self

from examkit.errors import InvalidInputError


class Level(StrEnum):
    """The five levels of the IPC, named as on the wire, from broad to narrow."""

    SECTION = "section"
    CLASS = "class"
    SUBCLASS = "subclass"
    MAIN_GROUP = "mainGroup"
    SUBGROUP = "subgroup"

    @property
    def depth(self) -> int:
        """Return 0 for a section up to 4 for a subgroup."""
        return _LEVELS.index(self)


_LEVELS: Final = tuple(Level)

# Subclass and group may be joined, spaced or hyphenated; ":" is the slash of indexing codes before 2006.
# What follows the group (edition, position, value, dates: ST.8 positions 20 to 50) is not part of the symbol.
_GROUP_FORM: Final = re.compile(
    r"([A-H])\s?(\d{2})\s?([A-Z])[\s-]{0,4}(\d{1,4})\s?[/:]\s?(\d{2,6})(?![\d/])(?:[\s(].*)?", re.DOTALL | re.ASCII
)
_PADDED_FORM: Final = re.compile(r"([A-H])(\d{2})([A-Z])(\d{4})(\d{6})", re.ASCII)
_UPPER_FORM: Final = re.compile(r"([A-H])(?:\s?(\d{2})(?:\s?([A-Z]))?)?", re.ASCII)
_LONGEST: Final = 64


class MalformedSymbolError(InvalidInputError):
    """A text that is no IPC symbol in any form."""

    code = "malformed-symbol"


@dataclass(frozen=True, order=True)
class Symbol:
    """One place of the classification; empty parts lie below its level, and sorting follows the scheme's order.

    `subgroup` holds the digits after the slash with the trailing zeros of longer notations removed; "00" is the
    main group itself.
    """

    section: str
    class_number: str = ""
    subclass_letter: str = ""
    main_group: int = 0
    subgroup: str = ""

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a symbol: `H01L 21/768`, `H01L21/768`, `H01L0021768000`, ST.8 with or without its tail, any case.

        Raise MalformedSymbolError for anything else.
        """
        cleaned = text.strip().upper()
        if len(cleaned) <= _LONGEST:
            if match := _PADDED_FORM.fullmatch(cleaned) or _GROUP_FORM.fullmatch(cleaned):
                return cls._of_group(*match.groups())
            if match := _UPPER_FORM.fullmatch(cleaned):
                return cls(match[1], match[2] or "", match[3] or "")
        raise MalformedSymbolError("An IPC symbol looks like H, H01, H01L, H01L 21/00 or H01L 21/768.")

    @classmethod
    def _of_group(cls, section: str, number: str, letter: str, main_group: str, subgroup: str) -> Self:
        if int(main_group) == 0:
            raise MalformedSymbolError("Main groups are numbered from 1.")
        return cls(section, number, letter, int(main_group), subgroup.rstrip("0").ljust(2, "0"))

    @property
    def level(self) -> Level:
        """Return the level the symbol stands at."""
        if self.main_group:
            return Level.MAIN_GROUP if self.subgroup == "00" else Level.SUBGROUP
        if self.subclass_letter:
            return Level.SUBCLASS
        return Level.CLASS if self.class_number else Level.SECTION

    @property
    def padded(self) -> str:
        """Write the symbol as WIPO's master files do: `H01L0021768000`, or `H01L` above the groups."""
        head = f"{self.section}{self.class_number}{self.subclass_letter}"
        return f"{head}{self.main_group:04d}{self.subgroup:0<6}" if self.main_group else head

    def at(self, level: Level) -> Self:
        """Return the symbol's ancestor at a level, or itself; raise ValueError for a level below the symbol's own."""
        if level.depth > self.level.depth:
            raise ValueError(f"{self} lies above the level {level}.")
        depth = level.depth
        return type(self)(
            self.section,
            self.class_number if depth >= 1 else "",
            self.subclass_letter if depth >= 2 else "",
            self.main_group if depth >= 3 else 0,
            self.subgroup if depth >= 4 else "00" if depth == 3 else "",
        )

    def __str__(self) -> str:
        """Write the canonical form: one space before the group, `H01L 21/768`."""
        head = f"{self.section}{self.class_number}{self.subclass_letter}"
        return f"{head} {self.main_group}/{self.subgroup}" if self.main_group else head
