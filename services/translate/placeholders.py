"""Keeps from the model what it would lose or change: such spans travel as X31, X32, … and come back as they were.

The vocabulary has no Greek letter, few signs and few accented capitals; what it lacks it drops without a word. So a
span is protected when the vocabulary lacks one of its characters, or when it is a code that must not be translated.
`X31` is the form of placeholder that the students carry over unharmed (`{31}` and `<31>` they do not).
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Final

from services.translate.untranslatable import Extent, Span, code_spans

Keeps = Callable[[str], bool]

_FIRST_NUMBER: Final = 31
# In capitals throughout and with a word this long, a text is a heading, which the model reads better in small letters.
_FEWEST_HEADING_LETTERS: Final = 5
_TOKEN = re.compile(r"\S+")
_OPENING: Final = "([\"'“‘«"
_CLOSING: Final = ".,;:!?)]\"'”’»"
_OPERATOR = re.compile(r"[^\w\s]{1,3}")
_OPERAND = re.compile(r"[^\w\s]?(?:\d+(?:[.,]\d+)*|[A-Za-z])%?")
_DASH = re.compile(r"(?<=[^\W\d_])[–—](?=[^\W\d_])|(?<=\s)[–—](?=\s)")
_STAND_IN_DASH = re.compile(r"(?<=\s)-(?=\s)")
_QUOTES: Final = dict.fromkeys("“”„‟«»", '"') | dict.fromkeys("‘’‚‛", "'")
# The model learned Portuguese ordinals (1.º, 3ª) as letters.
_SPELT_OUT: Final = {"…": "...", "º": "o", "ª": "a"}
_DEGREE = re.compile(r"º(?=\s?[CF]\b)")
_LOCANTS = re.compile(r"(?<![\w.,])\d+(?:,\d+)+(?=-[^\W\d_])")
_DOTTED_LOCANTS = re.compile(r"(?<![\w.,])\d+(?:[.,]\d+)+(?=-[^\W\d_])")
_LETTER_DEGREE = re.compile(r"(?<=\d)[oº](?=C\b)")
_INVISIBLE: Final = frozenset("\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff")
_COMPOSED = re.compile(r"[^\W\d_][\u0300-\u036f]+")
_WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True)
class Edit:
    """In place of the characters `start` to `end` stands `written`."""

    start: int
    end: int
    written: str


@dataclass(frozen=True)
class Rewriting:
    """A text before and after some edits, which are in order and do not overlap."""

    before: str
    edits: tuple[Edit, ...]

    @property
    def after(self) -> str:
        """Give the text with the edits made."""
        return "".join(self._parts())

    def forward(self, span: Span) -> Span:
        """Give where a span of `before` is in `after`; a span that touches an edit takes in all that was written."""
        start, end = span
        shift = 0
        for edit in self.edits:
            if edit.end <= span[0]:
                start, end = start + _growth(edit), end + _growth(edit)
            elif edit.start < span[1]:
                start = min(start, edit.start + shift)
                end = max(end, edit.end + shift) + _growth(edit)
            shift += _growth(edit)
        return start, end

    def backward(self, span: Span) -> Span:
        """Give where a span of `after` was in `before`."""
        return self._inverse().forward(span)

    def _inverse(self) -> "Rewriting":
        edits = []
        shift = 0
        for edit in self.edits:
            start = edit.start + shift
            edits.append(Edit(start, start + len(edit.written), self.before[edit.start : edit.end]))
            shift += _growth(edit)
        return Rewriting(self.after, tuple(edits))

    def _parts(self) -> Iterator[str]:
        done = 0
        for edit in self.edits:
            yield self.before[done : edit.start]
            yield edit.written
            done = edit.end
        yield self.before[done:]


@dataclass(frozen=True)
class Protected:
    """A source made ready for the model: how it was rewritten, and what stands in for each placeholder in the end.

    `fixed` are the parts of the source whose translation is laid down; they lie in protected spans.
    """

    rewriting: Rewriting
    originals: dict[str, str]
    fixed: tuple[Edit, ...] = ()

    @property
    def text(self) -> str:
        """Give what the model is to translate."""
        return self.rewriting.after

    @property
    def spans(self) -> list[Span]:
        """Give the protected spans of the source."""
        return [(edit.start, edit.end) for edit in self.rewriting.edits if edit.written in self.originals]

    @property
    def unprotected(self) -> str:
        """Give the source without its protected spans."""
        return Rewriting(self.rewriting.before, tuple(Edit(start, end, " ") for start, end in self.spans)).after

    @property
    def has_words(self) -> bool:
        """Tell whether anything but placeholders, numbers and signs is left to translate; beside a term, an `a` is."""
        shortest = 1 if self.fixed else 2
        return any(len(word) >= shortest for word in _WORD.findall(self.unprotected))


def protect(
    text: str, keeps: Keeps, extent: Extent, fixed: Sequence[Edit] = (), reworded: Sequence[Edit] = ()
) -> Protected:
    """Rewrite a text so that the model can read all of it; `keeps` tells whether the vocabulary has a character.

    What `fixed` lays down comes back in place of the source's words. `reworded` is what the model is to read in place
    of words that it knows in another sense.
    """
    laid_down = [(edit.start, edit.end) for edit in fixed]
    spans = _merged([*code_spans(text, extent), *_unreadable_spans(text, keeps), *laid_down])
    respellings = _respellings(text, keeps)
    # A word of which a part is protected is so as a whole: the rest of it could not be read as it is.
    spans = _merged([*spans, *((edit.start, edit.end) for edit in respellings if _overlaps(edit, spans))])
    numbers = _free_numbers(text)
    placeholders = [Edit(start, end, f"X{next(numbers)}") for start, end in spans]
    originals = {edit.written: _with_fixed(text, edit, fixed) for edit in placeholders}
    free = [edit for edit in respellings if not _overlaps(edit, spans)]
    taken = [*spans, *((edit.start, edit.end) for edit in free)]
    free += [edit for edit in reworded if not _overlaps(edit, taken)]
    edits = sorted([*placeholders, *free], key=lambda edit: edit.start)
    return Protected(Rewriting(text, tuple(edits)), originals, tuple(fixed))


def restore(protected: Protected, translation: str) -> Rewriting | None:
    """Put the protected spans, quotes and dashes back; None when a placeholder is not there exactly once."""
    found = list(_placeholder_pattern(protected.originals).finditer(translation))
    if sorted(match.group() for match in found) != sorted(protected.originals):
        return None
    edits = [Edit(*match.span(), protected.originals[match.group()]) for match in found]
    edits += _spaces_back(protected, found)
    edits += _marks_back(protected, translation)
    edits += _numbering_back(protected, translation)
    return Rewriting(translation, tuple(sorted(edits, key=lambda edit: (edit.start, edit.end))))


def fixed_spans(protected: Protected, restored: Rewriting) -> Iterator[tuple[Span, Span]]:
    """Give where each part that was laid down is in the source, and in a translation that was restored."""
    places = {restored.before[edit.start : edit.end]: edit for edit in restored.edits}
    for placeholder in protected.rewriting.edits:
        inner = _inside(placeholder, protected.fixed)
        if inner and placeholder.written in protected.originals:
            place = places[placeholder.written]
            start, _ = restored.forward((place.start, place.end))
            within = Rewriting(protected.rewriting.before[placeholder.start : placeholder.end], tuple(inner))
            for edit in inner:
                first, last = within.forward((edit.start, edit.end))
                yield (placeholder.start + edit.start, placeholder.start + edit.end), (start + first, start + last)


def _with_fixed(text: str, placeholder: Edit, fixed: Sequence[Edit]) -> str:
    return Rewriting(text[placeholder.start : placeholder.end], tuple(_inside(placeholder, fixed))).after


def _inside(placeholder: Edit, fixed: Sequence[Edit]) -> list[Edit]:
    """Give what is laid down of a protected span, counted from its start."""
    return [
        Edit(edit.start - placeholder.start, edit.end - placeholder.start, edit.written)
        for edit in fixed
        if placeholder.start <= edit.start and edit.end <= placeholder.end
    ]


def _growth(edit: Edit) -> int:
    return len(edit.written) - (edit.end - edit.start)


def _placeholder_pattern(originals: Iterable[str]) -> re.Pattern[str]:
    names = "|".join(sorted(originals, key=len, reverse=True))
    return re.compile(rf"(?:{names})(?!\d)" if names else r"(?!)")


def _free_numbers(text: str) -> Iterator[int]:
    """Count up from 31, leaving out what the text itself says after an X."""
    taken = set(re.findall(r"X(\d+)", text))
    return (number for number in count(_FIRST_NUMBER) if str(number) not in taken)


def _unreadable_spans(text: str, keeps: Keeps) -> Iterator[Span]:
    """Give the tokens with a character that the vocabulary lacks; an operator takes its operands along."""
    readable = Rewriting(text, tuple(_respellings(text, keeps)))
    after = readable.after
    tokens = [_core(match) for match in _TOKEN.finditer(after)]
    is_bad = [any(not keeps(character) for character in after[start:end]) for start, end in tokens]
    for index, (start, end) in enumerate(tokens):
        if is_bad[index]:
            first, last = (
                _with_operands(after, tokens, index) if _OPERATOR.fullmatch(after[start:end]) else (start, end)
            )
            yield readable.backward((first, last))


def _core(match: re.Match[str]) -> Span:
    """Take a token without the punctuation around it, unless there is nothing else; a bracket opened is closed."""
    token = match.group()
    if not any(character.isalnum() for character in token):
        return match.span()
    start = len(token) - len(token.lstrip(_OPENING))
    end = len(token.rstrip(_CLOSING))
    while end < len(token) and token.count("(", start, end) > token.count(")", start, end):
        end += 1
    return match.start() + start, match.start() + end


def _with_operands(text: str, tokens: Sequence[Span], index: int) -> Span:
    start, end = tokens[index]
    if index > 0 and _OPERAND.fullmatch(text[slice(*tokens[index - 1])]):
        start = tokens[index - 1][0]
    if index + 1 < len(tokens) and _OPERAND.fullmatch(text[slice(*tokens[index + 1])]):
        end = tokens[index + 1][1]
    return start, end


def _merged(spans: Iterable[Span]) -> list[Span]:
    merged: list[Span] = []
    for start, end in sorted(span for span in spans if span[0] < span[1]):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _overlaps(edit: Edit, spans: Iterable[Span]) -> bool:
    return any(edit.start < end and start < edit.end for start, end in spans)


def _respellings(text: str, keeps: Keeps) -> list[Edit]:
    """Write what the vocabulary lacks in a form that it has and that says the same."""
    edits = [Edit(*match.span(), "-" if _is_spaced(text, match) else " - ") for match in _DASH.finditer(text)]
    edits += [Edit(*match.span(), unicodedata.normalize("NFC", match.group())) for match in _COMPOSED.finditer(text)]
    edits += [Edit(*match.span(), "°") for match in _DEGREE.finditer(text)]
    edits += _lowered_words(text, keeps)
    taken = [(edit.start, edit.end) for edit in edits]
    singles = (Edit(i, i + 1, written) for i, c in enumerate(text) if (written := _plain(c)) is not None)
    edits += [edit for edit in singles if not _overlaps(edit, taken)]
    return sorted(edits, key=lambda edit: edit.start)


def _is_spaced(text: str, match: re.Match[str]) -> bool:
    return text[match.start() - 1].isspace()


def _lowered_words(text: str, keeps: Keeps) -> Iterator[Edit]:
    """Lower words whose accented capitals the vocabulary has as small letters only; of a heading, all words."""
    words = list(_WORD.finditer(text))
    chosen = words if _is_heading(text) else [word for word in words if not all(map(keeps, word.group()))]
    for match in chosen:
        lower = match.group().lower()
        if lower != match.group() and len(lower) == len(match.group()) and all(map(keeps, lower)):
            yield Edit(*match.span(), lower)


def _is_heading(text: str) -> bool:
    words = [word for word in _WORD.findall(text) if len(word) > 1]
    return all(map(str.isupper, words)) and any(len(word) >= _FEWEST_HEADING_LETTERS for word in words)


def _plain(character: str) -> str | None:
    if character in _QUOTES:
        return _QUOTES[character]
    if character in _INVISIBLE:
        return ""
    if character in _SPELT_OUT:
        return _SPELT_OUT[character]
    return " " if character.isspace() and character != " " else None


def _spaces_back(protected: Protected, found: Sequence[re.Match[str]]) -> Iterator[Edit]:
    """Part a placeholder from a word that the model wrote it to, where it stood by itself: `PDA 12a`, not `PDA12a`."""
    places = {
        match.group(): match.span() for match in _placeholder_pattern(protected.originals).finditer(protected.text)
    }
    for match in found:
        start, end = places[match.group()]
        if _is_tied(match.string, match.start()) and not _is_tied(protected.text, start):
            yield Edit(match.start(), match.start(), " ")
        # An ending may be a translation: in the 60s.
        is_word = protected.originals[match.group()][-1:].isalpha()
        if is_word and _is_tied(match.string, match.end()) and not _is_tied(protected.text, end):
            yield Edit(match.end(), match.end(), " ")


def _is_tied(text: str, at: int) -> bool:
    return 0 < at < len(text) and text[at - 1].isalnum() and text[at].isalnum()


def _numbering_back(protected: Protected, translation: str) -> Iterator[Edit]:
    """Write locants and degrees as the source does: 2.3-dimethyl is no 2,3-dimethyl, and 37oC nothing."""
    locants = {re.sub(r"\D", ".", locant): locant for locant in _LOCANTS.findall(protected.text)}
    for match in _DOTTED_LOCANTS.finditer(translation):
        original = locants.get(re.sub(r"\D", ".", match.group()))
        if original and original != match.group():
            yield Edit(*match.span(), original)
    if "°C" in protected.text:
        yield from (Edit(*match.span(), "°") for match in _LETTER_DEGREE.finditer(translation))


def _marks_back(protected: Protected, translation: str) -> Iterator[Edit]:
    """Restore quotes and dashes one for one where the translation has as many of a kind as the source."""
    for pattern in (re.compile('"'), re.compile(r"'"), _STAND_IN_DASH):
        originals = [
            protected.rewriting.before[slice(*protected.rewriting.backward(match.span()))]
            for match in pattern.finditer(protected.text)
        ]
        found = list(pattern.finditer(translation))
        if len(found) == len(originals):
            for match, original in zip(found, originals, strict=True):
                if original != match.group():
                    yield Edit(*match.span(), original)
