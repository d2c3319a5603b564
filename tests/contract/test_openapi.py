"""The committed descriptions are what the applications serve; the gateway's table and the services agree."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from openapi_schema_validator import OAS31Validator
from openapi_spec_validator import validate
from pydantic import TypeAdapter, ValidationError

from docs.write_openapi import gateway_description, service_descriptions
from gateway.documentation import DESCRIPTION_FILE
from gateway.routes import ROUTES, Upstream
from services.image_search.schemas import MarkId

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


WHOLE = json.loads(DESCRIPTION_FILE.read_text())
OPERATIONS = [(path, operation) for path, methods in WHOLE["paths"].items() for method, operation in methods.items()]


@pytest.mark.parametrize(("path", "operation"), OPERATIONS, ids=[o["operationId"] for _, o in OPERATIONS])
def test_every_operation_is_named_secured_and_says_how_it_fails(path, operation):
    assert operation["operationId"]
    if path not in PROBES:
        assert operation["security"] == [{"ApiKey": []}, {"BearerToken": []}]
        assert {"401", "403", "406", "422", "429", "500", "502", "503", "504"} <= set(operation["responses"])
    for status, response in operation["responses"].items():
        if status >= "400":
            assert list(response["content"]) == ["application/problem+json"]


@pytest.mark.parametrize("path", [r.path for r in ROUTES if re.fullmatch("/api/v1/marks/[a-z-]+", r.path)])
def test_no_mark_is_called_as_the_path_of_something_else_is(path):
    with pytest.raises(ValidationError):
        TypeAdapter(MarkId).validate_python(path.rpartition("/")[2])


def test_operation_ids_are_unique():
    ids = [operation["operationId"] for _, operation in OPERATIONS]
    assert len(ids) == len(set(ids))


def test_the_description_is_openapi_3_1():
    validate(WHOLE)
    assert WHOLE["openapi"].startswith("3.1")


TAGS = {tag["name"] for tag in WHOLE["tags"]}


@pytest.mark.parametrize(("path", "operation"), OPERATIONS, ids=[o["operationId"] for _, o in OPERATIONS])
def test_every_operation_is_explained_with_examples_that_fit(path, operation):
    assert operation["summary"]
    assert operation["description"] or operation["summary"]
    assert set(operation["tags"]) <= TAGS
    sent = operation.get("requestBody", {}).get("content", {}).get("application/json")
    answered = [r["content"]["application/json"] for s, r in operation["responses"].items() if is_json(s, r)]
    for described in [*([sent] if sent else []), *answered]:
        schema = described["schema"] | {"components": WHOLE["components"]}
        OAS31Validator(schema).validate(described["example"])
    for parameter in operation.get("parameters", ()):
        if parameter["in"] == "path":
            OAS31Validator(parameter["schema"]).validate(parameter["example"])


def is_json(status: str, response: dict[str, Any]) -> bool:
    return status < "300" and "application/json" in response.get("content", {})


def test_every_failure_shows_a_problem_with_a_code_that_is_documented():
    documented = set(re.findall(r"^\| `([a-z-]+)` \|", (ROOT / "docs" / "problems.md").read_text(), re.MULTILINE))
    problem = {"$ref": "#/components/schemas/Problem", "components": WHOLE["components"]}
    for name, example in WHOLE["components"]["examples"].items():
        OAS31Validator(problem).validate(example["value"])
        assert name == f"Problem{example['value']['status']}"
        assert example["value"]["code"] in documented
    for _, operation in OPERATIONS:
        for status, response in operation["responses"].items():
            if status >= "400":
                (shown,) = response["content"]["application/problem+json"]["examples"].values()
                assert shown == {"$ref": f"#/components/examples/Problem{status}"}


def test_every_answer_tells_the_correlation_id_and_a_refusal_when_to_come_again():
    for _, operation in OPERATIONS:
        for status, response in operation["responses"].items():
            assert "Correlation-ID" in response["headers"]
            assert ("Retry-After" in response["headers"]) == (status in ("429", "503"))
