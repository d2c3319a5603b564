"""One document from its bytes to its result: opened, translated bit by bit, and made into what was asked for."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from functools import partial
from typing import Final

from services.translate.documents.background import Report, Work
from services.translate.documents.document import Document
from services.translate.documents.jobs import Order
from services.translate.documents.opening import open_document
from services.translate.documents.output import Result, make
from services.translate.engine import Translator
from services.translate.languages import LanguageTag
from services.translate.library import Resources
from services.translate.making import Wishes
from services.translate.markup.unit import Unit
from services.translate.unit_translation import Languages, Translate, TranslatedUnit, sample_of, translate_units

# Between two of these a job can be cancelled and others' calls get their turn.
_CHARACTERS_AT_ONCE: Final = 3_000


WishesOf = Callable[[Resources, LanguageTag, LanguageTag], AbstractContextManager[Wishes]]


def translating(translator: Translator, wishes_of: WishesOf) -> Work:
    """Give what translates a document; `wishes_of` gives what it draws on, for its language and the one asked for."""
    return partial(_translate_document, translator, wishes_of)


def _translate_document(
    translator: Translator, wishes_of: WishesOf, data: bytes, order: Order, report: Report
) -> Result:
    """Raise InvalidInputError of several kinds, DocumentTooLargeError, NotFoundError for a glossary that was removed.

    Raise NotReadyError when an engine or the database fails.
    """
    asked = None if order.source is None else LanguageTag.parse(order.source)
    target = LanguageTag.parse(order.target)
    document = open_document(data, order.ending, asked, target)
    source = asked or document.language or _detected(document, translator.translate, target)
    languages = Languages(source, target)
    with wishes_of(order.resources, source, target) as wishes:
        translate = partial(translator.translate, wishes=wishes)
        translated = _translated(document, translate, languages, partial(_reported, report, str(languages.source)))
    return make(order.output, document, translated, languages)


def _reported(report: Report, source: str, done: float) -> None:
    report(done, source)


def _detected(document: Document, translate: Translate, target: LanguageTag) -> LanguageTag:
    sample = sample_of([unit for section in document.sections for unit in section.units])
    return translate([sample], None, target).translations[0].pair.source


def _translated(
    document: Document, translate: Translate, languages: Languages, report: Callable[[float], None]
) -> list[list[TranslatedUnit]]:
    total = sum(len(unit.text) for section in document.sections for unit in section.units)
    done = 0
    translated: list[list[TranslatedUnit]] = []
    report(0.0)
    for section in document.sections:
        found: list[TranslatedUnit] = []
        for units in _batches(section.units):
            found += translate_units(units, translate, languages)
            done += sum(len(unit.text) for unit in units)
            report(done / total)
        translated.append(found)
    return translated


def _batches(units: Sequence[Unit]) -> Iterator[list[Unit]]:
    batch: list[Unit] = []
    length = 0
    for unit in units:
        batch.append(unit)
        length += len(unit.text)
        if length >= _CHARACTERS_AT_ONCE:
            yield batch
            batch, length = [], 0
    if batch:
        yield batch
