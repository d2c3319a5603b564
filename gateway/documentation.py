"""The API described for people and programs: `/openapi.json` and `/docs`, with every asset served from here."""

import json
from pathlib import Path
from typing import Any, Final

import fastapi_offline
from fastapi import APIRouter, FastAPI
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.staticfiles import StaticFiles
from starlette.responses import HTMLResponse

DESCRIPTION_FILE: Final = Path(__file__).with_name("openapi.json")
_ASSETS_PATH: Final = "/docs/assets"
_ASSETS_DIR: Final = Path(fastapi_offline.__file__).parent / "static"


def add_documentation(app: FastAPI) -> None:
    """Serve the committed description and a page to read and try it."""
    router = APIRouter()

    @router.get("/docs", include_in_schema=False)
    async def page() -> HTMLResponse:
        return get_swagger_ui_html(
            openapi_url="/openapi.json",
            title=app.title,
            swagger_js_url=f"{_ASSETS_PATH}/swagger-ui-bundle.js",
            swagger_css_url=f"{_ASSETS_PATH}/swagger-ui.css",
            swagger_favicon_url=f"{_ASSETS_PATH}/favicon.png",
        )

    app.include_router(router)
    app.mount(_ASSETS_PATH, StaticFiles(directory=_ASSETS_DIR))
    app.openapi = _committed_description  # type: ignore[method-assign] # FastAPI's documented extension point


def _committed_description() -> dict[str, Any]:
    description: dict[str, Any] = json.loads(DESCRIPTION_FILE.read_text())
    return description
