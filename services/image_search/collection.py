"""What a tenant keeps: marks with an index of their own, and what was found relevant among them."""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Final

from examkit.tenants import Tenants
from services.image_search.encoders import Encoders
from services.image_search.engine import FaissImageSearcher, ImageSearcher
from services.image_search.feedback import FeedbackStore
from services.image_search.image import Decode
from services.image_search.register import Register
from services.image_search.word_reader import WordReader
from services.image_search.word_reading import WordReading

_MOST_OPEN: Final = 8  # each with an index, and with threads that keep it up

OpenSearcher = Callable[[Encoders, Register, Decode], ImageSearcher]


@dataclass(frozen=True)
class Collection:
    """A register, what searches it, and the feedback beside it."""

    searcher: ImageSearcher
    register: Register
    feedback: FeedbackStore
    word_reading: WordReading | None = None  # not in a process that only reads the register

    def close(self) -> None:
        """Break reading off, and let go of the register."""
        if self.word_reading is not None:
            self.word_reading.stop()
        self.searcher.close()


@dataclass(frozen=True)
class Tools:
    """What the collections of all tenants have in common: what describes, decodes, reads and searches images."""

    encoders: Encoders
    decode: Decode
    reader: WordReader | None
    open_searcher: OpenSearcher = FaissImageSearcher


def open_collections(tools: Tools, open_register: Callable[[str], Register]) -> Tenants[Collection]:
    """Return what opens the collections of tenants."""

    def open_one(tenant: str) -> Collection:
        register = open_register(tenant)
        with ExitStack() as on_failure:
            on_failure.callback(register.close)
            searcher = tools.open_searcher(tools.encoders, register, tools.decode)
            on_failure.pop_all()
        reading = WordReading(register, tools.reader, tools.decode) if tools.reader else None
        if reading:
            reading.start()
        return Collection(searcher, register, FeedbackStore(register.database), reading)

    return Tenants(open_one, _MOST_OPEN)
