"""What Prometheus reads of a gateway: how its services fare, and why it refuses."""

import httpx2
import pytest
from fastapi.testclient import TestClient
from prometheus_client.parser import text_string_to_metric_families

from gateway.app import create_app
from tests.integration.gateway_stand_in import gateway_settings

pytestmark = pytest.mark.integration


@pytest.fixture
def client(tmp_path, service_token_file):
    def answer(request: httpx2.Request) -> httpx2.Response:
        if request.url.host == "translate.test":
            return httpx2.Response(500, text="broken")
        return httpx2.Response(200, json={})

    settings = gateway_settings(tmp_path, service_token_file)
    with TestClient(create_app(settings, httpx2.MockTransport(answer))) as client:
        client.headers["API-Key"] = settings.api_key_file.read_text().strip()
        yield client


def figure(client: TestClient, name: str, **labels: str) -> float | None:
    for family in text_string_to_metric_families(client.get("/metrics").text):
        for sample in family.samples:
            if sample.name == name and labels.items() <= sample.labels.items():
                return sample.value
    return None


def test_calls_of_services_are_timed_by_how_they_end(client):
    client.get("/api/v1/marks")
    for _ in range(2):
        client.post("/api/v1/glossaries", json={})
    counted = "examkit_upstream_seconds_count"
    assert figure(client, counted, upstream="image_search", outcome="answered") == 1
    assert figure(client, counted, upstream="translate", outcome="upstream-failed") == 2
    assert figure(client, counted, upstream="classify") is None
    assert figure(client, "examkit_refusals_total", code="upstream-failed") == 2


def test_a_service_that_is_left_alone_is_shown(client):
    assert figure(client, "examkit_upstream_breaker_open", upstream="translate") == 0
    for _ in range(10):
        client.post("/api/v1/glossaries", json={})
    assert figure(client, "examkit_upstream_breaker_open", upstream="translate") == 1
    assert figure(client, "examkit_upstream_breaker_open", upstream="classify") == 0
    assert figure(client, "examkit_upstream_calls", upstream="translate") == 0
