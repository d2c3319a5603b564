"""Tells callers who they are to the gateway, so that a program can show what its key opens."""

from fastapi import APIRouter, Request

from examkit.web.problems import problem_responses
from examkit.web.wire import WireModel
from gateway.auth import Door
from gateway.routes import Scope


class CallerBody(WireModel):
    """What a key or token says of its holder."""

    name: str
    tenant: str
    scopes: list[Scope]


def caller_router() -> APIRouter:
    """Build the route that needs a key or token, but no scope."""
    router = APIRouter(tags=["caller"])

    @router.get(
        "/api/v1/caller",
        summary="Who am I here?",
        operation_id="getCaller",
        responses=problem_responses(401, 406, 422, 500, 503),
    )
    async def get_caller(request: Request) -> CallerBody:
        """Tell the name, the department and the scopes of the key or token that the request came with."""
        door: Door = request.app.state.door
        caller = await door.recognize(request)
        return CallerBody(name=caller.name, tenant=caller.tenant, scopes=sorted(caller.scopes))

    return router
