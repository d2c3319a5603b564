"""The lines of pages made one text again: without what the pages repeat, with words and paragraphs whole."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from services.classify.reading.headings import is_heading

# What PDFium puts where a word was broken at the end of a line: it has joined the lines already.
_JOINT: Final = "\ufffe"
_CONTROL: Final = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\ufffd\uffff]")
_LIGATURES: Final = str.maketrans(
    {"\ufb00": "ff", "\ufb01": "fi", "\ufb02": "fl", "\ufb03": "ffi", "\ufb04": "ffl", "\ufb05": "st", "\ufb06": "st"}
)
_DIGITS: Final = re.compile(r"\d+")
_EDGE_LINES: Final = 3
_LEAST_REPEATED: Final = 3
_LEAST_REPEATED_SHARE: Final = 0.3
_MOST_AMID_SHARE: Final = 0.25
_NUMBER: Final = "#"
# Patents count the lines of a column by fives.
_LINE_COUNT: Final = 5
_LAST_COUNTED: Final = 100
_LEAST_COUNTED: Final = 3
_WORD: Final = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_LAST_WORD: Final = re.compile(r"[^\W\d_]+$")
_FIRST_WORD: Final = re.compile(r"[^\W\d_]+")
_LONGEST_WORD: Final = 100
_IS_UNSPACED: Final = re.compile("[\u3000-\u9fff]")  # Chinese and Japanese
_HYPHENS: Final = "-\u2010\u2011\u00ad"
_SUSPENDED: Final = frozenset({"and", "or", "und", "oder", "bzw", "et", "ou", "e", "y", "o", "to", "bis"})
_BEGINS_PARAGRAPH: Final = re.compile(
    r"\[\d{3,5}\]|\d{1,3}\s?[.)]\s|\([a-z]{1,3}\)\s|[\u2022\u25a0\u25aa\u2013\u2014-]\s"
)
# A line is as long as most lines are at most, and ends a paragraph where the next word would still have found room.
_LINE_PERCENTILE: Final = 0.9
_FULL_SHARE: Final = 0.85
_LEAST_FULL: Final = 20


def lines_of(pages: Sequence[str]) -> list[str]:
    """Return the paragraphs of a document from the text of its pages."""
    split = [_without_counts(_lines(page)) for page in pages]
    kept = _without_repeated(split)
    return _Joining([line for lines in kept for line in lines]).paragraphs()


def _lines(page: str) -> list[str]:
    lines = _CONTROL.sub(" ", page.replace("\r\n", "\n").replace("\r", "\n")).translate(_LIGATURES).split("\n")
    return [" ".join(line.split()) for line in lines if not line.isspace() and line]


def _without_counts(lines: list[str]) -> list[str]:
    """Leave out the numbers in the margin, where they are enough to be such numbers."""
    counted = [line for line in lines if _is_count(line)]
    return [line for line in lines if not _is_count(line)] if len(counted) >= _LEAST_COUNTED else lines


def _is_count(line: str) -> bool:
    return line.isascii() and line.isdigit() and not int(line[:4]) % _LINE_COUNT and int(line[:4]) <= _LAST_COUNTED


def _without_repeated(pages: Sequence[list[str]]) -> Iterator[list[str]]:
    """Leave out running heads, feet and page numbers: what stands at the edges of many pages, numbers aside."""
    repeated = _repeated(pages)
    for number, lines in enumerate(pages, start=1):
        last = len(lines) - _EDGE_LINES
        yield [
            line
            for place, line in enumerate(lines)
            if _EDGE_LINES <= place < last or not (_key(line) in repeated or line.strip("- ") == str(number))
        ]


def _repeated(pages: Sequence[list[str]]) -> set[str]:
    """Return what stands at the edges of many pages and hardly amid any, as a sentence that is repeated would."""
    edges = Counter(key for lines in pages for key in {_key(line) for line in _edges(lines)})
    amid = Counter(_key(line) for lines in pages for line in lines[_EDGE_LINES:-_EDGE_LINES])
    least = max(_LEAST_REPEATED, _LEAST_REPEATED_SHARE * len(pages))
    return {
        key
        for key, count in edges.items()
        if count >= least and (amid[key] < _MOST_AMID_SHARE * count or key == _NUMBER)
    }


def _edges(lines: list[str]) -> list[str]:
    return lines[:_EDGE_LINES] + lines[-_EDGE_LINES:]


def _key(line: str) -> str:
    return _DIGITS.sub(_NUMBER, line).casefold()


class _Joining:
    """Joins lines to paragraphs, with what the whole document knows of words and of the length of lines."""

    def __init__(self, lines: Sequence[str]) -> None:
        self._lines = lines
        self._words = {word.casefold() for line in lines for word in _WORD.findall(line)}
        lengths = sorted(len(piece) for line in lines for piece in line.split(_JOINT))
        longest = lengths[int(_LINE_PERCENTILE * (len(lengths) - 1))] if lengths else 0
        self._full = max(_FULL_SHARE * longest, _LEAST_FULL)

    def paragraphs(self) -> list[str]:
        """Return the paragraphs."""
        found: list[list[str]] = []
        before = ""
        for line in self._lines:
            if found and self._goes_on(before, line):
                self._append(found[-1], line)
            else:
                found.append([line])
            before = line
        return [self._mended("".join(pieces)) for pieces in found]

    def _goes_on(self, before: str, line: str) -> bool:
        """Tell whether a line goes on with the paragraph of the line before."""
        if _is_broken(before, line):
            return True
        length = len(before.rpartition(_JOINT)[2]) + 1 + len(line.partition(" ")[0].partition(_JOINT)[0])
        if length < self._full or _BEGINS_PARAGRAPH.match(line):
            return False
        return not (is_heading(line) or is_heading(before))

    def _append(self, pieces: list[str], line: str) -> None:
        before = pieces[-1]
        if _is_broken(before, line):
            pieces[-1] = before[:-1] + _JOINT
        elif not (_IS_UNSPACED.match(before[-1]) and _IS_UNSPACED.match(line[0])):
            pieces.append(" ")
        pieces.append(line)

    def _mended(self, text: str) -> str:
        """Put together the words that were broken."""
        whole, *rest = text.split(_JOINT)
        pieces = [whole]
        for piece in rest:
            pieces += [self._between(pieces[-1], piece), piece]
        return "".join(pieces)

    def _between(self, left: str, right: str) -> str:
        """Return what stands between two halves: a hyphen where they are two words, or no words at all."""
        ended, begun = _LAST_WORD.search(left[-_LONGEST_WORD:]), _FIRST_WORD.match(right)
        if ended is None or begun is None or not begun[0][0].islower():
            return "-"
        if begun[0] in _SUSPENDED:
            return "- "
        first, second = ended[0].casefold(), begun[0].casefold()
        is_compound = f"{first}-{second}" in self._words and first + second not in self._words
        return "-" if is_compound else ""


def _is_broken(before: str, line: str) -> bool:
    return before[-1] in _HYPHENS and before[-2:-1].isalnum() and line[:1].isalnum()
