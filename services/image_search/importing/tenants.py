"""The imports of all tenants: the archives of each in its own folder, taken in in turn by one thread."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from examkit.jobs.rounds import Rounds
from examkit.tenants import Tenants, tenant_folder
from services.image_search.collection import Collection
from services.image_search.engine import ImageSearcher
from services.image_search.importing.background import ImportJobs
from services.image_search.importing.beside import take_in_beside


def open_imports(folder: Path, artifacts_dir: Path, collections: Tenants[Collection]) -> Tenants[ImportJobs]:
    """Take up the imports of all tenants that have any; raise StartError when those of the default one cannot be."""
    rounds = Rounds("imports")

    def open_one(tenant: str) -> ImportJobs:
        take_in = take_in_beside(partial(_searcher, collections, tenant), artifacts_dir)
        jobs = ImportJobs(tenant_folder(folder, tenant) / "imports", take_in)
        jobs.start(rounds)
        return jobs

    imports = Tenants(open_one)
    imports.keep_all(folder)
    return imports


@contextmanager
def _searcher(collections: Tenants[Collection], tenant: str) -> Iterator[ImageSearcher]:
    with collections.hold(tenant) as collection:
        yield collection.searcher
