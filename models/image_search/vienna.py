"""Builds the `vienna-codes` artifact: our own titles of the divisions, or an office's table of its edition."""

import csv
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import typer

from examkit.artifact import CARD_NAME, Manifest, hash_files, write_manifest
from examkit.errors import ArtifactError, InvalidInputError
from models.image_search.concept_codes import Rules
from services.image_search.codes import ViennaCode
from services.image_search.vienna import CODES_FILE, FORMAT, FORMAT_VERSION, OWN_EDITION

NAME: Final = "vienna-codes"
_EDITION_IN_NAME: Final = re.compile(r"(?:edition|vcl|ncl|vienna)[-_]?(\d{1,2})(?!\d)", re.IGNORECASE)
_TITLE_HEADINGS: Final = ("title", "title_en", "titulo", "titre", "title_es", "title_fr", "title_pt", "description")
_MOST_LETTERS: Final = 500
_SEPARATORS: Final = "\t;,"

Report = Callable[[int, int], None]


def build_from_table(sources: Sequence[Path], target: Path, report: Report) -> Mapping[str, Any]:
    """Write the artifact's file from an office's table; return the manifest's properties.

    The table is `.tsv` or `.csv` with a heading that names `code` ("5.3.13", "05.03.13" or "050313") and a title.
    Raise ArtifactError for any other file, for a code that is none, and for a table without titles.
    """
    if len(sources) != 1:
        raise ArtifactError("One table of Vienna codes is needed.")
    titles = read_table(sources[0])
    _write(target / CODES_FILE, titles)
    report(1, 1)
    found = _EDITION_IN_NAME.search(sources[0].stem)
    return {"edition": found[1] if found else "office", "codes": len(titles)}


def read_table(file: Path) -> dict[ViennaCode, str]:
    """Read the codes and titles of an office's table, categories and divisions included where it has them."""
    try:
        text = file.read_text("utf-8-sig")
    except (UnicodeDecodeError, OSError):
        raise ArtifactError(f"{file.name} cannot be read as text in UTF-8.") from None
    heading = text.partition("\n")[0]
    separator = max(_SEPARATORS, key=heading.count)
    rows = csv.DictReader(text.splitlines(), delimiter=separator)
    column = next((name for name in rows.fieldnames or () if name.strip().lower() in _TITLE_HEADINGS), None)
    if column is None or "code" not in (rows.fieldnames or ()):
        raise ArtifactError(f"{file.name} needs a heading with the columns code and title.")
    titles = {_code(file, row["code"]): _title(row[column]) for row in rows if row["code"]}
    kept = {code: title for code, title in titles.items() if title}
    if not kept:
        raise ArtifactError(f"{file.name} holds no title.")
    return kept


def write_own(target: Path, card: Path, version: str) -> None:
    """Write the artifact with our own titles of the divisions into the empty folder `target`."""
    _write(target / CODES_FILE, Rules.read().titles)
    (target / CARD_NAME).write_text(card.read_text("utf-8"), "utf-8")
    properties = {"edition": OWN_EDITION, "codes": len(Rules.read().titles)}
    origin = "divisions of the Vienna Classification in this project's own words"
    files = hash_files(target, [CODES_FILE, CARD_NAME])
    write_manifest(target, Manifest(NAME, version, FORMAT, FORMAT_VERSION, "Apache-2.0", origin, files, properties))


def _code(file: Path, text: str) -> ViennaCode:
    try:
        return ViennaCode.parse_prefix(text)
    except InvalidInputError:
        raise ArtifactError(f"{file.name} holds a row whose code is no Vienna code.") from None


def _title(text: str | None) -> str:
    return " ".join((text or "").split())[:_MOST_LETTERS]


def _write(file: Path, titles: Mapping[ViennaCode, str]) -> None:
    file.write_text("".join(f"{code}\t{titles[code]}\n" for code in sorted(titles)), "utf-8")


def main(target: Path) -> None:
    """Write our own table as it is kept in git."""
    target.mkdir(parents=True)
    write_own(target, Path(__file__).parents[1] / "cards" / f"{NAME}.md", "1.0.0")


if __name__ == "__main__":
    typer.run(main)
