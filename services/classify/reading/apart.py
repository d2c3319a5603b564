"""Documents read in a process of their own, one each: no document can take the service down, or see another.

The process is another program with nothing of this one's memory and environment. It ends with its document; one that
takes too long is ended.
"""

import logging
import subprocess
import sys
import threading
from pathlib import Path
from typing import BinaryIO, Final

from pydantic import TypeAdapter, ValidationError

from examkit.errors import ExamError
from services.classify.patent_xml import (
    MalformedXmlError,
    NotAPatentDocumentError,
    XmlEntitiesError,
    XmlTooDeepError,
    XmlWithoutTextError,
)
from services.classify.reading.document import (
    MOST_TOLD_LETTERS,
    DocumentTooLargeError,
    DocumentWithoutTextError,
    EncryptedDocumentError,
    MalformedDocumentError,
    ReadDocument,
    UnsupportedDocumentError,
)

# Without bytecode of its own writing; what is installed for the user alone is none of it.
_COMMAND: Final = (sys.executable, "-s", "-B", "-m", "services.classify.reading")
_CHECKOUT: Final = Path(__file__).resolve().parents[3]
_WALL_SECONDS: Final = 30.0
# JSON writes no character as more than twelve.
_MOST_ANSWER_BYTES: Final = 12 * MOST_TOLD_LETTERS + 10_000
_PROBLEMS: Final[dict[str, type[ExamError]]] = {
    each.code: each
    for each in (
        DocumentTooLargeError,
        DocumentWithoutTextError,
        EncryptedDocumentError,
        MalformedDocumentError,
        MalformedXmlError,
        NotAPatentDocumentError,
        UnsupportedDocumentError,
        XmlEntitiesError,
        XmlTooDeepError,
        XmlWithoutTextError,
    )
}
_ANSWER: Final = TypeAdapter(dict[str, ReadDocument | dict[str, str]])


def read_apart(document: BinaryIO, command: tuple[str, ...] = _COMMAND, seconds: float = _WALL_SECONDS) -> ReadDocument:
    """Read the document in a file, from its beginning; raise what `read_document` raises.

    Raise MalformedDocumentError also for one at which the process ends, or takes more time or memory than it has.
    """
    document.flush()
    document.seek(0)
    try:
        answer = _ANSWER.validate_json(_answer(document, command, seconds))
        found = answer.get("document") or answer["problem"]
    except (ValidationError, KeyError):
        logging.getLogger("examkit.reading").warning("a document ended the program that read it")
        raise MalformedDocumentError(
            "Reading the document takes too long or too much memory, or ends the program that reads it."
        ) from None
    if isinstance(found, ReadDocument):
        return found
    raise _PROBLEMS[found["code"]](found["detail"])


def _answer(document: BinaryIO, command: tuple[str, ...], seconds: float) -> bytes:
    """Return what the process says, cut off where that is more than an answer can be."""
    with subprocess.Popen(
        command, stdin=document, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={}, cwd=_CHECKOUT
    ) as process:
        assert process.stdout is not None
        end = threading.Timer(seconds, process.kill)
        end.start()
        try:
            return process.stdout.read(_MOST_ANSWER_BYTES)
        finally:
            end.cancel()
            process.kill()
