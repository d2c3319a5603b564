"""One FastAPI application with the house's manners; a deployable adds its routers and its engine."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial, wraps
from typing import Any, Final, ParamSpec, Protocol, runtime_checkable

import structlog
from anyio.to_thread import run_sync
from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.telemetry import TelemetryConfig
from starlette.middleware import Middleware

from examkit import __version__
from examkit.errors import NotReadyError, StartError
from examkit.service_token import read_service_token
from examkit.settings import DeployableSettings, ServiceSettings
from examkit.web.health import exposition, probes
from examkit.web.limits import BodyLimit, InferenceSlots, ServiceTokenGuard
from examkit.web.observe import Metrics, Observe, configure_logging, failure_of
from examkit.web.problems import Problem, add_problem_handlers
from examkit.web.tenants import tenant_of
from examkit.web.wire import require_acceptable

P = ParamSpec("P")

# FastAPI's own would send what was submitted, in messages of errors, to wherever a variable of the environment says.
_NO_TELEMETRY: Final[TelemetryConfig] = {"tracing": False, "metrics": False, "logs": False, "auto_configure": False}


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
    larger_bodies: Mapping[str, int] | None = None,
) -> FastAPI:
    """Build a service whose engine is loaded by `load` in a thread, after the process has begun to answer probes."""
    configure_logging(settings.log_level)
    app = bare_app(name=name, title=title, lifespan=_loading(load))
    for router in routers:
        app.include_router(router, dependencies=[Depends(require_acceptable), Depends(tenant_of)])
    app.include_router(exposition(app.state.metrics))
    app.state.engine = None
    app.state.not_ready = partial(_not_ready, app, name)
    app.state.slots = InferenceSlots(settings.inference_slots, settings.waiting_slots)
    app.add_middleware(ServiceTokenGuard, token=read_service_token(settings.service_token_file))
    guard(app, settings, larger_bodies)
    return app


def guard(
    app: FastAPI, settings: DeployableSettings, larger_bodies: Mapping[str, int] | None = None, *around: Middleware
) -> None:
    """Put the outermost middleware around an application: the body limits, then `around`, and what is observed."""
    app.add_middleware(BodyLimit, max_bytes=settings.max_body_bytes, larger=larger_bodies or {})
    for each in around:
        app.add_middleware(each.cls, *each.args, **each.kwargs)
    if settings.otlp_endpoint is not None:
        _trace(app, str(settings.otlp_endpoint))
    app.add_middleware(Observe, metrics=app.state.metrics)


def _trace(app: FastAPI, endpoint: str) -> None:
    from examkit.web.tracing import Traced, over_http  # noqa: PLC0415 - who collects no traces loads nothing for them

    app.add_middleware(Traced, name=app.state.name, processor=over_http(endpoint))


def bare_app(*, name: str, title: str, lifespan: Any) -> FastAPI:
    """Build an application with probes and problem documents, but without middleware."""
    app = FastAPI(
        title=title,
        version=__version__,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        telemetry=_NO_TELEMETRY,
    )
    app.state.name = name
    app.state.metrics = Metrics()
    add_problem_handlers(app)
    app.include_router(probes(name))
    _describe_problems(app)
    return app


def factory(create: Callable[P, FastAPI]) -> Callable[P, FastAPI]:
    """Make a composition root end the process with one sentence, and no trace, when it cannot start."""

    @wraps(create)
    def create_or_exit(*args: P.args, **kwargs: P.kwargs) -> FastAPI:
        try:
            return create(*args, **kwargs)
        except StartError as error:
            raise SystemExit(f"cannot start: {error}") from None

    return create_or_exit


def loaded(request: Request) -> Any:
    """Give the application's engine; raise NotReadyError while it is being loaded."""
    if request.app.state.engine is None:
        raise NotReadyError("The service is still loading its model.", retry_after_seconds=1)
    return request.app.state.engine


async def _not_ready(app: FastAPI, name: str) -> Sequence[str]:
    return (name,) if app.state.engine is None else ()


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
