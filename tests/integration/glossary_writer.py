"""A process that adds, replaces and removes glossaries and tells each once it is safe, until it is killed."""

import sys
from itertools import count
from pathlib import Path
from threading import Lock, Thread

from services.translate.database import open_database
from services.translate.languages import LanguagePair, LanguageTag
from services.translate.terminology.entries import Entry
from services.translate.terminology.store import GlossaryStore

PAIR = LanguagePair(LanguageTag("en"), LanguageTag("pt"))
SIZE = 300


def entries_of(name: str) -> list[Entry]:
    """Make the terms of a glossary, each of which says whose it is."""
    return [Entry(f"{name} {place}", f"alvo {name} {place}") for place in range(SIZE)]


def main(folder: str, url: str, first: str) -> None:
    """Tell `+ name` for what was added and `- name` for what was removed; each is announced before by `? name`."""
    store = GlossaryStore(open_database(Path(folder), url or None))
    turn = Lock()

    def tell(mark: str, name: str) -> None:
        with turn:
            sys.stdout.write(f"{mark} {name}\n")
            sys.stdout.flush()

    def write(thread: int) -> None:
        before = None
        for number in count():
            name = f"{first}-{thread}-{number}"
            kept = store.add(name, PAIR, entries_of(name))
            tell("+", name)
            if before is not None and number % 3:  # it takes the place of the one before
                tell("?", before.name)
                store.remove(before.id)
                tell("-", before.name)
            before = kept

    for number in range(2):
        Thread(target=write, args=(number,)).start()


if __name__ == "__main__":
    main(*sys.argv[1:])
