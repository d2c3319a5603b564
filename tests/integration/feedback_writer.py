"""A process that stores feedback from several threads and tells each id once it is safe, until it is killed."""

import sys
from itertools import count
from pathlib import Path
from threading import Lock, Thread

from services.classify.feedback.decisions import Decision
from services.classify.feedback.store import FeedbackStore
from services.classify.ipc import Symbol
from services.classify.text import PatentText

WORDS = "bristle " * 500


def main(folder: str, url: str, name: str, decisions: int) -> None:
    store = FeedbackStore.open(Path(folder), url or None)
    turn = Lock()

    def write(thread: int) -> None:
        for number in range(decisions) if decisions else count():
            text = PatentText(title=f"{name}-{thread}-{number}", description=WORDS)
            kept = store.add(Decision(text.title, "en", text, "2020.01", (), (Symbol.parse("A46B"),)))
            with turn:
                sys.stdout.write(f"{kept.id} {text.title}\n")
                sys.stdout.flush()

    threads = [Thread(target=write, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    store.close()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]))
