"""A document that a client sends in a form, held in memory that other processes can be given, and on no disk."""

import os
from typing import BinaryIO, Final

from fastapi import Request
from starlette.requests import ClientDisconnect

from examkit.errors import MalformedRequestError
from examkit.web.upload import StreamedForm, missing_part

FILE_PART: Final = "file"


async def receive_document(request: Request) -> BinaryIO:
    """Return the part `file` of a form, to be closed by who is done with it.

    Raise MalformedRequestError for a body that breaks off, InvalidInputError with code `missing-part` for one without
    a document.
    """
    document = os.fdopen(os.memfd_create("document"), "w+b")
    try:
        async for piece in StreamedForm(FILE_PART).content(request):
            document.write(piece)
        if not document.tell():
            raise missing_part(
                FILE_PART, "This part is needed, with the document.", "There is no document in the body."
            )
    except ClientDisconnect:
        document.close()
        raise MalformedRequestError("The body breaks off.") from None
    except BaseException:
        document.close()
        raise
    return document
