"""Serves the pane for Word below /office: its page, its manifest with this server's address in it, its icons."""

from typing import Final
from urllib.parse import urlsplit

from fastapi import APIRouter, Request, Response
from pydantic import HttpUrl

from examkit.errors import NotFoundError
from gateway.pages import WORD_DIR, Assets, page_response, policy, prepare

_ICON_SIZES: Final = (32, 64)


def word_router(assets: Assets, public_url: HttpUrl | None, office_js_url: HttpUrl) -> APIRouter:
    """Build the routes of the pane, which Word opens at the address that the manifest names."""
    router = APIRouter(prefix="/office", include_in_schema=False)
    pane = prepare(assets.page("word/taskpane.html", {"officeJs": str(office_js_url)}))
    scripts = f"'self' {_origin(office_js_url)}"
    # The policy of Trusted Types is made in before/trust.js; Office.js cannot fetch its own parts without one.
    content_policy = policy(script_src=scripts, trusted_types="default")
    manifest = None if public_url is None else _manifest(public_url)
    icons = {size: (WORD_DIR / f"icon-{size}.png").read_bytes() for size in _ICON_SIZES}

    @router.get("/")
    async def show_pane(request: Request) -> Response:
        return page_response(request, pane, content_policy)

    @router.get("/manifest.xml")
    async def show_manifest() -> Response:
        if manifest is None:
            detail = (
                "GATEWAY_PUBLIC_URL is not set: the manifest must name the address by which Word reaches the server."
            )
            raise NotFoundError(detail, code="public-url-unset")
        headers = {"Content-Disposition": 'attachment; filename="examkit-word.xml"'}
        return Response(manifest, media_type="application/xml", headers=headers)

    @router.get("/icon-{size}.png")
    async def show_icon(size: int) -> Response:
        if size not in icons:
            raise NotFoundError("There is nothing at this path.", code="unknown-route")
        return Response(icons[size], media_type="image/png")

    return router


def _origin(url: HttpUrl) -> str:
    """Return what of an address a Content-Security-Policy names: scheme, host and, where it is not the usual, port."""
    parts = urlsplit(str(url))
    return f"{parts.scheme}://{parts.netloc}"


def _manifest(public_url: HttpUrl) -> bytes:
    template = (WORD_DIR / "manifest.xml").read_text()
    return template.replace("{{publicUrl}}", str(public_url).rstrip("/")).encode()
