"""An artifact is a folder: files, `card.md` and a `manifest.json` that names, dates and hashes them.

Models, classification schemes and demo registers all travel as artifacts. Whatever reads one goes through
`open_artifact`, so that a half-written or altered folder is refused before any of its content is used.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from examkit.errors import ArtifactError

MANIFEST_NAME = "manifest.json"
CARD_NAME = "card.md"
MANIFEST_FORMAT = 1
_BLOCK_BYTES = 1 << 20


@dataclass(frozen=True)
class Manifest:
    """What an artifact is: `files` maps each relative path to its SHA-256 in hex.

    `format` and `format_version` say how the files are to be read (for example "ipc-scheme", 1);
    `properties` holds what belongs to the kind (edition, languages, sizes).
    """

    name: str
    version: str
    format: str
    format_version: int
    licence: str
    origin: str
    files: Mapping[str, str]
    properties: Mapping[str, Any]


@dataclass(frozen=True)
class Artifact:
    """A folder whose manifest has been checked against its files."""

    path: Path
    manifest: Manifest

    def file(self, name: str) -> Path:
        """Return the path of a file that the manifest lists; raise ArtifactError when it lists none of that name."""
        if name not in self.manifest.files:
            raise ArtifactError(f"{self.path}: the manifest lists no file {name}.")
        return self.path / name


def open_artifact(path: Path, *, format: str, format_version: int) -> Artifact:
    """Read a folder's manifest and verify every file; raise ArtifactError when it cannot be trusted."""
    manifest = read_manifest(path)
    if (manifest.format, manifest.format_version) != (format, format_version):
        raise ArtifactError(
            f"{path} is {manifest.format} {manifest.format_version}, but {format} {format_version} is needed."
        )
    verify_files(path, manifest)
    return Artifact(path, manifest)


def read_manifest(path: Path) -> Manifest:
    """Read `manifest.json` of a folder without looking at the other files; raise ArtifactError when it is unusable."""
    try:
        raw = json.loads((path / MANIFEST_NAME).read_bytes())
        if raw.pop("manifest_format") != MANIFEST_FORMAT:
            raise ArtifactError(f"{path}: the manifest is of a format this version does not know.")
        manifest = Manifest(**raw)
        if not _is_well_formed(manifest):
            raise ValueError
        return manifest
    except FileNotFoundError:
        raise ArtifactError(f"{path} holds no artifact: {MANIFEST_NAME} is missing.") from None
    except (ValueError, TypeError, KeyError, AttributeError):
        raise ArtifactError(f"{path}: {MANIFEST_NAME} cannot be read.") from None


def _is_well_formed(manifest: Manifest) -> bool:
    """Check the types that JSON left open: a manifest may come from anybody."""
    texts = (manifest.name, manifest.version, manifest.format, manifest.licence, manifest.origin)
    mappings = (manifest.files, manifest.properties)
    return (
        all(isinstance(text, str) for text in texts)
        and isinstance(manifest.format_version, int)
        and all(isinstance(mapping, dict) for mapping in mappings)
        and all(isinstance(digest, str) for digest in manifest.files.values())
    )


def verify_files(path: Path, manifest: Manifest) -> None:
    """Compare every listed file with its hash; raise ArtifactError naming the first that is missing or differs."""
    for name, expected in manifest.files.items():
        file = path / name
        if Path(name).is_absolute() or ".." in Path(name).parts:
            raise ArtifactError(f"{path}: the manifest names a file outside the artifact.")
        if not file.is_file():
            raise ArtifactError(f"{path}: {name} is missing.")
        if sha256_of(file) != expected:
            raise ArtifactError(f"{path}: {name} is not the file that was released (SHA-256 differs).")


def write_manifest(path: Path, manifest: Manifest) -> None:
    """Write `manifest.json` into a folder whose files are complete."""
    document = {"manifest_format": MANIFEST_FORMAT, **asdict(manifest)}
    (path / MANIFEST_NAME).write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n")


def hash_files(path: Path, names: Iterable[str]) -> dict[str, str]:
    """Map each relative file name to its SHA-256, in sorted order."""
    return {name: sha256_of(path / name) for name in sorted(names)}


def sha256_of(file: Path) -> str:
    """Return the SHA-256 of a file in hex, reading it in blocks."""
    digest = hashlib.sha256()
    with file.open("rb") as stream:
        while block := stream.read(_BLOCK_BYTES):
            digest.update(block)
    return digest.hexdigest()
