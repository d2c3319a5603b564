"""The documents of all tenants: those of each in its own folder, translated in turn by one thread."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from examkit.jobs.rounds import Rounds
from examkit.tenants import Tenants, tenant_folder
from services.translate.documents.background import DocumentJobs
from services.translate.documents.work import translating
from services.translate.engine import Translator
from services.translate.languages import LanguageTag
from services.translate.library import Library, Resources
from services.translate.making import Wishes


def open_documents(folder: Path, translator: Translator, libraries: Tenants[Library]) -> Tenants[DocumentJobs]:
    """Take up the documents of all tenants that have any; raise StartError when those of the default one cannot be."""
    rounds = Rounds("documents")

    def open_one(tenant: str) -> DocumentJobs:
        work = translating(translator, partial(_wishes, libraries, tenant))
        jobs = DocumentJobs(tenant_folder(folder, tenant) / "documents", work)
        jobs.start(rounds)
        return jobs

    documents = Tenants(open_one)
    documents.keep_all(folder)
    return documents


@contextmanager
def _wishes(
    libraries: Tenants[Library], tenant: str, resources: Resources, source: LanguageTag, target: LanguageTag
) -> Iterator[Wishes]:
    with libraries.hold(tenant) as library:
        yield library.wishes(resources, source, target)
