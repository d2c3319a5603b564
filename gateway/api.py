"""The gateway's endpoints: one for each row of the table."""

from collections.abc import Awaitable, Callable

from fastapi import Request, Response
from starlette.routing import Match
from starlette.routing import Route as Endpoint
from starlette.types import Scope

from examkit.errors import NotFoundError
from gateway.across_languages import AcrossLanguages
from gateway.auth import require_scope
from gateway.routes import BATCH_PATH, CLASSIFY_PATH, ROUTES, Route
from gateway.upstream.upstreams import Upstreams

Way = Callable[[Request], Awaitable[Response]]


class Operation(Endpoint):
    """An endpoint that knows its template; those of FastAPI look in each request for parameters that none here has."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Tell whether a request is meant, and what its path says."""
        match, found = super().matches(scope)
        return match, {**found, "route": self}


def public_routes(upstreams: Upstreams, across_languages: AcrossLanguages) -> list[Operation]:
    """Build the public routes; each checks the caller's scope and hands the request on."""
    ways: dict[str, Way] = {CLASSIFY_PATH: across_languages.classify, BATCH_PATH: across_languages.classify_batch}
    return [_operation(route, ways.get(route.path) or _forward(route, upstreams)) for route in ROUTES]


def _forward(route: Route, upstreams: Upstreams) -> Way:
    async def forward(request: Request) -> Response:
        _refuse_dot_segments(request)
        return await upstreams.forward(route.upstream, request)

    return forward


def _operation(route: Route, way: Way) -> Operation:
    check = require_scope(route.scope)

    async def answer(request: Request) -> Response:
        await check(request)
        return await way(request)

    return Operation(route.path, answer, methods=[route.method], include_in_schema=False)


def _refuse_dot_segments(request: Request) -> None:
    """Keep `..` out: an HTTP client would resolve it to a path of the service that is not in the table."""
    if {".", ".."} & set(request.scope["path"].split("/")):
        raise NotFoundError("There is nothing at this path.", code="unknown-route")
