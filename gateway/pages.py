"""Serves the workbench and the pane for Word: files read once at the start, under addresses that name their content.

Every file but the pages themselves lies below a folder that is called after a digest of them all, so that browsers may
keep it for good, and a new release is a new folder. Modules name one another by relative paths, which stay true there.
"""

import gzip
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from mimetypes import guess_type
from pathlib import Path
from typing import Final

from fastapi import APIRouter, Request, Response

from examkit.errors import NotFoundError, StartError

_CHECKOUT: Final = Path(__file__).resolve().parents[1]
WORKBENCH_DIR: Final = _CHECKOUT / "gateway" / "workbench"
WORD_DIR: Final = _CHECKOUT / "plugins" / "word"
_PAGES: Final = frozenset({".html"})
_TEXTUAL: Final = frozenset({".css", ".html", ".js", ".json", ".svg"})
_FOREVER: Final = "public, max-age=31536000, immutable"
# The page may be kept, but is asked for anew each time: 304 when it is still the same.
_ASK_ANEW: Final = "no-cache"
_LOGO_TYPES: Final = frozenset({"image/png", "image/jpeg", "image/svg+xml"})
_MOST_LOGO_BYTES: Final = 256 * 1024
_POLICY: Final = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' blob:",
    "connect-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'none'",
    "frame-ancestors": "'none'",
    "require-trusted-types-for": "'script'",
    "trusted-types": "'none'",
}


@dataclass(frozen=True)
class Office:
    """Whose page it is: a name, and a picture with its media type."""

    name: str
    logo: tuple[bytes, str] | None


@dataclass(frozen=True)
class File:
    """A file ready to be sent, as it is and packed."""

    content: bytes
    packed: bytes
    media_type: str


class Assets:
    """The files of some folders, each below its name, in memory."""

    def __init__(self, folders: Mapping[str, Path]) -> None:
        found = [(name, file) for name, folder in folders.items() for file in sorted(folder.rglob("*"))]
        contents = {
            f"{name}/{file.relative_to(folders[name]).as_posix()}": file.read_bytes()
            for name, file in found
            if file.is_file() and file.suffix in _TEXTUAL
        }
        digest = hashlib.sha256()
        for path, content in contents.items():
            digest.update(f"{path}\0{len(content)}\0".encode() + content)
        self.prefix = f"/assets/{digest.hexdigest()[:16]}"
        self.files = {path: _ready(path, content) for path, content in contents.items()}

    def page(self, path: str, values: Mapping[str, str]) -> bytes:
        """Return a page with the places for values filled in, their signs escaped.

        The modules beside it are named in its head, so that they are all asked for at once, not one after another.
        """
        folder = path.rpartition("/")[0]
        beside = [each for each in self.files if each.endswith(".js") and each.rpartition("/")[0] == folder]
        modules = "\n".join(f'  <link rel="modulepreload" href="{self.prefix}/{each}">' for each in beside)
        text = self.files[path].content.decode().replace("{{modules}}", modules).replace("{{assets}}", self.prefix)
        for name, value in values.items():
            text = text.replace(f"{{{{{name}}}}}", escape(value))
        return text.encode()


def policy(**changed: str) -> str:
    """Write the Content-Security-Policy of a page: nothing from elsewhere, no script or style in the page itself."""
    rules = _POLICY | {name.replace("_", "-"): value for name, value in changed.items()}
    return "; ".join(f"{name} {value}" for name, value in rules.items() if value)


def open_office(name: str, logo_file: Path | None) -> Office:
    """Read what the office calls itself; raise StartError for a logo that cannot be shown."""
    if logo_file is None:
        return Office(name, None)
    media_type = guess_type(logo_file.name)[0] or ""
    try:
        content = logo_file.read_bytes()
    except OSError:
        raise StartError("The file of GATEWAY_OFFICE_LOGO_FILE cannot be read.") from None
    if media_type not in _LOGO_TYPES or len(content) > _MOST_LOGO_BYTES:
        raise StartError("GATEWAY_OFFICE_LOGO_FILE is a PNG, JPEG or SVG file of at most 256 KB.")
    return Office(name, (content, media_type))


def open_assets() -> Assets:
    """Read what the pages are made of; they share it, and one folder name."""
    return Assets({"workbench": WORKBENCH_DIR, "word": WORD_DIR})


def pages_router(assets: Assets, office: Office) -> APIRouter:
    """Build the routes of the workbench and of everything that pages are made of."""
    router = APIRouter(include_in_schema=False)
    logo = "" if office.logo is None else "/office-logo"
    workbench = prepare(assets.page("workbench/index.html", {"officeName": office.name, "officeLogo": logo}))

    @router.get("/")
    async def show_workbench(request: Request) -> Response:
        return page_response(request, workbench, policy())

    @router.get("/office-logo")
    async def show_logo() -> Response:
        if office.logo is None:
            raise NotFoundError("The office has set no logo.", code="unknown-route")
        content, media_type = office.logo
        # An SVG opened by itself runs no script and fetches nothing.
        headers = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox"}
        return Response(content, media_type=media_type, headers=headers)

    @router.get(f"{assets.prefix}/{{path:path}}")
    async def show_asset(request: Request, path: str) -> Response:
        file = assets.files.get(path)
        if file is None or Path(path).suffix in _PAGES:
            raise NotFoundError("There is nothing at this path.", code="unknown-route")
        return _sent(request, file, {"Cache-Control": _FOREVER})

    return router


def page_response(request: Request, page: File, content_security_policy: str) -> Response:
    """Answer with a page, or with 304 where the browser has it."""
    headers = {
        "Cache-Control": _ASK_ANEW,
        "Content-Security-Policy": content_security_policy,
        "Cross-Origin-Opener-Policy": "same-origin",
        "Referrer-Policy": "no-referrer",
        "ETag": f'"{hashlib.sha256(page.content).hexdigest()[:16]}"',
    }
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    return _sent(request, page, headers)


def prepare(content: bytes) -> File:
    """Make a page ready to be sent."""
    return _ready("page.html", content)


def _ready(path: str, content: bytes) -> File:
    media_type = "text/javascript" if path.endswith(".js") else guess_type(path)[0] or "application/octet-stream"
    return File(content, gzip.compress(content, 9, mtime=0), media_type)


def _sent(request: Request, file: File, headers: Mapping[str, str]) -> Response:
    headers = {**headers, "Vary": "Accept-Encoding"}
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(file.packed, media_type=file.media_type, headers={**headers, "Content-Encoding": "gzip"})
    return Response(file.content, media_type=file.media_type, headers=headers)
