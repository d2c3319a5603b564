"""Traces of a request through gateway and service, as a collector gets them; and nothing of its content in them."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from tests.applications import gateway
from tests.collector import Collector, collector
from tests.integration.import_service import wait_until

pytestmark = pytest.mark.integration

ROOT = Path(__file__).resolve().parents[2]
MARK = "Zwiebelfischmarke"
TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
CALLED_BY_A_TRACED_CLIENT = {"traceparent": f"00-{TRACE}-{PARENT}-01", "tracestate": "office=1"}


@pytest.fixture
def traces():
    with collector() as running:
        yield running


@pytest.fixture
def client(tmp_path, service_token_file, traces):
    application, key = gateway(tmp_path, service_token_file, otlp_endpoint=traces.url)
    with TestClient(application, headers={"API-Key": key}, raise_server_exceptions=False) as client:
        yield client


def attributes(span: Span) -> dict[str, Any]:
    return {each.key: each.value.string_value or each.value.int_value for each in span.attributes}


def spans_of(traces: Collector, count: int) -> dict[str, Span]:
    """Wait for so many spans and return them by service."""
    wait_until(lambda: len(traces.spans) >= count, 60)
    assert len(traces.spans) == count
    return dict(traces.spans)


def test_the_span_of_a_service_is_below_the_gateways_and_that_below_the_clients(client, traces):
    response = client.post("/api/v1/classify", json={"text": f"A {MARK}"}, headers=CALLED_BY_A_TRACED_CLIENT)
    assert response.status_code == 200
    spans = spans_of(traces, 2)
    outer, inner = spans["examkit-gateway"], spans["examkit-classify"]
    assert {outer.trace_id.hex(), inner.trace_id.hex()} == {TRACE}
    assert outer.parent_span_id.hex() == PARENT
    assert inner.parent_span_id == outer.span_id
    assert (outer.kind, outer.trace_state) == (Span.SPAN_KIND_SERVER, "office=1")
    for span in (outer, inner):
        assert span.name == "POST /api/v1/classify"
        assert attributes(span) == {
            "http.request.method": "POST",
            "http.route": "/api/v1/classify",
            "http.response.status_code": 200,
            "examkit.correlation_id": response.headers["correlation-id"],
        }


@pytest.mark.parametrize("traceparent", ["", "00-garbage", f"00-{'0' * 32}-{PARENT}-01"])
def test_without_a_usable_parent_a_trace_begins_here(client, traces, traceparent):
    client.get("/api/v1/translate/languages", headers={"traceparent": traceparent} if traceparent else {})
    spans = spans_of(traces, 2)
    assert spans["examkit-gateway"].parent_span_id == b""
    assert spans["examkit-translate"].parent_span_id == spans["examkit-gateway"].span_id


def test_what_a_client_does_not_want_traced_is_not(client, traces):
    client.get("/api/v1/translate/languages", headers={"traceparent": f"00-{TRACE}-{PARENT}-00"})
    client.get("/version")
    assert [name for name, _ in spans_of(traces, 1).items()] == ["examkit-gateway"]
    assert traces.spans[0][1].name == "GET /version"


def test_nothing_of_a_request_is_in_a_trace_though_it_fails(client, traces, monkeypatch):
    key = client.headers["API-Key"]

    def broken(*_, **__):
        raise ValueError(MARK)

    monkeypatch.setattr("tests.fakes_classify.FakeClassifier.classify", broken)
    asked = [
        client.post("/api/v1/classify", json={"text": MARK}),
        client.post("/api/v1/classify", content=MARK),
        client.get(f"/api/v1/ipc/{MARK}?q={MARK}"),
        client.get(f"/{MARK}", headers={"API-Key": MARK, "tracestate": f"{MARK.lower()}=1"}),
    ]
    assert asked[0].status_code == 500
    wait_until(lambda: len(traces.spans) >= 7, 60)
    for name, span in traces.spans:
        assert (span.status.code == Status.STATUS_CODE_ERROR) == (attributes(span)["http.response.status_code"] >= 500)
        assert (span.status.message, list(span.events)) == ("", []), name
    for body in traces.received:
        assert MARK.lower().encode() not in body.lower()
        assert key.encode() not in body


def test_a_collector_that_is_away_stops_nothing(tmp_path, service_token_file):
    with collector() as away:
        url = away.url
    application, key = gateway(tmp_path, service_token_file, otlp_endpoint=url)
    with TestClient(application, headers={"API-Key": key}) as client:
        assert client.get("/api/v1/translate/languages").status_code == 200


def test_no_variable_of_the_framework_makes_it_send_anything(tmp_path, service_token_file, traces, monkeypatch):
    monkeypatch.setenv("FASTAPI_OTEL_AUTO_CONFIGURE", "true")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", traces.url)
    application, key = gateway(tmp_path, service_token_file)
    with TestClient(application, headers={"API-Key": key}) as client:
        assert client.get("/api/v1/translate/languages").status_code == 200
    assert traces.received == []


def test_who_collects_no_traces_loads_nothing_for_them(tmp_path, service_token_file):
    # The client of Redis loads the SDK for metrics of its own, which nobody switches on.
    script = """
import sys
from gateway.app import create_app
create_app()
assert not [name for name in sys.modules if name.startswith(("opentelemetry.exporter", "examkit.web.tracing"))]
"""
    urls = {f"GATEWAY_{name}_URL": "http://127.0.0.1:1" for name in ("CLASSIFY", "IMAGE_SEARCH", "TRANSLATE")}
    files = {
        "GATEWAY_SERVICE_TOKEN_FILE": str(service_token_file),
        "GATEWAY_DATA_DIR": str(tmp_path),
        "GATEWAY_API_KEY_FILE": str(tmp_path / "key"),
    }
    environment = {**os.environ, **urls, **files}
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, env=environment, check=True)
