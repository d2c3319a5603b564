"""The committed descriptions are what the applications serve; the gateway's table and the services agree."""

import json
from pathlib import Path

import pytest

from docs.write_openapi import gateway_description, service_descriptions
from gateway.documentation import DESCRIPTION_FILE
from gateway.routes import ROUTES, Upstream

ROOT = Path(__file__).resolve().parents[2]
SERVICES = service_descriptions()
PROBES = {"/livez", "/readyz", "/version"}


@pytest.mark.parametrize("service", Upstream)
def test_a_committed_description_is_current(service):
    committed = json.loads((ROOT / "services" / service / "openapi.json").read_text())
    assert committed == json.loads(json.dumps(SERVICES[service])), "run `make openapi`"


def test_the_gateways_committed_description_is_current():
    assert json.loads(DESCRIPTION_FILE.read_text()) == json.loads(json.dumps(gateway_description(SERVICES)))


@pytest.mark.parametrize("service", Upstream)
def test_what_a_service_serves_is_in_the_gateways_table(service):
    served = {
        (method.upper(), path)
        for path, operations in SERVICES[service]["paths"].items()
        for method in operations
        if path not in PROBES
    }
    assert served == {(r.method, r.path.replace(":path", "")) for r in ROUTES if r.upstream == service}


OPERATIONS = [
    (path, operation)
    for path, methods in json.loads(DESCRIPTION_FILE.read_text())["paths"].items()
    for method, operation in methods.items()
]


@pytest.mark.parametrize(("path", "operation"), OPERATIONS, ids=[o["operationId"] for _, o in OPERATIONS])
def test_every_operation_is_named_secured_and_says_how_it_fails(path, operation):
    assert operation["operationId"]
    if path not in PROBES:
        assert operation["security"] == [{"ApiKey": []}]
        assert {"401", "403", "406", "422", "500", "502", "503", "504"} <= set(operation["responses"])
    for status, response in operation["responses"].items():
        if status >= "400":
            assert list(response["content"]) == ["application/problem+json"]


def test_operation_ids_are_unique():
    ids = [operation["operationId"] for _, operation in OPERATIONS]
    assert len(ids) == len(set(ids))
