"""Words read in the images of marks while the service works, in a thread that rests as long as it works.

A mark is found by its name at once, and by the words of its image some moments after it was stored. What a process that
is killed has read stays read, and the next start goes on with the rest.
"""

import threading
import time
from typing import Final

import structlog

from examkit.errors import ExamError, NotReadyError
from services.image_search.image import Decode
from services.image_search.register import Register
from services.image_search.word_reader import READING_SIDE_PIXELS, WordReader

_BATCH: Final = 100
_PAUSE_SECONDS: Final = 5.0


class WordReading:
    """One thread that reads the marks whose images have not been read, and waits for more of them."""

    def __init__(self, register: Register, reader: WordReader, decode: Decode) -> None:
        self._register = register
        self._reader = reader
        self._decode = decode
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="words", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Break off after the mark that is being read."""
        self._stopped.set()
        self._register.written.set()
        self._thread.join()

    def _run(self) -> None:
        while True:
            self._register.written.clear()
            if self._stopped.is_set():  # asked after the clearing, which may have taken the sign to stop away
                return
            try:
                self._read_all()
            except NotReadyError:
                self._stopped.wait(_PAUSE_SECONDS)
            else:
                self._register.written.wait()

    def _read_all(self) -> None:
        count, last = 0, 0
        while rows := self._register.rows_unread(self._reader.name, last, _BATCH):
            for row_id in rows:
                with self._reader.turn:  # held while it rests, so that several registers take no more than one
                    if self._stopped.is_set():
                        return
                    started = time.monotonic()
                    self._read(row_id)
                    self._stopped.wait(time.monotonic() - started)
            count, last = count + len(rows), rows[-1]
        if count:
            structlog.get_logger("examkit.marks").info("read the words of marks", count=count)

    def _read(self, row_id: int) -> None:
        """Read one mark; one that is gone is passed over, one that cannot be decoded has no words."""
        try:
            image = self._register.image_in_row(row_id)
        except NotReadyError:
            raise
        except ExamError:
            return
        try:
            words = self._reader.read(self._decode(image.data, side=READING_SIDE_PIXELS).pixels)
        except ExamError:
            words = ()
        self._register.keep_words(row_id, words, self._reader.name, image.sha256)
