"""The gateway's endpoints: one for each row of the table."""

from collections.abc import Awaitable, Callable

from fastapi import APIRouter, Depends, Request, Response

from examkit.errors import NotFoundError
from gateway.across_languages import AcrossLanguages
from gateway.auth import require_scope
from gateway.routes import BATCH_PATH, CLASSIFY_PATH, ROUTES, Route
from gateway.upstream.upstreams import Upstreams

Way = Callable[[Request], Awaitable[Response]]


def public_routes(upstreams: Upstreams, across_languages: AcrossLanguages) -> APIRouter:
    """Build the public routes; each checks the caller's scope and hands the request on."""
    router = APIRouter()
    ways: dict[str, Way] = {CLASSIFY_PATH: across_languages.classify, BATCH_PATH: across_languages.classify_batch}
    for route in ROUTES:
        _add(router, route, ways.get(route.path) or _forward(route, upstreams))
    return router


def _forward(route: Route, upstreams: Upstreams) -> Way:
    async def forward(request: Request) -> Response:
        _refuse_dot_segments(request)
        return await upstreams.forward(route.upstream, request)

    return forward


def _add(router: APIRouter, route: Route, way: Way) -> None:
    allowed = [Depends(require_scope(route.scope))]
    router.add_api_route(route.path, way, methods=[route.method], dependencies=allowed, include_in_schema=False)


def _refuse_dot_segments(request: Request) -> None:
    """Keep `..` out: an HTTP client would resolve it to a path of the service that is not in the table."""
    if {".", ".."} & set(request.scope["path"].split("/")):
        raise NotFoundError("There is nothing at this path.", code="unknown-route")
