"""What a text with tags is, once it is taken out of its markup."""

from array import array
from dataclasses import dataclass, field
from enum import Enum
from typing import Final, TypeAlias

PRIVATE: Final = "\0"  # stands for a word until a character is found for it that the text has not got


class Role(Enum):
    """What a tag does in a text: begins or ends a part of it, stands at a point of it, or for a word of it."""

    OPEN = "open"
    CLOSE = "close"
    POINT = "point"
    WORD = "word"


@dataclass(frozen=True)
class Tag:
    """Characters `start` to `end` of markup, put between `before` and `after`; they are kept as they are.

    `shown` is what a reader sees there; `key` pairs the two tags of a part; `is_script` says that the part is raised or
    lowered. One of `pieces` is these instead of characters of the markup.
    """

    role: Role
    start: int
    end: int
    key: str = ""
    shown: str = ""
    before: str = ""
    after: str = ""
    is_script: bool = False
    pieces: tuple["Piece", ...] = ()


Piece: TypeAlias = str | Tag


@dataclass(frozen=True)
class Unit:
    """A text to translate, each tag before the character of its offset; it stands in place of `start` to `end`.

    For a tag that stands for a word, the text has a private character. `written` tells where each character of the
    text is in the markup, -1 for a private one.
    """

    start: int
    end: int
    text: str
    tags: tuple[tuple[int, Tag], ...]
    written: "array[int]" = field(default_factory=lambda: array("q"), repr=False, compare=False)

    @property
    def has_words(self) -> bool:
        """Tell whether there is anything to translate."""
        return any(character.isalpha() for character in self.text)

    def as_it_is(self) -> list["Piece"]:
        """Give text and tags in their order, untranslated."""
        pieces: list[Piece] = []
        done = 0
        for offset, tag in self.tags:
            pieces += [self.text[done:offset], tag]
            done = offset + (tag.role is Role.WORD)
        return [piece for piece in (*pieces, self.text[done:]) if piece]

    @property
    def stand_ins(self) -> dict[str, Tag]:
        """Give the tags that stand for words, by the characters that stand for them."""
        return {self.text[offset]: tag for offset, tag in self.tags if tag.role is Role.WORD}
