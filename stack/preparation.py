"""What must be there before anything starts: installed artifacts, marks to search in, a fresh service token.

The work is done by the commands of those who own it, run as processes whose progress the operator sees.
"""

import subprocess
import sys
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path

from examkit.artifact import read_manifest
from examkit.errors import ArtifactError, StartError
from examkit.service_token import write_service_token
from stack.layout import Layout
from stack.leftovers import mark
from stack.programs import CHECKOUT, service_environment

_REGISTRY = CHECKOUT / "models" / "registry.toml"
_DEMO_REGISTER = "demo-register"


def prepare(layout: Layout, environment: Mapping[str, str], say: Callable[[str], None]) -> None:
    """Bring a home to where a deployment can start; raise StartError where that fails.

    `environment` is the operator's own, whole: installing may need a proxy or a mirror that it names.
    """
    write_fresh_token(layout)
    if not are_installed(layout, released_versions(_REGISTRY)):
        say("Installing models and data (once)")
        command = ("models", "install", "--artifacts", str(layout.artifacts))
        _run(command, {**environment, **mark(layout)}, "The models and data could not be installed.")
    if not _has_marks(layout):
        say("Filling the mark register with the demo marks (once)")
        _import_demo_register(layout, environment)


def write_fresh_token(layout: Layout) -> None:
    """Make a new service token in place of the last run's."""
    layout.service_token.unlink(missing_ok=True)
    write_service_token(layout.service_token)


def released_versions(registry: Path) -> dict[str, str]:
    """Read from the registry file which artifacts a default installation has, and their versions."""
    releases = tomllib.loads(registry.read_text(encoding="utf-8"))["artifacts"]
    return {name: release["version"] for name, release in releases.items() if release["default"]}


def are_installed(layout: Layout, versions: Mapping[str, str]) -> bool:
    """Tell from the manifests alone whether exactly these versions are installed; services verify the files."""
    return all(_installed_version(layout.artifacts / name) == version for name, version in versions.items())


def _installed_version(folder: Path) -> str | None:
    try:
        return read_manifest(folder).version
    except ArtifactError:
        return None


def _has_marks(layout: Layout) -> bool:
    return layout.mark_register.exists() and not layout.unfinished_import.exists()


def _import_demo_register(layout: Layout, environment: Mapping[str, str]) -> None:
    # A register without this file is the office's own, or complete: nothing is ever imported into it.
    layout.unfinished_import.touch()
    own = {**service_environment("image_search", layout), **mark(layout)}
    command = ("services.image_search.build", str(layout.artifacts / _DEMO_REGISTER))
    _run(command, {**environment, **own}, "The demo marks could not be imported.")
    layout.unfinished_import.unlink()


def _run(module_and_arguments: tuple[str, ...], environment: Mapping[str, str], failure: str) -> None:
    """Run a module of the checkout; it says itself, before `failure`, what went wrong."""
    done = subprocess.run((sys.executable, "-m", *module_and_arguments), cwd=CHECKOUT, env=environment, check=False)
    if done.returncode:
        raise StartError(failure)
