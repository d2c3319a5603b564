"""Whatever the descriptions allow, and whatever they forbid: no answer is a 5xx, and every answer is as described."""

import tempfile
from pathlib import Path

import pytest
import schemathesis
from hypothesis import settings

from examkit.service_token import write_service_token
from gateway.routes import Upstream
from services.image_search.upload import ARCHIVE_TYPES
from services.translate.glossary_upload import TBX_TYPES
from tests.applications import gateway, services

pytestmark = pytest.mark.integration

EXAMPLES = settings(max_examples=20, deadline=None)

# Schemathesis makes one test an operation while pytest collects, so the applications have to be there by then.
FOLDER = Path(tempfile.mkdtemp(prefix="examkit-fuzz-"))
TOKEN_FILE = FOLDER / "service_token"
write_service_token(TOKEN_FILE)
SERVICES = services(FOLDER, TOKEN_FILE)
GATEWAY, API_KEY = gateway(FOLDER, TOKEN_FILE)


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


def described(application, headers: dict[str, str]):
    return schemathesis.openapi.from_asgi("/openapi.json", running(application), headers=headers)


def running(application):
    """Keep an application running: the test client would start and stop it around every call."""

    async def without_lifespan(scope, receive, send):
        if scope["type"] == "http":
            await application(scope, receive, send)
            return
        for event in ("startup", "shutdown"):
            await receive()
            await send({"type": f"lifespan.{event}.complete"})

    return without_lifespan


def of_service(service: Upstream):
    return described(SERVICES[service], INSIDE)


INSIDE = {"Examkit-Service-Token": TOKEN_FILE.read_text()}
OUTSIDE = {"API-Key": API_KEY}
classify = of_service(Upstream.CLASSIFY)
image_search = of_service(Upstream.IMAGE_SEARCH)
translate = of_service(Upstream.TRANSLATE)
whole = described(GATEWAY, OUTSIDE)


@classify.parametrize()
@EXAMPLES
def test_classify(case):
    case.call_and_validate(headers=INSIDE, excluded_checks=NOT_ASKED)


@image_search.parametrize()
@EXAMPLES
def test_image_search(case):
    case.call_and_validate(headers=INSIDE, excluded_checks=NOT_ASKED)


@translate.parametrize()
@EXAMPLES
def test_translate(case):
    case.call_and_validate(headers=INSIDE, excluded_checks=NOT_ASKED)


@whole.parametrize()
@EXAMPLES
def test_gateway(case):
    case.call_and_validate(headers=OUTSIDE, excluded_checks=NOT_ASKED_OUTSIDE)
