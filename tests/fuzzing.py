"""What all fuzzing of described APIs has in common: how made-up files are sent, and what is not asked of answers."""

import json
from typing import Any

import schemathesis

from gateway.documentation import DESCRIPTION_FILE
from services.image_search.upload import ARCHIVE_TYPES
from services.translate.glossary_upload import TBX_TYPES


@schemathesis.serializer(*ARCHIVE_TYPES, TBX_TYPES[0])
def send_bytes(ctx, value):
    """Send a file as the bytes or words that were made up for it."""
    return value if isinstance(value, bytes) else str(value).encode()


@schemathesis.hook
def filter_path_parameters(ctx, path_parameters):
    """Leave out ids of marks that are also the last part of another path, which is answered in their place."""
    return (path_parameters or {}).get("markId") not in (
        "feedback",
        "import",
        "report",
        "search",
        "status",
        "suggest-codes",
    )


schemathesis.checks.load_all_checks()
NOT_ASKED = schemathesis.checks.CHECKS.get_by_names(
    [
        # A blank text and a symbol that the scheme lacks fit the schema and are refused all the same.
        "positive_data_acceptance",
        # The path of a search is also that of a mark called "search": `Allow` names the methods of both.
        "allow_header_conformance",
    ]
)
NOT_ASKED_OUTSIDE = [
    *NOT_ASKED,
    *schemathesis.checks.CHECKS.get_by_names(
        [
            # Taking the key away is one of the ways to make a request wrong, but these calls always carry it.
            "negative_data_rejection",
            # It tries wrong keys at every call, and an address may do so only so often: others test that.
            "ignored_auth",
        ]
    ),
]


def described_for_keys() -> dict[str, Any]:
    """Return the gateway's description without bearer tokens: who brings one beside a key is not even looked at."""
    description: dict[str, Any] = json.loads(DESCRIPTION_FILE.read_text())
    for operations in description["paths"].values():
        for operation in operations.values():
            operation["security"] = [each for each in operation["security"] if "ApiKey" in each]
    return description
