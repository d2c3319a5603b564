"""Documents that are zip archives (docx, odt): opened with care, and written with nothing else changed in them."""

import io
import re
import zipfile
import zlib
from collections.abc import Mapping
from typing import Final

from services.translate.documents.document import DocumentTooLargeError, UnreadableDocumentError

_MOST_PARTS: Final = 5_000
_MOST_BYTES: Final = 256 * 1024 * 1024
_MOST_TEXT_BYTES: Final = 48 * 1024 * 1024
_METHODS: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENCRYPTED: Final = 0x1
_OUTSIDE = re.compile(r"(^|/)\.\.(/|$)|^/|\\|^[A-Za-z]:|\0")
_DAMAGED: Final = "The document is damaged: it cannot be unpacked."


class Package:
    """The parts of a document."""

    def __init__(self, data: bytes) -> None:
        """Look at what is in the archive; raise UnreadableDocumentError or DocumentTooLargeError."""
        try:
            self._archive = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError):
            raise UnreadableDocumentError(_DAMAGED) from None
        self._infos = self._archive.infolist()
        self.names = tuple(info.filename for info in self._infos)
        self._refuse()

    def _refuse(self) -> None:
        if len(self._infos) > _MOST_PARTS or sum(info.file_size for info in self._infos) > _MOST_BYTES:
            raise DocumentTooLargeError(
                f"The document has more than {_MOST_PARTS} parts, or unpacks to more than {_MOST_BYTES} bytes."
            )
        if len(set(self.names)) < len(self.names) or any(map(_OUTSIDE.search, self.names)):
            raise UnreadableDocumentError("The document has parts of the same name, or with names that lead out of it.")
        if any(info.flag_bits & _ENCRYPTED or info.compress_type not in _METHODS for info in self._infos):
            raise UnreadableDocumentError("The document is encrypted, or packed in a way that is not read here.")

    def read(self, name: str) -> bytes:
        """Unpack a part of text; raise UnreadableDocumentError, also where there is none, or DocumentTooLargeError."""
        try:
            return self._unpacked(self._archive.getinfo(name), _MOST_TEXT_BYTES)
        except KeyError:
            raise UnreadableDocumentError("The document lacks a part that every one of its kind has.") from None

    def written(self, changed: Mapping[str, bytes]) -> bytes:
        """Give the archive with some parts changed, all others and their order as they were."""
        stream = io.BytesIO()
        left = _MOST_BYTES
        with zipfile.ZipFile(stream, "w", strict_timestamps=False) as archive:
            for info in self._infos:
                content = changed.get(info.filename)
                if content is None:
                    content = self._unpacked(info, left)
                    left -= len(content)
                archive.writestr(_like(info), content)
        return stream.getvalue()

    def _unpacked(self, info: zipfile.ZipInfo, most: int) -> bytes:
        """Unpack at most so many bytes, whatever the archive says of the length."""
        try:
            with self._archive.open(info) as part:
                content = part.read(most + 1)
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, RuntimeError):
            raise UnreadableDocumentError(_DAMAGED) from None
        if len(content) > most:
            raise DocumentTooLargeError(f"A part of the document unpacks to more than {most} bytes.")
        return content


def _like(info: zipfile.ZipInfo) -> zipfile.ZipInfo:
    copy = zipfile.ZipInfo(info.filename, info.date_time)
    copy.compress_type = info.compress_type
    copy.external_attr = info.external_attr
    copy.create_system = info.create_system
    return copy
