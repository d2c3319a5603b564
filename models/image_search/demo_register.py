"""Build the demo register: the brand marks of Simple Icons (CC0), drawn in their brand's color on white.

The package is read as text and never imported: its list of icons is parsed and only plain strings are taken from it.
"""

import ast
import csv
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import resvg_py

SIDE_PIXELS = 256
_MARGIN = 1.24  # of 24 units: the mark is fitted to 232 of 256 pixels
_CODES_FILE = Path(__file__).with_name("demo_codes.tsv")
_PATH = re.compile(r'<path d="([0-9A-Za-z,.\s+-]+)"/>')
_HEX = re.compile(r"[0-9A-F]{6}")
_PALEST = 0xD0  # of the darkest channel; a paler mark would not be seen on white
_INK_FOR_PALE = "333333"


@dataclass(frozen=True)
class Icon:
    """One icon of the package: its name, its color and the outline it is drawn by (24 x 24 units)."""

    slug: str
    title: str
    color: str
    path: str


@dataclass(frozen=True)
class Codes:
    """The classes and codes that this project gives a mark for demonstration; they are no office's."""

    nice_classes: tuple[int, ...]
    vienna_codes: tuple[str, ...]


def build(files: Path, target: Path, report: Callable[[int, int], None]) -> Mapping[str, Any]:
    """Write the artifact's files from an unpacked package (`files`) into the empty folder `target`.

    Return the manifest's properties; `report(done, total)` drives the progress bar. The files are `marks.jsonl`, one
    mark a line as the image search service takes it, and the images that it names.
    """
    icons = read_icons((files / "simpleicons" / "icons.py").read_text())
    codes = read_codes(_CODES_FILE)
    (target / "images").mkdir()
    with (target / "marks.jsonl").open("w") as stream:
        for number, icon in enumerate(icons, start=1):
            mark_id = f"DEMO-{number:06d}"
            image = f"images/{mark_id}.png"
            (target / image).write_bytes(draw(icon))
            metadata = describe(icon, codes.get(icon.slug))
            row = {"markId": mark_id, "image": image, "metadata": metadata}
            stream.write(json.dumps(row, ensure_ascii=False) + "\n")
            report(number, len(icons))
    return {"marks": len(icons), "image_side": SIDE_PIXELS, "marks_with_codes": sum(i.slug in codes for i in icons)}


def read_icons(source: str) -> list[Icon]:
    """Take the icons out of the package's source text, in its order; what is not a plain icon is left out."""
    calls = (statement.value for statement in ast.parse(source).body if isinstance(statement, ast.Assign))
    return [icon for call in calls if isinstance(call, ast.Call) for icon in _icon(call)]


def read_codes(file: Path) -> dict[str, Codes]:
    """Read our own table of codes: slug, Nice classes, Vienna codes."""
    with file.open(newline="") as stream:
        return {
            row["slug"]: Codes(
                tuple(int(number) for number in row["nice_classes"].split(",")),
                tuple(code for code in row["vienna_codes"].split(",") if code),
            )
            for row in csv.DictReader(stream, delimiter="\t")
        }


def draw(icon: Icon) -> bytes:
    """Draw an icon as PNG in its brand's color on white; one that is too pale to be seen is drawn in dark grey."""
    channels = [int(icon.color[at : at + 2], 16) for at in (0, 2, 4)]
    ink = icon.color if min(channels) < _PALEST else _INK_FOR_PALE
    side = 24 + 2 * _MARGIN
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{SIDE_PIXELS}" height="{SIDE_PIXELS}" '
        f'viewBox="{-_MARGIN} {-_MARGIN} {side} {side}">'
        f'<path fill="#{ink}" d="{icon.path}"/></svg>'
    )
    return bytes(resvg_py.svg_to_bytes(svg_string=svg, background="#ffffff", skip_system_fonts=True))


def describe(icon: Icon, codes: Codes | None) -> dict[str, Any]:
    """Return a mark's metadata as JSON; there is no register behind it, so what only a register knows is left out."""
    metadata: dict[str, Any] = {"name": icon.title, "status": "demonstration", "markFeature": "figurative"}
    if codes is not None:
        metadata["niceClasses"] = list(codes.nice_classes)
        metadata["viennaCodes"] = list(codes.vienna_codes)
    return metadata


def _icon(call: ast.Call) -> Iterator[Icon]:
    """Give the icon that a call of the package's source makes, if its parts are plain and well formed."""
    texts = {
        keyword.arg: keyword.value.value
        for keyword in call.keywords
        if isinstance(keyword.value, ast.Constant) and isinstance(keyword.value.value, str)
    }
    path = _PATH.search(texts.get("svg", ""))
    color = texts.get("hex", "").upper()
    if path and _HEX.fullmatch(color) and {"slug", "title"} <= texts.keys():
        yield Icon(texts["slug"], texts["title"], color, path[1])
