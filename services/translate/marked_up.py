"""Texts with tags, HTML or XML, translated with the tags at the right words and everything else as it was."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from examkit.errors import ErrorDetail, InvalidInputError
from services.translate.languages import LanguageTag
from services.translate.markup.html import HTML
from services.translate.markup.tokens import Markup, escape, read_html, width_at
from services.translate.markup.unit import Piece, Role, Tag, Unit
from services.translate.markup.units import lines_of, units_of
from services.translate.markup.xml import XML, read_trusted_xml
from services.translate.translations import Answer, SegmentTranslation, Translation, UsedTerm
from services.translate.unit_translation import (
    Languages,
    Translate,
    TranslatedUnit,
    overall,
    sample_of,
    translate_units,
)
from services.translate.untranslatable import Span


class Format(StrEnum):
    """A kind of markup."""

    HTML = "html"
    XML = "xml"


@dataclass(frozen=True)
class _Text:
    """A text, and what of it is to be translated, in order."""

    source: str
    units: Sequence[Unit]
    is_escaped: bool = True

    @classmethod
    def read(cls, source: str, format: Format | None) -> "_Text":
        if format is None:
            return cls(source, list(lines_of(source)), is_escaped=False)
        markup, dialect = (read_html(source), HTML) if format is Format.HTML else (_part(source), XML)
        return cls(source, units_of(markup, dialect, 0, len(markup.tokens)))


def translate_marked_up(
    texts: Sequence[str], format: Format | None, translate: Translate, source: LanguageTag | None, target: LanguageTag
) -> Answer:
    """Translate marked-up texts, each by itself; without source, each text's language is detected.

    Without format they are plain texts, in which characters that are not seen are to keep their places.
    Raise as `Translator.translate` does; also InvalidInputError (`malformed-markup`, `xml-entities`) and
    XmlTooDeepError.
    """
    read = [_Text.read(text, format) for text in texts]
    _refuse_blank(read)
    # Tells language and way of each text; where the language is known, a number does, which costs nothing.
    samples = translate([sample_of(text.units) if source is None else "1" for text in read], source, target)
    spoken = [sample.pair.source for sample in samples.translations]
    found: dict[int, TranslatedUnit] = {}
    for language in dict.fromkeys(spoken):
        units = [unit for text, other in zip(read, spoken, strict=True) if other == language for unit in text.units]
        found |= {id(each.unit): each for each in translate_units(units, translate, Languages(language, target))}
    return replace(
        samples,
        translations=tuple(
            _assembled(text, sample, [found[id(unit)] for unit in text.units if id(unit) in found])
            for text, sample in zip(read, samples.translations, strict=True)
        ),
    )


def _part(source: str) -> Markup:
    return read_trusted_xml(source, is_part=True)


def _refuse_blank(texts: Sequence[_Text]) -> None:
    blank = [ErrorDetail(f"/texts/{i}", "has nothing but markup") for i, text in enumerate(texts) if not text.units]
    if blank:
        raise InvalidInputError("A text to translate is blank.", code="blank-text", details=blank)


def _assembled(text: _Text, sample: Translation, translated: Sequence[TranslatedUnit]) -> Translation:
    """Put a text together, and tell everything about its characters instead of its units'."""
    parts: list[str] = []
    whole = _Whole()
    done = length = 0
    for each in translated:
        kept = text.source[done : each.unit.start]
        written, places = _written(text, each.pieces, length + len(kept))
        whole.add(each, _source_places(text, each.unit), places)
        parts += (kept, written)
        length += len(kept) + len(written)
        done = each.unit.end
    return replace(
        sample,
        text="".join((*parts, text.source[done:])),
        quality=overall([each.translation for each in translated]),
        alignment=tuple(whole.alignment),
        unknown=tuple(whole.unknown),
        segments=tuple(whole.segments),
        terms=tuple(whole.terms),
        alternatives=(),
    )


class _Whole:
    """What is told of the parts of a text, gathered as of the whole."""

    def __init__(self) -> None:
        self.alignment: list[tuple[Span, Span]] = []
        self.unknown: list[Span] = []
        self.segments: list[SegmentTranslation] = []
        self.terms: list[UsedTerm] = []

    def add(self, each: TranslatedUnit, before: Sequence[Span], after: Sequence[Span]) -> None:
        """Add what is told of a unit, of which each character is at such a place of the text and its translation."""
        found = each.translation
        self.alignment += [(_over(before, a), _over(after, b)) for a, b in found.alignment]
        self.unknown += [_over(after, span) for span in found.unknown]
        self.segments += [
            replace(segment, source=_over(before, segment.source), target=_over(after, segment.target))
            for segment in found.segments
        ]
        self.terms += [
            replace(term, source=_over(before, term.source), target=_over(after, term.target)) for term in found.terms
        ]


def _over(places: Sequence[Span], span: Span) -> Span:
    """Give the place of a span of characters from the places of each, and of the end."""
    return places[span[0]][0], places[max(span[0], span[1] - 1)][1]


def _source_places(text: _Text, unit: Unit) -> list[Span]:
    """Give where each character of a unit is; a word that stands for a tag is where the character before it ends."""
    places: list[Span] = []
    end = unit.start
    for written in unit.written:
        start = end if written < 0 else written
        width = width_at(text.source, written) if text.is_escaped else 1
        end = start if written < 0 else written + width
        places.append((start, end))
    return [*places, (end, end)]


def _written(text: _Text, pieces: Sequence[Piece], start: int) -> tuple[str, list[Span]]:
    """Write pieces; give also where each character of the translation is, in a text in which they begin at a place."""
    parts: list[str] = []
    places: list[Span] = []
    for piece in pieces:
        for character in [piece] if isinstance(piece, Tag) else piece:
            part = _markup_of(text, character)
            if isinstance(character, str) or character.role is Role.WORD:
                places.append((start, start + len(part)))
            parts.append(part)
            start += len(part)
    return "".join(parts), [*places, (start, start)]


def _markup_of(text: _Text, piece: Piece) -> str:
    if isinstance(piece, str):
        return escape(piece) if text.is_escaped else piece
    if piece.pieces:
        return "".join(_markup_of(text, each) for each in piece.pieces)
    return piece.before + text.source[piece.start : piece.end] + piece.after
