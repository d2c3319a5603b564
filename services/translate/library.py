"""What an office keeps for its translations, glossaries and a memory, and what of it a request draws on."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final, Self
from uuid import UUID

from sqlalchemy import Engine

from examkit.tenants import DEFAULT_TENANT, Tenants
from services.translate.database import open_database
from services.translate.languages import LanguagePair, LanguageTag
from services.translate.making import Wishes
from services.translate.memory.recall import TranslationMemory
from services.translate.terminology.entries import GlossaryLanguagesError
from services.translate.terminology.glossary import Glossary, Terminology
from services.translate.terminology.shipped import patent_glossaries
from services.translate.terminology.store import GlossaryStore

_MOST_OPEN: Final = 16  # each may have the marks of 500,000 units at hand


@dataclass(frozen=True)
class Resources:
    """What a request draws on: glossaries of the office by their ids, the patent one that comes along, the memory.

    Of two glossaries with the same term the first one is followed; the patent one is the last.
    """

    glossaries: tuple[UUID, ...] = ()
    patent_terms: bool = True
    memory: bool = True

    @classmethod
    def named(cls, first: UUID | None, others: Iterable[UUID], *, patent_terms: bool, memory: bool) -> Self:
        """Take the glossary that a request names alone before those that it lists."""
        return cls((*([first] if first else []), *others), patent_terms, memory)


@dataclass(frozen=True)
class Library:
    """The glossaries and the memory of a tenant, and their database."""

    database: Engine
    glossaries: GlossaryStore
    memory: TranslationMemory

    @classmethod
    def open(cls, folder: Path, url: str | None = None, tenant: str = DEFAULT_TENANT) -> Self:
        """Open a tenant's; raise StartError when its database cannot be used."""
        database = open_database(folder, url, tenant)
        return cls(database, GlossaryStore(database), TranslationMemory(database))

    @classmethod
    def of_tenants(cls, folder: Path, url: str | None = None) -> Tenants[Self]:
        """Return what opens those of all tenants there."""
        return Tenants(partial(cls.open, folder, url), _MOST_OPEN)

    def close(self) -> None:
        """Let go of the database."""
        self.database.dispose()

    def wishes(self, resources: Resources, source: LanguageTag | None, target: LanguageTag) -> Wishes:
        """Fetch what a translation draws on; without source, glossaries from any language may be named.

        Raise NotFoundError (`unknown-glossary`), InvalidInputError (`glossary-languages`), TerminologyUnavailableError.
        The database is asked for nothing but glossaries of the office.
        """
        own = self.glossaries.ready(resources.glossaries)
        _refuse_other_languages(own, source, target)
        terms = Terminology((*own, *patent_glossaries()) if resources.patent_terms else own)
        return Wishes(terms, self.memory if resources.memory else None)


def _refuse_other_languages(glossaries: Iterable[Glossary], source: LanguageTag | None, target: LanguageTag) -> None:
    for glossary in glossaries:
        if not glossary.pair.serves(LanguagePair(source or glossary.pair.source, target)):
            raise GlossaryLanguagesError(f"A glossary is from {glossary.pair}.", target="glossaryId")
