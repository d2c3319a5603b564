"""One FastAPI application with the house's manners; a deployable adds its routers and its engine."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any, Protocol, runtime_checkable

import structlog
from anyio.to_thread import run_sync
from fastapi import APIRouter, Depends, FastAPI, Request

from examkit import __version__
from examkit.errors import NotReadyError, StartError
from examkit.settings import ServiceSettings
from examkit.web.health import probes
from examkit.web.limits import BodyLimit, InferenceSlots
from examkit.web.observe import Metrics, Observe, configure_logging, failure_of
from examkit.web.problems import Problem, add_problem_handlers
from examkit.web.service_token import ServiceTokenGuard, read_service_token
from examkit.web.wire import require_acceptable


@runtime_checkable
class Closeable(Protocol):
    """An engine that holds something to give back at the end."""

    def close(self) -> None:
        """Give it back."""


def build_app(
    *,
    name: str,
    title: str,
    settings: ServiceSettings,
    load: Callable[[], object],
    routers: Sequence[APIRouter],
) -> FastAPI:
    """Build a service whose engine is loaded by `load` in a thread, after the process has begun to answer probes."""
    configure_logging(settings.log_level)
    app = bare_app(name=name, title=title, routers=routers, lifespan=_loading(load))
    app.state.engine = None
    app.state.is_ready = lambda: app.state.engine is not None
    app.state.slots = InferenceSlots(settings.inference_slots, settings.waiting_slots)
    app.add_middleware(ServiceTokenGuard, token=read_service_token(settings.service_token_file))
    app.add_middleware(BodyLimit, max_bytes=settings.max_body_bytes)
    app.add_middleware(Observe, metrics=app.state.metrics)
    return app


def bare_app(*, name: str, title: str, routers: Sequence[APIRouter], lifespan: Any) -> FastAPI:
    """Build an application with probes, problem documents and negotiation, but without middleware."""
    app = FastAPI(
        title=title,
        version=__version__,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        dependencies=[Depends(require_acceptable)],
    )
    app.state.metrics = Metrics()
    add_problem_handlers(app)
    for router in (probes(name, app.state.metrics), *routers):
        app.include_router(router)
    _describe_problems(app)
    return app


def loaded(request: Request) -> Any:
    """Give the application's engine; raise NotReadyError while it is being loaded."""
    if request.app.state.engine is None:
        raise NotReadyError("The service is still loading its model.", retry_after_seconds=1)
    return request.app.state.engine


def _loading(load: Callable[[], object]) -> Callable[[FastAPI], Any]:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        task = asyncio.create_task(_load(app, load))
        yield
        task.cancel()
        if isinstance(app.state.engine, Closeable):
            await run_sync(app.state.engine.close)

    return lifespan


async def _load(app: FastAPI, load: Callable[[], object]) -> None:
    log = structlog.get_logger("examkit.start")
    try:
        app.state.engine = await run_sync(load)
    except StartError as error:
        log.error(f"cannot start: {error}")
        os._exit(1)
    except Exception as error:  # noqa: BLE001 - a service that cannot load must end, whatever the reason
        log.error("cannot start", **failure_of(error))
        os._exit(1)
    log.info("ready")


def _describe_problems(app: FastAPI) -> None:
    """Put the problem document's schema into the OpenAPI description, to which every route's answers refer."""
    describe = app.openapi

    def openapi() -> dict[str, Any]:
        document = describe()
        schemas = document.setdefault("components", {}).setdefault("schemas", {})
        template = "#/components/schemas/{model}"
        problem = Problem.model_json_schema(by_alias=True, ref_template=template)
        schemas |= problem.pop("$defs") | {"Problem": problem}
        return document

    app.openapi = openapi  # type: ignore[method-assign] # FastAPI documents replacing it as its extension point
