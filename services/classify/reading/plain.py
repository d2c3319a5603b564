"""Plain text, in the encodings that such files have."""

import codecs
import re
from typing import Final

from services.classify.reading.document import (
    MOST_READ_LETTERS,
    MalformedDocumentError,
    UnsupportedDocumentError,
    Writing,
)

# Longer marks first: that of UTF-16 is the beginning of that of UTF-32.
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CONTROL: Final = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_MOST_CONTROLS: Final = 4
_MOST_CONTROLS_SHARE: Final = 0.01


def read_plain(data: bytes) -> Writing:
    """Read text in Unicode or Windows-1252, line by line; raise UnsupportedDocumentError for what is none."""
    text = _decoded(data)
    if "\0" in text or len(_CONTROL.findall(text)) > max(_MOST_CONTROLS, _MOST_CONTROLS_SHARE * len(text)):
        raise UnsupportedDocumentError(
            "The file is of no kind that is read here: send docx, odt, pdf, txt or patent XML."
        )
    is_whole = len(text) <= MOST_READ_LETTERS
    lines = (" ".join(line.split()) for line in _CONTROL.sub("", text[:MOST_READ_LETTERS]).splitlines())
    return Writing(list(filter(None, lines)), is_whole=is_whole)


def _decoded(data: bytes) -> str:
    encoding = next((encoding for mark, encoding in _MARKS if data.startswith(mark)), None)
    try:
        return data.decode(encoding or "utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError:
        if encoding:
            raise MalformedDocumentError("The text is not in the encoding that it begins with the mark of.") from None
    return data.decode("cp1252", "replace")
