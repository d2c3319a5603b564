"""A deployment with all that it loads: whatever the description allows or forbids, no answer is a 5xx."""

import re
import time
from collections.abc import Iterator

import httpx2
import pytest
import schemathesis

from tests.e2e.conftest import Deployment
from tests.fuzzing import NOT_ASKED_OUTSIDE, described_for_keys

pytestmark = pytest.mark.fuzz

whole = schemathesis.openapi.from_dict(described_for_keys())
COUNTED = re.compile(r'^examkit_requests_total\{.*status="(\d\d\d)"\} (\S+)$', re.MULTILINE)
# Jobs wait in lines; who finds one full comes again.
FULL = ("too-many-imports", "too-many-documents")


@pytest.fixture(scope="module")
def counted(deployment: Deployment, pytestconfig) -> Iterator[Deployment]:
    """Say at the end how many calls the deployment answered, and that none was a failure by its own count either."""
    before = answers(deployment)
    yield deployment
    made = {kind: count - before.get(kind, 0) for kind, count in answers(deployment).items()}
    with pytestconfig.pluginmanager.getplugin("capturemanager").global_and_fixture_disabled():
        pytestconfig.get_terminal_writer().line(f"\n{sum(made.values())} calls answered, by status: {made}")
    assert not [status for status, count in made.items() if count and status in ("500", "502", "504")]


def answers(deployment: Deployment) -> dict[str, int]:
    counts: dict[str, int] = {}
    with deployment.client() as client:
        for kind, count in COUNTED.findall(client.get("/metrics").text):
            counts[kind] = counts.get(kind, 0) + int(float(count))
    return counts


@whole.parametrize()
def test_no_case_fails(case, counted: Deployment):
    asked = {"base_url": counted.url, "headers": {"API-Key": counted.api_key}, "timeout": 120}
    response = case.call(**asked)
    while response.status_code == httpx2.codes.SERVICE_UNAVAILABLE and response.json()["code"] in FULL:
        time.sleep(1)
        response = case.call(**asked)
    case.validate_response(response, headers=asked["headers"], excluded_checks=NOT_ASKED_OUTSIDE)
