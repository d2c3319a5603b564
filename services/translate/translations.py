"""What comes out of translating: texts with their segments, terms and quality."""

from dataclasses import dataclass

from services.translate.languages import LanguagePair
from services.translate.memory.recall import Match, Origin
from services.translate.quality import Quality
from services.translate.routing import Route
from services.translate.untranslatable import Span


@dataclass(frozen=True)
class UsedTerm:
    """A term of a glossary: where it is in the source and in the translation."""

    source: Span
    target: Span
    glossary: str


@dataclass(frozen=True)
class SegmentTranslation:
    """A segment of a text: where it is in the source and in the translation, and how far that can be trusted.

    `origin` tells where its translation comes from, `matches` what the memory has for it.
    """

    source: Span
    target: Span
    quality: Quality
    origin: Origin = Origin.ENGINE
    matches: tuple[Match, ...] = ()


@dataclass(frozen=True)
class Translation:
    """One text translated; what is in no segment, such as numbering and line breaks, stands in it as it was.

    `alignment` pairs characters of the source with those of the translation, word by word; `unknown` are the words of
    the translation that an engine did not know and left as they were. `alternatives` are other translations.
    """

    text: str
    pair: LanguagePair
    route: Route
    quality: Quality
    alignment: tuple[tuple[Span, Span], ...]
    unknown: tuple[Span, ...] = ()
    segments: tuple[SegmentTranslation, ...] = ()
    terms: tuple[UsedTerm, ...] = ()
    alternatives: tuple[str, ...] = ()


@dataclass(frozen=True)
class Answer:
    """Translations in the order of their texts, and what made them (the first one, when several did)."""

    translations: tuple[Translation, ...]
    model_name: str
    model_version: str
