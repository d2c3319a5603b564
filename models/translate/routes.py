"""Seals the table of measured ways of translation as an artifact: `python -m models.translate.routes TARGET`."""

import shutil
from pathlib import Path
from typing import Annotated, Final

import typer

from examkit.artifact import CARD_NAME, Manifest, hash_files, write_manifest

NAME: Final = "translation-routes"
FORMAT_VERSION: Final = 1
_VERSION: Final = "1.0.0"
_TABLE: Final = "routes.tsv"
_CARD: Final = Path(__file__).resolve().parents[1] / "cards" / f"{NAME}.md"


def seal(target: Path) -> None:
    """Put the card and the manifest beside the table that lies in a folder."""
    shutil.copyfile(_CARD, target / CARD_NAME)
    files = hash_files(target, [_TABLE, CARD_NAME])
    origin = "measured by this project"
    write_manifest(target, Manifest(NAME, _VERSION, NAME, FORMAT_VERSION, "Apache-2.0", origin, files, {}))


def main(target: Annotated[Path, typer.Argument(help="Folder with routes.tsv.")]) -> None:
    """Seal the table."""
    seal(target)


if __name__ == "__main__":
    typer.run(main)
