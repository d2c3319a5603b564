"""The command `python -m models`: list, install, verify and read about artifacts."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich import box
from rich.console import Console, RenderableType
from rich.markdown import Markdown
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from examkit.artifact import CARD_NAME, read_manifest
from examkit.errors import ArtifactError, StartError
from models.install import Installer
from models.registry import BuiltFromPackage, Release, read_registry
from models.settings import default_artifacts_dir
from models.sources import Report
from models.store import Store

app = typer.Typer(
    help="Models and data as artifacts: what there is, what is installed, and whether it is what was released.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
_ArtifactsDir = Annotated[
    Path, typer.Option("--artifacts", default_factory=default_artifacts_dir, help="Folder of the installed artifacts.")
]
_Names = Annotated[list[str] | None, typer.Argument(metavar="[NAME]...", show_default=False)]


class _Screen:
    """Tells a person what an install does: sentences that stay, progress that goes."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self.is_silent = True

    def say(self, sentence: str) -> None:
        self.is_silent = False
        _show(self._progress.console, sentence)

    @contextmanager
    def watch(self, title: str) -> Iterator[Report]:
        task = self._progress.add_task(title, total=None)
        yield lambda done, total: self._progress.update(task, completed=done, total=total or None)
        self._progress.remove_task(task)


@app.command("list")
def list_artifacts(artifacts: _ArtifactsDir) -> None:
    """Show every artifact: what it is, where it comes from, and what of it is installed."""
    with _one_sentence_on_error():
        registry, store = read_registry(), Store(artifacts)
        table = Table(
            title=f"Artifacts in {artifacts}",
            box=box.SIMPLE_HEAD,
            show_edge=False,
            padding=(0, 1, 0, 0),
            pad_edge=False,
        )
        for heading in ("Name", "Version", "Licence", "MB", "From", "Ready", "Default"):
            table.add_column(
                heading, justify="right" if heading == "MB" else "left", no_wrap=heading == "Name", overflow="fold"
            )
        for release in registry.releases.values():
            table.add_row(*_row(release, store))
        for name in store.names():
            if name not in registry.releases:
                table.add_row(*_foreign_row(name, store))
        _show(Console(), table)


@app.command()
def install(
    artifacts: _ArtifactsDir,
    names: _Names = None,
    sources: Annotated[
        list[str] | None,
        typer.Option("--from", metavar="PATH_OR_URL", help="Artifact folder or zip, mirror folder, or master files."),
    ] = None,
) -> None:
    """Install the named artifacts, or the default set; what is installed and intact is left alone."""
    with _one_sentence_on_error(), _progress() as progress:
        screen = _Screen(progress)
        installer = Installer(read_registry(), Store(artifacts), screen)
        if sources:
            installer.install_from(names or [], sources)
        else:
            installer.install(names or [])
        if screen.is_silent:
            screen.say("Everything asked for is installed and intact.")


@app.command()
def verify(artifacts: _ArtifactsDir, names: _Names = None) -> None:
    """Hash every file of the named, or of all, installed artifacts and compare it with what was released."""
    with _one_sentence_on_error(), _progress() as progress:
        store, screen = Store(artifacts), _Screen(progress)
        failures = _verify_all(Installer(read_registry(), store, screen), names or store.names(), screen)
        if failures:
            raise ArtifactError(failures)


@app.command()
def card(name: str, artifacts: _ArtifactsDir) -> None:
    """Show an artifact's card: what it is, what it was made from, how good it is, what it is not for."""
    with _one_sentence_on_error():
        installed = Store(artifacts).find(name)
        file = installed.folder / CARD_NAME if installed else read_registry().release(name).card
        _show(Console(), Markdown(file.read_text(encoding="utf-8")))


def _verify_all(installer: Installer, names: list[str], screen: _Screen) -> str:
    """Verify each, say so, and return what failed, a sentence a line."""
    failures = [] if names else ["No artifact is installed."]
    for name in names:
        try:
            with screen.watch(f"Hashing {name}"):
                manifest = installer.verify(name).manifest
            screen.say(f"{name} {manifest.version} is what was released ({len(manifest.files)} files).")
        except ArtifactError as error:
            failures.append(str(error))
    return "\n".join(failures)


def _row(release: Release, store: Store) -> tuple[str, ...]:
    installed = store.find(release.name)
    return (
        release.name,
        release.version,
        release.licence,
        _size(installed.folder) if installed else _size_to_fetch(release),
        release.source.package.title if isinstance(release.source, BuiltFromPackage) else "git",
        _state(installed.folder, release.version) if installed else "no",
        "yes" if release.is_default else "no",
    )


def _foreign_row(name: str, store: Store) -> tuple[str, ...]:
    folder = store.root / name
    try:
        manifest = read_manifest(folder)
    except ArtifactError:
        return (name, "?", "?", _size(folder), "brought", "damaged", "no")
    return (name, manifest.version, manifest.licence, _size(folder), "brought", "yes", "no")


def _state(folder: Path, released: str) -> str:
    """Say from the manifest alone what is installed; `verify` is what reads the files."""
    try:
        version = read_manifest(folder).version
    except ArtifactError:
        return "damaged"
    return "yes" if version == released else f"yes, {version}"


def _size_to_fetch(release: Release) -> str:
    if isinstance(release.source, BuiltFromPackage):
        return _megabytes(release.source.package.size_bytes)
    return _size(release.source.folder)


def _size(folder: Path) -> str:
    return _megabytes(sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()))


def _megabytes(size_bytes: int) -> str:
    return f"{size_bytes / 1e6:.0f}"


def _progress() -> Progress:
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
    )
    console = Console()
    return Progress(*columns, console=console, transient=True, disable=not console.is_terminal)


@contextmanager
def _one_sentence_on_error() -> Iterator[None]:
    """End with status 1 and a plain sentence where the reason is known; anything else is a bug and shows its trace."""
    try:
        yield
    except StartError as error:
        _fail(str(error))
    except OSError as error:
        is_full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        _fail("The disk is full; make room and run the command again." if is_full else f"{error}.")


def _fail(sentence: str) -> NoReturn:
    _show(Console(stderr=True), sentence)
    raise typer.Exit(1)


def _show(console: Console, what: RenderableType) -> None:
    """Write to the terminal; the only place that does."""
    console.print(what, markup=False, highlight=False, soft_wrap=isinstance(what, str))


if __name__ == "__main__":
    app(prog_name="python -m models")
