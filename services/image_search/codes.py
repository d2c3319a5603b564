"""Nice classes (goods and services) and Vienna codes (figurative elements): parse, format, match a prefix."""

import re
from dataclasses import dataclass
from typing import Self

from examkit.errors import InvalidInputError

_VIENNA_DOTTED = re.compile(r"\d{1,2}(?:\.\d{1,2}){0,2}", re.ASCII)
_VIENNA_JOINED = re.compile(r"(?:\d\d){2,3}", re.ASCII)


@dataclass(frozen=True, order=True)
class NiceClass:
    """A class of the Nice Classification, 1 to 45 (1 to 34 goods, 35 to 45 services)."""

    number: int

    def __post_init__(self) -> None:
        if not 1 <= self.number <= 45:
            raise InvalidInputError("A Nice class is a number from 1 to 45.", code="unknown-nice-class")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read "9" or "09"; raise InvalidInputError with code `unknown-nice-class`."""
        stripped = text.strip()
        is_number = stripped.isascii() and stripped.isdigit() and len(stripped) <= 2
        return cls(int(stripped) if is_number else 0)

    def __str__(self) -> str:
        """Write the number without leading zeros."""
        return str(self.number)


@dataclass(frozen=True, order=True)
class ViennaCode:
    """A category, division or section of the Vienna Classification: one, two or three numbers from 1 to 99."""

    numbers: tuple[int, ...]

    def __post_init__(self) -> None:
        if not 1 <= len(self.numbers) <= 3 or not all(1 <= number <= 99 for number in self.numbers):
            raise _unreadable()

    @classmethod
    def parse_prefix(cls, text: str) -> Self:
        """Read "5", "05.03", "5.3.13" or "050313"; raise InvalidInputError with code `unknown-vienna-code`."""
        stripped = text.strip()
        if _VIENNA_DOTTED.fullmatch(stripped):
            return cls(tuple(int(part) for part in stripped.split(".")))
        if _VIENNA_JOINED.fullmatch(stripped):
            return cls(tuple(int(stripped[at : at + 2]) for at in range(0, len(stripped), 2)))
        raise _unreadable()

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a mark's code: a section, or a division, for some offices code no deeper.

        Raise InvalidInputError with code `unknown-vienna-code`.
        """
        code = cls.parse_prefix(text)
        if len(code.numbers) < 2:
            raise _unreadable()
        return code

    def starts_with(self, prefix: "ViennaCode") -> bool:
        """Tell whether this code is the prefix or lies below it."""
        return self.numbers[: len(prefix.numbers)] == prefix.numbers

    def __str__(self) -> str:
        """Write two digits a level: `05.03.13`."""
        return ".".join(f"{number:02d}" for number in self.numbers)


def _unreadable() -> InvalidInputError:
    return InvalidInputError(
        "A Vienna code is category, division and section, as in 05.03.13.", code="unknown-vienna-code"
    )
