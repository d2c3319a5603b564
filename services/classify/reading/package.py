"""Documents that are zip archives (docx, odt): opened with care, a part at a time, and never unpacked as a whole."""

import io
import zipfile
import zlib
from collections.abc import Iterator
from typing import Final

from services.classify.reading.document import DocumentTooLargeError, EncryptedDocumentError, MalformedDocumentError

_MOST_PARTS: Final = 5_000
_MOST_BYTES: Final = 64 * 1024 * 1024
_PIECE_BYTES: Final = 64 * 1024
_METHODS: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_IS_ENCRYPTED: Final = 0x1
_DAMAGED: Final = "The document is damaged: it cannot be unpacked."


class Package:
    """The parts of a document, none of which is ever given a place outside it: names are only looked up."""

    def __init__(self, data: bytes) -> None:
        """Look at what is in the archive; raise MalformedDocumentError or DocumentTooLargeError."""
        try:
            self._archive = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError):
            raise MalformedDocumentError(_DAMAGED) from None
        self.names = self._archive.namelist()
        if len(self.names) > _MOST_PARTS:
            raise DocumentTooLargeError(f"The document has more than {_MOST_PARTS} parts.")

    def __contains__(self, name: str) -> bool:
        """Tell whether there is a part of this name."""
        return name in self._archive.NameToInfo

    def pieces(self, name: str) -> Iterator[bytes]:
        """Unpack a part piece by piece, whatever the archive says of its length.

        Raise MalformedDocumentError, also where there is no such part, EncryptedDocumentError or DocumentTooLargeError.
        """
        unpacked = 0
        try:
            info = self._archive.getinfo(name)
            _check(info)
            with self._archive.open(info) as part:
                while piece := part.read(_PIECE_BYTES):
                    unpacked += len(piece)
                    if unpacked > _MOST_BYTES:
                        raise DocumentTooLargeError(f"A part of the document unpacks to more than {_MOST_BYTES} bytes.")
                    yield piece
        except KeyError:
            raise MalformedDocumentError("The document lacks a part that every one of its kind has.") from None
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, RuntimeError, ValueError):
            raise MalformedDocumentError(_DAMAGED) from None


def _check(info: zipfile.ZipInfo) -> None:
    if info.flag_bits & _IS_ENCRYPTED:
        raise EncryptedDocumentError("The document is encrypted: save it without a password.")
    if info.compress_type not in _METHODS:
        raise MalformedDocumentError("The document is packed in a way that no program packs such documents in.")
