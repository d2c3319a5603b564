"""The entries of an office's glossary: checked before they are kept, and made ready for use."""

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from examkit.errors import ErrorDetail, InvalidInputError, MalformedRequestError, TooLargeError
from services.translate.languages import LanguagePair
from services.translate.terminology.glossary import Glossary, Term, Wording, has_words, same_words
from services.translate.terminology.inflection import plural

MOST_ENTRIES: Final = 10_000
LONGEST_TERM: Final = 200
_MOST_TOLD: Final = 20
_CONTROLS: Final = frozenset(("Cc", "Cs", "Zl", "Zp"))


class MalformedGlossaryError(MalformedRequestError):
    """A file that cannot be read as what it claims to be: CSV, TBX, or text at all."""

    code = "malformed-glossary"


class UnusableTermsError(InvalidInputError):
    """Entries that cannot be kept, or none at all; `details` tell where they are."""

    code = "unusable-terms"


class GlossaryLanguagesError(InvalidInputError):
    """A file, or a glossary, of other languages than those named."""

    code = "glossary-languages"


class TooManyTermsError(TooLargeError):
    """More entries than a glossary holds."""

    code = "too-many-terms"


@dataclass(frozen=True)
class Entry:
    """A term and its translation."""

    source: str
    target: str


@dataclass(frozen=True)
class Row:
    """An entry as submitted, and where it stands: a JSON pointer, and words for a person (`line 12`)."""

    pointer: str
    place: str
    source: str
    target: str


def checked(rows: Iterable[Row]) -> tuple[Entry, ...]:
    """Give the entries in order, each once; raise UnusableTermsError that names what is wrong, or TooManyTermsError."""
    seen: dict[str, tuple[Row, Entry]] = {}
    faults: list[ErrorDetail] = []
    for row in rows:
        entry = Entry(_trimmed(row.source), _trimmed(row.target))
        fault = _fault(entry) or _conflict(entry, seen)
        if fault:
            faults.append(ErrorDetail(row.pointer, f"{row.place}: {fault}"))
        else:
            seen.setdefault(same_words(entry.source), (row, entry))
        if len(seen) > MOST_ENTRIES:
            raise TooManyTermsError(f"A glossary has at most {MOST_ENTRIES} terms.")
    if faults:
        raise UnusableTermsError(f"{len(faults)} of the terms cannot be used.", details=faults[:_MOST_TOLD])
    if not seen:
        raise UnusableTermsError("The glossary has no terms.")
    return tuple(entry for _, entry in seen.values())


def compiled(own_id: str, pair: LanguagePair, entries: Sequence[Entry]) -> Glossary:
    """Make entries ready to be found in texts."""
    return Glossary(own_id, pair, _terms(pair, entries))


def _terms(pair: LanguagePair, entries: Iterable[Entry]) -> Iterator[Term]:
    source, target = pair.source.language, pair.target.language
    for entry in entries:
        wordings = (Wording(entry.source, plural(entry.source, source)),)
        yield Term(wordings, (Wording(entry.target, plural(entry.target, target)),))


def _trimmed(text: str) -> str:
    return unicodedata.normalize("NFC", " ".join(text.split(" "))).strip()


def _fault(entry: Entry) -> str | None:
    for side, text in (("the term", entry.source), ("its translation", entry.target)):
        if not text:
            return f"{side} is empty"
        if len(text) > LONGEST_TERM:
            return f"{side} has more than {LONGEST_TERM} characters"
        if any(unicodedata.category(character) in _CONTROLS for character in text):
            return f"{side} has a control character or a line break"
        if not has_words(text):
            return f"{side} has no word"
    return None


def _conflict(entry: Entry, seen: dict[str, tuple[Row, Entry]]) -> str | None:
    earlier = seen.get(same_words(entry.source))
    if earlier is None or earlier[1].target == entry.target:
        return None
    return f"the term stands in {earlier[0].place} with another translation"
