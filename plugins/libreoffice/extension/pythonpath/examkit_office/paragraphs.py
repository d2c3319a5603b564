"""Paragraphs of a document: read as slots of words, and written again with the formatting that words had."""

from __future__ import annotations

from typing import Any, Callable, Iterator, List

from com.sun.star.lang import Locale
from com.sun.star.text.ControlCharacter import PARAGRAPH_BREAK

from examkit_office.formats import Formats
from examkit_office.markup import Words, has_words, plain_text
from examkit_office.protection import is_protected

_LONGEST_STEP = 32_000  # a cursor is told by how much to move in 16 bits
_Write = Callable[[Any, List[Words], str], None]


class Paragraph:
    """A paragraph, or the part of one that is selected."""

    def __init__(self, element: Any, formats: Formats) -> None:
        self._element = element
        self._formats = formats
        self._cursors: list[list[Any]] = []
        self.slots: list[list[Words]] = []
        self.notes: list[Any] = []
        self.is_protected = is_protected(element)
        self._read()

    def _read(self) -> None:
        is_deleted = False
        is_apart = True
        for portion in _enumerated(self._element):
            kind = portion.TextPortionType
            if kind == "Text" and not is_deleted:
                self._add(portion, is_apart)
                is_apart = False
            elif kind != "SoftPageBreak":
                is_apart = True
            if kind == "Redline" and portion.RedlineType == "Delete":
                is_deleted = portion.IsStart
            if kind == "Footnote":
                self.notes.append(portion.Footnote)

    def _add(self, portion: Any, is_apart: bool) -> None:
        if not portion.getString():
            return
        if is_apart or not self.slots:
            self.slots.append([])
            self._cursors.append([])
        number = self._formats.number_of(portion)
        slot = self.slots[-1]
        text = slot.pop().text if slot and slot[-1].format == number else ""
        slot.append(Words(text + portion.getString(), number, self._formats.script_of(number)))
        self._cursors[-1].append(portion.getText().createTextCursorByRange(portion))

    def is_as_read(self) -> bool:
        """Tell whether nobody has written into it since."""
        return "".join(cursor.getString() for cursors in self._cursors for cursor in cursors) == plain_text(self.slots)

    def replace(self, slots: list[list[Words]], language: str) -> None:
        """Put other words in place of those that it has; what is no text stays where it is."""
        self._replace(slots, language, self._write_inside)

    def replace_recorded(self, slots: list[list[Words]], language: str) -> None:
        """Do the same where changes are recorded: old words stay until they are accepted as gone."""
        self._replace(slots, language, self._write_before)

    def _replace(self, slots: list[list[Words]], language: str, write: _Write) -> None:
        for cursors, words in zip(self._cursors, slots):
            if words:
                write(cursors[0], words, language)
            for cursor in cursors[1:] if words else cursors:
                cursor.setString("")

    def _write_inside(self, old: Any, words: list[Words], language: str) -> None:
        """Write before the last of the old characters, then remove those: a bookmark stays around what is there."""
        text, length = old.getText(), _width(old.getString())
        cursor = text.createTextCursorByRange(old.getEnd())
        cursor.goLeft(1, False)
        self._write(cursor, words, language, self._formats.number_of(old))
        cursor.goRight(1, True)
        cursor.setString("")
        head = text.createTextCursorByRange(old.getStart())
        for done in range(0, length - 1, _LONGEST_STEP):
            head.goRight(min(_LONGEST_STEP, length - 1 - done), True)
        head.setString("")

    def _write_before(self, old: Any, words: list[Words], language: str) -> None:
        self._write(old.getText().createTextCursorByRange(old.getStart()), words, language)
        old.setString("")

    def add_after(self, slots: list[list[Words]], language: str) -> None:
        """Put words into a paragraph of their own behind it, of its style, without a number of its own."""
        end = self._element.getEnd()
        cursor = end.getText().createTextCursorByRange(end)
        cursor.gotoEndOfParagraph(False)
        cursor.getText().insertControlCharacter(cursor, PARAGRAPH_BREAK, False)
        if cursor.getPropertyValue("NumberingIsNumber"):
            cursor.setPropertyValue("NumberingIsNumber", False)
        self._write(cursor, [words for slot in slots for words in slot], language)

    def _write(self, cursor: Any, words: list[Words], language: str, inherited: int | None = None) -> None:
        """Write at a cursor, and leave it behind the last word."""
        for part in words:
            cursor.setString(part.text)
            if part.format != inherited:
                self._formats.give(cursor, part.format, inherited)
                inherited = part.format
            cursor.setPropertyValue("CharLocale", Locale(language, "", ""))
            cursor.collapseToEnd()


def read_paragraphs(ranges: list[Any]) -> list[Paragraph]:
    """Read every paragraph with words in it, those in tables and footnotes too."""
    return list(_with_words(ranges))


def has_text(ranges: list[Any]) -> bool:
    """Tell whether there are words at all."""
    return next(_with_words(ranges), None) is not None


def text_of(ranges: list[Any], most: int) -> str:
    """Give the text alone, a line for each paragraph, until it has so many characters."""
    found: list[str] = []
    length = 0
    for paragraph in _with_words(ranges):
        found.append(plain_text(paragraph.slots))
        length += len(found[-1])
        if length > most:
            break
    return "\n".join(found)


def _with_words(ranges: list[Any]) -> Iterator[Paragraph]:
    formats = Formats()
    for part in ranges:
        for paragraph in _paragraphs(part, formats):
            if has_words(paragraph.slots):
                yield paragraph


def _paragraphs(part: Any, formats: Formats) -> Iterator[Paragraph]:
    for element in _enumerated(part):
        if element.supportsService("com.sun.star.text.TextTable"):
            for name in element.getCellNames():
                yield from _paragraphs(element.getCellByName(name), formats)
        elif element.supportsService("com.sun.star.text.Paragraph"):
            paragraph = Paragraph(element, formats)
            yield paragraph
            for note in paragraph.notes:
                yield from _paragraphs(note, formats)


def _width(text: str) -> int:
    """Count as LibreOffice does, which takes rare characters for two."""
    return len(text.encode("utf-16-le")) // 2


def _enumerated(container: Any) -> Iterator[Any]:
    enumeration = container.createEnumeration()
    while enumeration.hasMoreElements():
        yield enumeration.nextElement()
