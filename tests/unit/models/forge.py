"""Makes small artifacts, wheels, zips and registries, and the builders that the registries name."""

import hashlib
import sys
import time
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from examkit.artifact import CARD_NAME, Manifest, hash_files, write_manifest
from models.install import Installer
from models.registry import read_registry
from models.sources import Report
from models.store import Store

FORMAT = "word-list"
BUILDER = f"{__name__}:build_words"
SLOW_BUILDER = f"{__name__}:build_words_behind_a_gate"


class Notes:
    """A watcher that remembers."""

    def __init__(self) -> None:
        self.sentences: list[str] = []
        self.steps: list[str] = []

    def say(self, sentence: str) -> None:
        self.sentences.append(sentence)

    @contextmanager
    def watch(self, title: str) -> Iterator[Report]:
        self.steps.append(title)
        yield lambda done, total: None


class Speaker(Notes):
    """A watcher that speaks at once."""

    def say(self, sentence: str) -> None:
        sys.stdout.write(f"{sentence}\n")
        sys.stdout.flush()


def build_words(files: Path, target: Path, report: Report) -> Mapping[str, object]:
    words = (files / "words" / "words.txt").read_text()
    (target / "lists").mkdir()
    (target / "lists" / "words.txt").write_text(words.upper())
    report(1, 1)
    return {"count": len(words.split())}


def build_words_behind_a_gate(files: Path, target: Path, report: Report) -> Mapping[str, object]:
    """Write half, show at the gate, and go on once the gate is open."""
    gate = Path((files / "words" / "gate.txt").read_text())
    (target / "half.txt").write_text("half")
    gate.with_suffix(".reached").touch()
    while not gate.exists():
        time.sleep(0.02)
    return build_words(files, target, report)


def build_edition(sources: Sequence[Path], target: Path, report: Report) -> Mapping[str, object]:
    (target / "words.txt").write_text("".join(source.read_text() for source in sources))
    return {"edition": "2026.01", "sources": len(sources)}


def make_artifact(folder: Path, name: str = "words", version: str = "1.0.0", format: str = FORMAT) -> Path:
    folder.mkdir(parents=True)
    (folder / "lists").mkdir()
    (folder / "lists" / "words.txt").write_text(f"{name} {version}")
    (folder / CARD_NAME).write_text(f"# The card of {name}\n")
    files = hash_files(folder, ["lists/words.txt", CARD_NAME])
    format_version = read_registry().formats.get(format, 1)
    write_manifest(folder, Manifest(name, version, format, format_version, "CC0-1.0", "a test", files, {}))
    return folder


def zip_folder(folder: Path, archive: Path, inside: str = "") -> Path:
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as bundle:
        for file in sorted(folder.rglob("*")):
            bundle.write(file, Path(inside) / file.relative_to(folder))
    return archive


def make_wheel(folder: Path, files: Mapping[str, str], name: str = "words", tag: str = "py3-none-any") -> Path:
    folder.mkdir(exist_ok=True)
    wheel = folder / f"{name}-1.0-{tag}.whl"
    described = {
        **files,
        f"{name}-1.0.dist-info/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n",
        f"{name}-1.0.dist-info/WHEEL": f"Wheel-Version: 1.0\nGenerator: forge\nRoot-Is-Purelib: true\nTag: {tag}\n",
        f"{name}-1.0.dist-info/RECORD": "",
    }
    with zipfile.ZipFile(wheel, "w") as bundle:
        for path, text in described.items():
            bundle.writestr(zipfile.ZipInfo(path), text)
    return wheel


def write_registry(folder: Path, wheel: Path | None = None, *, builder: str = BUILDER, version: str = "1.0.0") -> Path:
    """Write a registry of `kept` (in git) and, made from one wheel, `words` and `other-words`."""
    make_artifact(folder / "artifacts" / "kept", "kept")
    (folder / "cards").mkdir()
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest() if wheel else "0" * 64
    common = f'format = "{FORMAT}"\nlicence = "CC0-1.0"\norigin = "a test"\ndefault = true\n'
    text = f"[formats]\n{FORMAT} = 1\n[packages.words]\nversion = '1.0'\nsha256 = '{digest}'\nsize_bytes = 1\n"
    text += f'[artifacts.kept]\nversion = "1.0.0"\n{common}'
    for name in ("words", "other-words") if wheel else ():
        (folder / "cards" / f"{name}.md").write_text(f"# The card of {name}\n")
        text += f'[artifacts.{name}]\nversion = "{version}"\n{common}package = "words"\nbuilder = "{builder}"\n'
        text += f'master_files_builder = "{__name__}:build_edition"\n'
    file = folder / "registry.toml"
    file.write_text(text)
    return file


def install_here(registry_file: Path, root: Path, *names: str) -> Notes:
    notes = Notes()
    Installer(read_registry(registry_file), Store(root), notes).install(names)
    return notes


if __name__ == "__main__":
    Installer(read_registry(Path(sys.argv[1])), Store(Path(sys.argv[2])), Speaker()).install(sys.argv[3:])
