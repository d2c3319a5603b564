"""Builds the extension's file: the same bytes from the same sources, wherever and whenever it is built."""

import sys
import zipfile
from pathlib import Path
from typing import Final

from examkit import __version__

ROOT: Final = Path(__file__).resolve().parents[2]
SOURCES: Final = Path(__file__).resolve().parent / "extension"
NAME: Final = f"examkit-libreoffice-{__version__}.oxt"
# The first day that a zip file can name.
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
_ORDINARY_FILE: Final = 0o100644 << 16


def build(folder: Path) -> Path:
    """Write the extension into a folder; return its file."""
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / NAME
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for file in sorted(_files()):
            _add(archive, file.relative_to(SOURCES).as_posix(), file.read_bytes())
        _add(archive, "LICENSE", (ROOT / "LICENSE").read_bytes())
    return target


def _files() -> list[Path]:
    return [file for file in SOURCES.rglob("*") if file.is_file() and "__pycache__" not in file.parts]


def _add(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    entry = zipfile.ZipInfo(name, _EPOCH)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = _ORDINARY_FILE
    entry.create_system = 3
    archive.writestr(entry, content.replace(b"VERSION", __version__.encode()) if name == "description.xml" else content)


if __name__ == "__main__":
    sys.stdout.write(f"{build(ROOT / 'dist').relative_to(ROOT)}\n")
