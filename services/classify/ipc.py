"""Symbols of the International Patent Classification: read in every usual form, write, roll up; and its editions."""

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

# What may follow a group and is no part of the symbol: an edition in brackets, then level, position and value, or
# positions 20 to 50 of ST.8, from the version date on. Anything else may be a second symbol: refused, not dropped.
_TAIL: Final = r"(?: ?\([\w .,-]{1,20}\))?(?: ?\d{8}[A-Z ]*(?:\d{8}[A-Z ]*)?| [ACS]? ?[FL]? ?[IN]?)?"
# Subclass and group may be joined, spaced or hyphenated; ":" is the slash of indexing codes before 2006.
_GROUP_FORM: Final = re.compile(
    rf"([A-H]) ?(\d{{2}}) ?([A-Z])[ -]{{0,4}}(\d{{1,4}}) ?[/:] ?(\d{{2,6}})(?:(?=[ (]){_TAIL})?", re.ASCII
)
_PADDED_FORM: Final = re.compile(r"([A-H])(\d{2})([A-Z])(\d{4})(\d{6})", re.ASCII)
_UPPER_FORM: Final = re.compile(r"([A-H])(?: ?(\d{2})(?: ?([A-Z]))?)?", re.ASCII)
_LONGEST: Final = 64
# East Asian keyboards type the signs of ASCII in a wide form of their own.
_NARROW: Final = {0xFEE0 + code: code for code in range(ord("!"), ord("~") + 1)}

_EDITION_FORM: Final = re.compile(r"(\d{4})\.?(0[1-9]|1[0-2])(?:\d{2})?", re.ASCII)


class MalformedEditionError(InvalidInputError):
    """A text that names no edition of the classification."""

    code = "malformed-edition"


def edition_of(text: str) -> str:
    """Write an edition as `2026.01`, from that form or from the date it came into force, `20260101`.

    Editions so written sort by age. Raise MalformedEditionError for anything else.
    """
    if match := _EDITION_FORM.fullmatch(text.strip()):
        return f"{match[1]}.{match[2]}"
    raise MalformedEditionError("An edition looks like 2026.01 or 20260101.")


class Standing(StrEnum):
    """Whether an edition has a symbol, as on the wire."""

    VALID = "valid"
    INVALID = "invalid"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Lifetime:
    """The first edition that has a symbol, and the first that has it no more; None where there is none."""

    since: str
    until: str | None = None

    def standing(self, edition: str) -> Standing:
        """Tell whether an edition has the symbol."""
        is_within = self.since <= edition and (self.until is None or edition < self.until)
        return Standing.VALID if is_within else Standing.INVALID


class MalformedSymbolError(InvalidInputError):
    """A text that is no IPC symbol in any form."""

    code = "malformed-symbol"


@dataclass(frozen=True, order=True, slots=True)
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

        Also read are wide letters and digits, the forms of editions before 2006 (`A 01 B 1/02`, `H01L-0021/768`,
        `C08K 5:00`) and CPC symbols of sections A to H, most of which no edition of the IPC has. Raise
        MalformedSymbolError for anything else: section Y, several symbols, groups without a slash.
        """
        stripped = text.strip()
        if len(stripped) <= _LONGEST:
            narrow = stripped if stripped.isascii() else stripped.translate(_NARROW)
            cleaned = " ".join(narrow.upper().split())
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

    @property
    def st8(self) -> str:
        """Write positions 1 to 15 of WIPO ST.8: main group right-aligned in four, subgroup left-aligned in six."""
        head = f"{self.section}{self.class_number}{self.subclass_letter}"
        return f"{head}{self.main_group:>4}/{self.subgroup:<6}" if self.main_group else head

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
