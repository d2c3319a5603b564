"""Whatever the descriptions allow, and whatever they forbid: no answer is a 5xx, and every answer is as described."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import schemathesis
from hypothesis import settings

from examkit.service_token import write_service_token
from gateway.routes import Upstream
from tests.applications import gateway, services
from tests.fuzzing import NOT_ASKED, NOT_ASKED_OUTSIDE, described_for_keys
from tests.served import served

pytestmark = pytest.mark.integration

EXAMPLES = settings(max_examples=20)
EXAMPLES_OUTSIDE = settings(max_examples=8)  # through the gateway, to the same services

# Schemathesis makes one test an operation while pytest collects, so the applications have to be there by then.
FOLDER = Path(tempfile.mkdtemp(prefix="examkit-fuzz-"))
TOKEN_FILE = FOLDER / "service_token"
write_service_token(TOKEN_FILE)
SERVICES = services(FOLDER, TOKEN_FILE)


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
classify = of_service(Upstream.CLASSIFY)
image_search = of_service(Upstream.IMAGE_SEARCH)
translate = of_service(Upstream.TRANSLATE)
whole = schemathesis.openapi.from_dict(described_for_keys())


@pytest.fixture(scope="module")
def door() -> Iterator[tuple[str, dict[str, str]]]:
    """A gateway that is served as in life, and what opens it."""
    application, key = gateway(FOLDER, TOKEN_FILE)
    with served(application) as url:
        yield url, {"API-Key": key}


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
@EXAMPLES_OUTSIDE
def test_gateway(case, door):
    url, headers = door
    case.call_and_validate(base_url=url, headers=headers, excluded_checks=NOT_ASKED_OUTSIDE)
