"""Documents as bytes and as copies of others, without a file of ours on the disk."""

from __future__ import annotations

from typing import Any

import uno

from examkit_office.office import Office, properties

_OPEN_DOCUMENT_TEXT = "writer8"
_IN_MEMORY = "private:stream"


def stored(office: Office) -> bytes:
    """Give the document as an OpenDocument text, as it is in the window, saved or not."""
    output = office.service("com.sun.star.io.SequenceOutputStream")
    office.document.storeToURL(_IN_MEMORY, properties(FilterName=_OPEN_DOCUMENT_TEXT, OutputStream=output))
    content: bytes = output.getWrittenBytes().value
    return content


def opened(office: Office, content: bytes) -> Any:
    """Open an OpenDocument text as a new document without a name."""
    stream = office.service("com.sun.star.io.SequenceInputStream", uno.ByteSequence(content))
    return office.service("com.sun.star.frame.Desktop").loadComponentFromURL(
        _IN_MEMORY, "_blank", 0, properties(InputStream=stream, FilterName=_OPEN_DOCUMENT_TEXT)
    )


def copy_of_selection(office: Office) -> Any:
    """Put what is selected into a new document that is not shown yet."""
    desktop = office.service("com.sun.star.frame.Desktop")
    copy = desktop.loadComponentFromURL("private:factory/swriter", "_blank", 0, properties(Hidden=True))
    copy.getCurrentController().insertTransferable(office.controller.getTransferable())
    return copy
