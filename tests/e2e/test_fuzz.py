"""A deployment with all that it loads: whatever the description allows or forbids, no answer is a 5xx."""

import json
import re
from collections.abc import Iterator

import pytest
import schemathesis

from gateway.documentation import DESCRIPTION_FILE
from tests.e2e.conftest import Deployment
from tests.fuzzing import NOT_ASKED_OUTSIDE

pytestmark = pytest.mark.fuzz

whole = schemathesis.openapi.from_dict(json.loads(DESCRIPTION_FILE.read_text()))
COUNTED = re.compile(r'^examkit_requests_total\{.*route="/api/.*status="(\d)\d\d"\} (\S+)$', re.MULTILINE)


@pytest.fixture(scope="module")
def counted(deployment: Deployment, pytestconfig) -> Iterator[Deployment]:
    """Say at the end how many calls the deployment answered, and that none was a failure by its own count either."""
    before = answers(deployment)
    yield deployment
    made = {kind: count - before.get(kind, 0) for kind, count in answers(deployment).items()}
    pytestconfig.get_terminal_writer().line(f"\n{sum(made.values())} calls answered, by status: {made}")
    assert not made.get("5xx")


def answers(deployment: Deployment) -> dict[str, int]:
    counts: dict[str, int] = {}
    with deployment.client() as client:
        for kind, count in COUNTED.findall(client.get("/metrics").text):
            counts[f"{kind}xx"] = counts.get(f"{kind}xx", 0) + int(float(count))
    return counts


@whole.parametrize()
def test_no_case_fails(case, counted: Deployment):
    headers = {"API-Key": counted.api_key}
    case.call_and_validate(base_url=counted.url, headers=headers, excluded_checks=NOT_ASKED_OUTSIDE, timeout=120)
