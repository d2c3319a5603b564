"""A process that writes for departments into every store, telling each write once it is safe, until it is killed."""

import sys
from collections.abc import Callable, Iterator
from functools import partial
from itertools import count
from pathlib import Path
from threading import Lock, Thread

import numpy as np

from examkit.tenants import Tenants
from services.classify.feedback.decisions import Decision
from services.classify.feedback.store import FeedbackStore
from services.classify.ipc import Symbol
from services.classify.text import PatentText
from services.image_search.feedback import FeedbackStore as FeedbackOnMarks
from services.image_search.feedback import Judgement
from services.image_search.marks import Entry, MarkFilter, MarkMetadata, StoredImage
from services.image_search.register import Register
from services.image_search.strategies import Strategy
from services.translate.languages import LanguagePair, LanguageTag
from services.translate.library import Library
from services.translate.memory.units import Unit
from services.translate.terminology.entries import Entry as Term

PAIR = LanguagePair(LanguageTag("en"), LanguageTag("pt"))
_EVERYTHING = {"limit": 100_000, "offset": 0}


class Stores:
    """What the three services keep for departments; writes and reads are named by what they keep."""

    def __init__(self, folder: Path, url: str | None = None, most: int | None = None) -> None:
        self.feedback = Tenants(partial(FeedbackStore.open, folder / "feedback", url), most)
        self.libraries = Tenants(partial(Library.open, folder / "terms", url), most)
        self.registers = Tenants(lambda tenant: Register(folder / "marks", url, tenant=tenant), most)

    def close(self) -> None:
        for tenants in (self.feedback, self.libraries, self.registers):
            tenants.close()

    def write(self, what: str, tenant: str, name: str) -> None:
        """Keep something of this name."""
        write: Callable[[str, str], None] = getattr(self, f"_write_{what}")
        write(tenant, name)

    def names(self, what: str, tenant: str) -> list[str]:
        """Return the names of all that is kept, sorted."""
        read: Callable[[str], Iterator[str]] = getattr(self, f"_read_{what}")
        return sorted(read(tenant))

    def _write_feedback(self, tenant: str, name: str) -> None:
        decision = Decision(name, "en", PatentText(title=name), "2020.01", (), (Symbol.parse("A46B"),))
        with self.feedback.hold(tenant) as store:
            store.add(decision)

    def _read_feedback(self, tenant: str) -> Iterator[str]:
        with self.feedback.hold(tenant) as store:
            yield from (stored.decision.text.title for stored in store.everything())

    def _write_glossaries(self, tenant: str, name: str) -> None:
        with self.libraries.hold(tenant) as library:
            library.glossaries.add(name, PAIR, [Term(name, "escova")])

    def _read_glossaries(self, tenant: str) -> Iterator[str]:
        with self.libraries.hold(tenant) as library:
            yield from (stored.name for stored in library.glossaries.page(**_EVERYTHING)[0])

    def _write_memory(self, tenant: str, name: str) -> None:
        with self.libraries.hold(tenant) as library:
            library.memory.store.add([Unit(PAIR, name, "Escova")])

    def _read_memory(self, tenant: str) -> Iterator[str]:
        with self.libraries.hold(tenant) as library:
            yield from (unit.source for unit in library.memory.store.everything())

    def _write_marks(self, tenant: str, name: str) -> None:
        image = StoredImage(name.encode(), "image/png")
        entry = Entry(name, MarkMetadata(name=name), image, np.ones((1, 2), np.float16), "e/1")
        with self.registers.hold(tenant) as register:
            register.write([entry])

    def _read_marks(self, tenant: str) -> Iterator[str]:
        with self.registers.hold(tenant) as register:
            yield from (mark.mark_id for mark in register.page(MarkFilter(), **_EVERYTHING)[0])

    def _write_judgements(self, tenant: str, name: str) -> None:
        with self.registers.hold(tenant) as register:
            FeedbackOnMarks(register.database).add(Judgement("M", None, name, True, Strategy.SHAPE))

    def _read_judgements(self, tenant: str) -> Iterator[str]:
        with self.registers.hold(tenant) as register:
            yield from (stored.judgement.hit_mark_id for stored in FeedbackOnMarks(register.database).everything())


KINDS = ("feedback", "glossaries", "memory", "marks", "judgements")


def main(folder: str, url: str, *tenants: str) -> None:
    stores = Stores(Path(folder), url or None)
    turn = Lock()

    def write(tenant: str) -> None:
        for number in count():
            for what in KINDS:
                name = f"{tenant} {what} {number}"
                stores.write(what, tenant, name)
                with turn:
                    sys.stdout.write(f"{name}\n")
                    sys.stdout.flush()

    for tenant in tenants:
        Thread(target=write, args=(tenant,)).start()


if __name__ == "__main__":
    main(*sys.argv[1:])
