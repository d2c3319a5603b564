"""A process that stores translations from several threads and tells each once it is safe, until it is killed."""

import sys
from itertools import count
from pathlib import Path
from threading import Lock, Thread

from services.translate.database import open_database
from services.translate.languages import LanguagePair, LanguageTag
from services.translate.memory.store import MemoryStore
from services.translate.memory.units import Unit

PAIR = LanguagePair(LanguageTag("en"), LanguageTag("pt"))
SIZE = 50


def main(folder: str, url: str, name: str, calls: int) -> None:
    store = MemoryStore(open_database(Path(folder), url or None))
    turn = Lock()

    def write(thread: int) -> None:
        for number in range(calls) if calls else count():
            call = f"{name}{'abc'[thread]}{'x' * number}"  # digits would give all one skeleton
            store.add(Unit(PAIR, f"{call} {'y' * place}.", f"alvo {place}") for place in range(SIZE))
            with turn:
                sys.stdout.write(f"{call}\n")
                sys.stdout.flush()

    threads = [Thread(target=write, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]))
