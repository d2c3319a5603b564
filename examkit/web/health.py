"""Probes: is the process alive, is it ready to work, which version runs."""

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from examkit import __version__
from examkit.errors import NotReadyError
from examkit.web.observe import Metrics
from examkit.web.problems import problem_responses
from examkit.web.wire import WireModel


class State(WireModel):
    """Answer of a probe."""

    status: str


class Version(WireModel):
    """Which deployable and version answers."""

    name: str
    version: str


def probes(name: str) -> APIRouter:
    """Build the probe routes of a deployable; `app.state.not_ready` tells, asynchronously, what is still missing."""
    router = APIRouter(tags=["probes"])

    @router.get("/livez", summary="Is the process alive?", operation_id=f"{name}Livez")
    async def livez() -> State:
        """Answer as soon as the process runs."""
        return State(status="alive")

    @router.get("/readyz", summary="Can it work?", operation_id=f"{name}Readyz", responses=problem_responses())
    async def readyz(request: Request) -> State:
        """Answer 200 once the deployable can do its work, 503 before."""
        missing = await request.app.state.not_ready()
        if missing:
            raise NotReadyError(f"Not ready yet: {', '.join(missing)}.", retry_after_seconds=1)
        return State(status="ready")

    @router.get("/version", summary="Which version runs?", operation_id=f"{name}Version")
    async def version() -> Version:
        """Tell the deployable's name and version."""
        return Version(name=name, version=__version__)

    return router


def exposition(metrics: Metrics) -> APIRouter:
    """Build the route that Prometheus reads."""
    router = APIRouter()

    @router.get("/metrics", include_in_schema=False)
    async def expose() -> Response:
        return Response(generate_latest(metrics.registry), media_type=CONTENT_TYPE_LATEST)

    return router
