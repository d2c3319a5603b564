"""Fetches npm packages that hold drawings and words, pinned by version and hash; none of their code runs.

npm does it so that an office's own registry, mirror, proxy and certificates apply as they do everywhere else.
"""

import json
import shutil
import subprocess
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from examkit.artifact import sha256_of
from examkit.errors import ArtifactError


@dataclass(frozen=True)
class NpmPackage:
    """One package, by the SHA-256 of its archive."""

    name: str
    version: str
    sha256: str

    @property
    def archive(self) -> str:
        """Return the file name that npm gives the archive."""
        return f"{self.name.removeprefix('@').replace('/', '-')}-{self.version}.tgz"


@dataclass(frozen=True)
class PackageFolder:
    """Where fetched archives lie."""

    folder: Path

    def fetch(self, package: NpmPackage) -> Path:
        """Return the archive of a package, fetched unless it is there; raise ArtifactError for any other file."""
        file = self.folder / package.archive
        if not file.is_file():
            self._pack(package)
        if sha256_of(file) != package.sha256:
            raise ArtifactError(f"{package.archive} is not the file that was pinned (SHA-256 differs).")
        return file

    def read_json(self, package: NpmPackage, member: str) -> Mapping[str, Any]:
        """Read one JSON file of a package."""
        document: Mapping[str, Any] = json.loads(self.read(package, member))
        return document

    def read(self, package: NpmPackage, member: str) -> bytes:
        """Read one file of a package; raise ArtifactError when it has none of that name."""
        with tarfile.open(self.fetch(package)) as archive:
            names = archive.getnames()
            stream = archive.extractfile(f"package/{member}") if f"package/{member}" in names else None
            if stream is None:
                raise ArtifactError(f"{package.name} {package.version} holds no {member}.")
            return stream.read()

    def _pack(self, package: NpmPackage) -> None:
        npm = shutil.which("npm")
        if npm is None:
            raise ArtifactError(f"npm is needed to fetch {package.name}.")
        self.folder.mkdir(parents=True, exist_ok=True)
        command = [npm, "pack", "--silent", "--pack-destination", str(self.folder), f"{package.name}@{package.version}"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode or not (self.folder / package.archive).is_file():
            raise ArtifactError(f"npm could not fetch {package.name} {package.version}.")
