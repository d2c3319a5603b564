"""Text that a document's XML brings in pieces, gathered into paragraphs; some of them stand inside others."""

from typing import Final

from services.classify.reading.document import MOST_READ_LETTERS
from services.classify.reading.markup import EnoughError

_BREAK: Final = "\n"


class Paragraphs:
    """The lines of a document in their order; what stands inside a paragraph (a note, a box) comes after it."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._open: list[list[str]] = []
        self._inside: list[str] = []
        self._letters = 0

    def begin(self) -> None:
        """Begin a paragraph, perhaps inside another."""
        self._open.append([])

    def write(self, text: str) -> None:
        """Add text to the paragraph that was begun last; none between paragraphs, or where the document is too long."""
        if self._open and self._letters <= MOST_READ_LETTERS:
            self._open[-1].append(text)
            self._letters += len(text)

    def break_line(self) -> None:
        """End a line within a paragraph."""
        self.write(_BREAK)

    def end(self) -> str:
        """End the paragraph that was begun last; return what it says.

        Raise EnoughError after the paragraph in which the document became too long.
        """
        if not self._open:
            return ""
        found = [" ".join(line.split()) for line in "".join(self._open.pop()).split(_BREAK)]
        lines = list(filter(None, found))
        if self._open:
            self._inside += lines
        else:
            self.lines += [*lines, *self._inside]
            self._inside = []
            if self._letters > MOST_READ_LETTERS:
                raise EnoughError
        return " ".join(lines)
