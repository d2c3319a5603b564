"""What all fuzzing of described APIs has in common: how made-up files are sent, and what is not asked of answers."""

import schemathesis

from services.image_search.upload import ARCHIVE_TYPES
from services.translate.glossary_upload import TBX_TYPES


@schemathesis.serializer(*ARCHIVE_TYPES, TBX_TYPES[0])
def send_bytes(ctx, value):
    """Send a file as the bytes or words that were made up for it."""
    return value if isinstance(value, bytes) else str(value).encode()


schemathesis.checks.load_all_checks()
NOT_ASKED = schemathesis.checks.CHECKS.get_by_names(
    [
        # A blank text and a symbol that the scheme lacks fit the schema and are refused all the same.
        "positive_data_acceptance",
        # The path of a search is also that of a mark called "search": `Allow` names the methods of both.
        "allow_header_conformance",
    ]
)
# Taking the key away is one of the ways to make a request wrong, but these calls always carry it.
NOT_ASKED_OUTSIDE = [*NOT_ASKED, *schemathesis.checks.CHECKS.get_by_names(["negative_data_rejection"])]
