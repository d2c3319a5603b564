"""The gateway's endpoints: one for each row of the table."""

from fastapi import APIRouter, Depends, Request, Response

from examkit.errors import NotFoundError
from gateway.auth import require_scope
from gateway.routes import ROUTES, Route
from gateway.upstream.upstreams import Upstreams


def public_routes(upstreams: Upstreams) -> APIRouter:
    """Build the public routes; each checks the caller's scope and hands the request on."""
    router = APIRouter()
    for route in ROUTES:
        _add(router, route, upstreams)
    return router


def _add(router: APIRouter, route: Route, upstreams: Upstreams) -> None:
    async def forward(request: Request) -> Response:
        _refuse_dot_segments(request)
        return await upstreams.forward(route.upstream, request)

    allowed = [Depends(require_scope(route.scope))]
    router.add_api_route(route.path, forward, methods=[route.method], dependencies=allowed, include_in_schema=False)


def _refuse_dot_segments(request: Request) -> None:
    """Keep `..` out: an HTTP client would resolve it to a path of the service that is not in the table."""
    if {".", ".."} & set(request.scope["path"].split("/")):
        raise NotFoundError("There is nothing at this path.", code="unknown-route")
