"""Paragraphs of a document: read as slots of words, and written again with the formatting that words had."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from com.sun.star.lang import Locale
from com.sun.star.text.ControlCharacter import PARAGRAPH_BREAK

from examkit_office.formats import Formats
from examkit_office.markup import Words, has_words, plain_text


class Paragraph:
    """A paragraph, or the part of one that is selected."""

    def __init__(self, element: Any, formats: Formats) -> None:
        self._element = element
        self._formats = formats
        self._cursors: list[list[Any]] = []
        self.slots: list[list[Words]] = []
        self.notes: list[Any] = []
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
        for cursors, words in zip(self._cursors, slots):
            first, *others = cursors
            if words:
                self._write(first, words, language)
            for cursor in others if words else cursors:
                cursor.setString("")

    def add_after(self, slots: list[list[Words]], language: str) -> None:
        """Put words into a paragraph of their own behind it, of its style, without a number of its own."""
        end = self._element.getEnd()
        cursor = end.getText().createTextCursorByRange(end)
        cursor.gotoEndOfParagraph(False)
        cursor.getText().insertControlCharacter(cursor, PARAGRAPH_BREAK, False)
        if cursor.getPropertyValue("NumberingIsNumber"):
            cursor.setPropertyValue("NumberingIsNumber", False)
        self._write(cursor, [words for slot in slots for words in slot], language)

    def _write(self, cursor: Any, words: list[Words], language: str) -> None:
        for part in words:
            cursor.setString(part.text)
            self._formats.give(cursor, part.format)
            cursor.setPropertyValue("CharLocale", Locale(language, "", ""))
            cursor.collapseToEnd()


def read_paragraphs(ranges: list[Any]) -> list[Paragraph]:
    """Read every paragraph with words in it, those in tables and footnotes too."""
    formats = Formats()
    found = [paragraph for part in ranges for paragraph in _paragraphs(part, formats)]
    return [paragraph for paragraph in found if has_words(paragraph.slots)]


def text_of(paragraphs: list[Paragraph]) -> str:
    """Give the text of paragraphs alone, a line each."""
    return "\n".join(plain_text(paragraph.slots) for paragraph in paragraphs)


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


def _enumerated(container: Any) -> Iterator[Any]:
    enumeration = container.createEnumeration()
    while enumeration.hasMoreElements():
        yield enumeration.nextElement()
