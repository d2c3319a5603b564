"""The registry says of every released artifact what it is and where it comes from; `registry.toml` is its file."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from examkit.artifact import CARD_NAME, Manifest
from examkit.errors import ArtifactError

REGISTRY_FILE = Path(__file__).with_name("registry.toml")
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_VERSION = re.compile(r"[0-9A-Za-z][0-9A-Za-z.+_]*")


@dataclass(frozen=True)
class Package:
    """One wheel of the package index; the last four are pip's tags, given when the wheel is made for one platform."""

    name: str
    version: str
    sha256: str
    size_bytes: int
    platform: str | None = None
    python_version: str | None = None
    implementation: str | None = None
    abi: str | None = None

    @property
    def title(self) -> str:
        """Name and version, as a person writes them."""
        return f"{self.name} {self.version}"


@dataclass(frozen=True)
class KeptInGit:
    """A ready artifact folder that travels with the source."""

    folder: Path


@dataclass(frozen=True)
class BuiltFromPackage:
    """An artifact that `builder` (`module:function`) makes from the unpacked files of a package."""

    package: Package
    builder: str


@dataclass(frozen=True)
class Release:
    """One artifact of the registry; `master_files_builder`, where there is one, makes it from an office's own files."""

    name: str
    version: str
    format: str
    format_version: int
    licence: str
    origin: str
    is_default: bool
    source: KeptInGit | BuiltFromPackage
    card: Path
    master_files_builder: str | None


@dataclass(frozen=True)
class Family:
    """Artifacts of no release, which an office makes of its own files: any whose whole name fits the pattern."""

    pattern: str
    example: str
    format: str
    licence: str
    card: Path
    builder: str

    def release(self, name: str, formats: Mapping[str, int]) -> Release:
        """Say what an artifact of the family is; its version comes with the files."""
        return Release(
            name=name,
            version="",
            format=self.format,
            format_version=formats[self.format],
            licence=self.licence,
            origin="",
            is_default=False,
            source=KeptInGit(self.card.parent),
            card=self.card,
            master_files_builder=self.builder,
        )


@dataclass(frozen=True)
class Registry:
    """All releases by name, what an office can make besides, and every format that can be read, with its version."""

    releases: Mapping[str, Release]
    formats: Mapping[str, int]
    families: Sequence[Family] = ()

    def family(self, name: str) -> Family | None:
        """Return the family that a name of no release belongs to."""
        fitting = (family for family in self.families if re.fullmatch(family.pattern, name))
        return None if name in self.releases else next(fitting, None)

    def release(self, name: str) -> Release:
        """Return the release of a name; raise ArtifactError listing the names when there is none."""
        if name not in self.releases:
            raise ArtifactError(f"There is no artifact {name}; the registry knows {', '.join(self.releases)}.")
        return self.releases[name]

    def select(self, names: Sequence[str]) -> list[Release]:
        """Return the named releases, or without names the default set; raise ArtifactError on an unknown name."""
        if names:
            return [self.release(name) for name in dict.fromkeys(names)]
        return [release for release in self.releases.values() if release.is_default]

    def check(self, manifest: Manifest) -> None:
        """Raise ArtifactError when a manifest's name, version or format cannot be used by this release of Examkit."""
        if not _NAME.fullmatch(manifest.name) or not _VERSION.fullmatch(manifest.version):
            raise ArtifactError("The manifest's name or version holds a character that is not allowed there.")
        release = self.releases.get(manifest.name)
        if release is not None and release.format != manifest.format:
            raise ArtifactError(f"{manifest.name} must be of format {release.format}, not {manifest.format}.")
        if self.formats.get(manifest.format) != manifest.format_version:
            raise ArtifactError(
                f"{manifest.name} {manifest.version} is {manifest.format} format {manifest.format_version}, "
                "which this release of Examkit cannot read."
            )


def read_registry(file: Path = REGISTRY_FILE) -> Registry:
    """Read a registry file, beside which `artifacts` and `cards` stand; raise ArtifactError when it is unusable."""
    try:
        document = tomllib.loads(file.read_text(encoding="utf-8"))
        packages = {name: Package(name, **raw) for name, raw in document["packages"].items()}
        formats = document["formats"]
        releases = {
            name: _release(name, raw, packages, formats, file.parent) for name, raw in document["artifacts"].items()
        }
        families = [_family(raw, file.parent) for raw in document.get("families", {}).values()]
    except (tomllib.TOMLDecodeError, AttributeError, KeyError, TypeError, UnicodeDecodeError) as error:
        raise ArtifactError(f"{file.name} cannot be used: {error}.") from None
    return Registry(releases, formats, families)


def _family(raw: Mapping[str, str], folder: Path) -> Family:
    card = folder / "cards" / raw["card"]
    return Family(raw["pattern"], raw["example"], raw["format"], raw["licence"], card, raw["builder"])


def _release(
    name: str, raw: Mapping[str, Any], packages: Mapping[str, Package], formats: Mapping[str, int], folder: Path
) -> Release:
    kept = folder / "artifacts" / name
    source: KeptInGit | BuiltFromPackage = KeptInGit(kept)
    if "package" in raw:
        source = BuiltFromPackage(packages[raw["package"]], raw["builder"])
    return Release(
        name=name,
        version=raw["version"],
        format=raw["format"],
        format_version=formats[raw["format"]],
        licence=raw["licence"],
        origin=raw["origin"],
        is_default=raw["default"],
        source=source,
        card=kept / CARD_NAME if isinstance(source, KeptInGit) else folder / "cards" / f"{name}.md",
        master_files_builder=raw.get("master_files_builder"),
    )
