"""Glossaries as CSV: two columns, parted by comma, semicolon or tab, with or without a row of headings."""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from typing import Final

from services.translate.languages import LanguagePair, LanguageTag
from services.translate.terminology.entries import GlossaryLanguagesError, MalformedGlossaryError, Row

_HEADINGS: Final = ("source", "target")
_LANGUAGE: Final = re.compile(r"(?:en|pt|es|fr|it|de|gl|ca|zh|ja|ko|ru|ar)(?:[-_][A-Za-z]{2,4})?")
_MARKS: Final = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


def read_csv(content: bytes, pair: LanguagePair) -> Iterator[Row]:
    """Give the rows of a file; raise MalformedGlossaryError, or GlossaryLanguagesError by its headings."""
    text = _decoded(content)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    columns: tuple[int, int] | None = None
    try:
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if columns is None:
                columns, is_heading = _columns(cells, pair)
                if is_heading:
                    continue
            source, target = (cells[column] if column < len(cells) else "" for column in columns)
            yield Row(f"/lines/{reader.line_num}", f"line {reader.line_num}", source, target)
    except csv.Error:
        raise MalformedGlossaryError(f"The CSV cannot be read from line {reader.line_num} on.") from None


def _decoded(content: bytes) -> str:
    encoding = next((name for mark, name in _MARKS if content.startswith(mark)), "utf-8")
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise MalformedGlossaryError(f"The file is not in UTF-8 (line {line}).") from None


def _delimiter(text: str) -> str:
    """Take the sign that parts the first line, quoted parts left out."""
    first = re.sub(r'"[^"]*"', "", text.lstrip().partition("\n")[0])
    return next((sign for sign in "\t;" if sign in first), ",")


def _columns(cells: Sequence[str], pair: LanguagePair) -> tuple[tuple[int, int], bool]:
    """Tell in which columns term and translation are, and whether these cells are headings."""
    names = [cell.strip().lower() for cell in cells]
    if set(_HEADINGS) <= set(names):
        return (names.index("source"), names.index("target")), True
    if len(names) < 2 or not all(map(_LANGUAGE.fullmatch, names[:2])):
        return (0, 1), False
    tags = [LanguageTag.parse(name.replace("_", "-")).language if _LANGUAGE.fullmatch(name) else "" for name in names]
    wanted = pair.source.language, pair.target.language
    if not set(wanted) <= set(tags):
        raise GlossaryLanguagesError(f"The headings of the CSV name other languages than {pair}.")
    return (tags.index(wanted[0]), tags.index(wanted[1])), True
