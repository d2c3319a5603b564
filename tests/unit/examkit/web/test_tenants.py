"""A call is for the tenant that the gateway names, whose state stays open until the answer has gone out."""

from typing import Annotated

import pytest
from fastapi import APIRouter, Depends, Request
from fastapi.responses import StreamingResponse
from fastapi.testclient import TestClient

from examkit.errors import StartError
from examkit.service_token import SERVICE_TOKEN_HEADER
from examkit.settings import ServiceSettings
from examkit.tenants import DEFAULT_TENANT, TENANT_HEADER, Tenants
from examkit.web.app import build_app
from examkit.web.tenants import holding


class Kept:
    def __init__(self, tenant: str) -> None:
        if tenant == "damaged":
            raise StartError("It cannot be opened.")
        self.tenant, self.is_open = tenant, True

    def close(self):
        self.is_open = False


async def _kept(request: Request):
    async with holding(request.app.state.kept, request) as kept:
        yield kept


Own = Annotated[Kept, Depends(_kept)]
router = APIRouter(prefix="/api/v1")


@router.get("/name")
async def name(own: Own) -> str:
    return own.tenant


@router.get("/stream")
async def stream(request: Request, own: Own) -> StreamingResponse:
    def pieces():
        for _ in range(3):
            with request.app.state.kept.hold("another"):  # which needs the only place
                yield f"{own.tenant} {own.is_open}\n"

    return StreamingResponse(pieces())


@router.get("/nothing")
async def nothing() -> str:
    return "nothing"


@pytest.fixture
def client(tmp_path, service_token_file):
    settings = ServiceSettings(service_token_file=service_token_file, artifacts_dir=tmp_path)
    app = build_app(name="test", title="Test", settings=settings, load=object, routers=[router])
    app.state.kept = Tenants(Kept, most=1)
    with TestClient(app, headers={SERVICE_TOKEN_HEADER: service_token_file.read_text()}) as opened:
        yield opened


def named(*tenants):
    return [(TENANT_HEADER, tenant) for tenant in tenants]


def test_the_tenant_is_the_named_one_or_else_the_default_one(client):
    assert client.get("/api/v1/name").json() == DEFAULT_TENANT
    assert client.get("/api/v1/name", headers={TENANT_HEADER: "marks"}).json() == "marks"
    assert client.get("/api/v1/name", headers={TENANT_HEADER.upper(): "patents"}).json() == "patents"


@pytest.mark.parametrize("path", ["/api/v1/name", "/api/v1/nothing"])
@pytest.mark.parametrize("tenant", ["", "A", "../office", "a b", "a,b", "x" * 33, "\u00e4"])
def test_what_is_no_name_is_refused_on_every_path(client, path, tenant):
    answer = client.get(path, headers={TENANT_HEADER: tenant.encode("latin-1")})
    assert (answer.status_code, answer.json()["code"]) == (422, "malformed-tenant")


def test_two_names_are_refused_even_the_same(client):
    headers = [*client.headers.items(), *named("marks", "marks")]
    answer = client.get("/api/v1/name", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (422, "malformed-tenant")


def test_without_the_service_token_no_tenant_is_looked_at(client):
    headers = {TENANT_HEADER: "A", SERVICE_TOKEN_HEADER: "x"}
    assert client.get("/api/v1/name", headers=headers).json()["code"] == "service-token-required"


def test_what_cannot_be_opened_is_a_problem_to_be_tried_again(client):
    answer = client.get("/api/v1/name", headers={TENANT_HEADER: "damaged"})
    assert (answer.status_code, answer.json()["code"]) == (503, "tenant-unavailable")
    assert answer.headers["retry-after"] == "5"


def test_what_is_streamed_from_stays_open_until_the_end(client):
    answer = client.get("/api/v1/stream", headers={TENANT_HEADER: "marks"})
    assert answer.text == "marks True\n" * 3
    assert client.get("/api/v1/name", headers={TENANT_HEADER: "third"}).json() == "third"
    assert client.app.state.kept.take_open("marks") is None
