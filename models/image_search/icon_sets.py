"""Sets of icons from the package registry: which are used for what, under which licence, and their drawings as SVG."""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from models.image_search.npm_packages import NpmPackage, PackageFolder

_SETS_FILE = Path(__file__).with_name("icon_sets.tsv")
_INK = "#000000"


class Role(StrEnum):
    """What a set is used for: every set that is judged is drawn by another hand."""

    TRAINED_AND_JUDGED = "trained and judged"
    TRAINED = "trained"
    JUDGED = "judged"  # never trained on, for its licence (share-alike)
    UNSEEN = "unseen"  # judged; trained on for the release alone, never for the figures

    @property
    def is_judged(self) -> bool:
        """Tell whether its drawings stand in the gallery of the measurement."""
        return self is not Role.TRAINED

    @property
    def is_trained(self) -> bool:
        """Tell whether its drawings teach while figures are to be had."""
        return self in (Role.TRAINED, Role.TRAINED_AND_JUDGED)


@dataclass(frozen=True)
class IconSet:
    """One set: its package, licence (SPDX) and use."""

    name: str
    package: NpmPackage
    licence: str
    role: Role


@dataclass(frozen=True)
class Icon:
    """One drawing: its name in its set, other names for it, and its SVG."""

    set_name: str
    name: str
    other_names: tuple[str, ...]
    svg: str


def read_sets(file: Path = _SETS_FILE) -> list[IconSet]:
    """Read the table of sets."""
    with file.open(newline="") as stream:
        return [
            IconSet(
                row["set"],
                NpmPackage(f"@iconify-json/{row['set']}", row["version"], row["sha256"]),
                row["licence"],
                Role(row["role"]),
            )
            for row in csv.DictReader(stream, delimiter="\t")
        ]


def read_icons(icon_set: IconSet, packages: PackageFolder) -> Iterator[Icon]:
    """Yield the drawings of a set (Iconify JSON); those that its makers have withdrawn are left out."""
    document = packages.read_json(icon_set.package, "icons.json")
    others = _other_names(document.get("aliases", {}))
    for name, icon in document["icons"].items():
        if not icon.get("hidden"):
            yield Icon(icon_set.name, name, tuple(others.get(name, ())), _svg(document, icon))


def _other_names(aliases: Mapping[str, Mapping[str, Any]]) -> dict[str, list[str]]:
    """Collect the names that stand for a drawing as it is, not for a turned or mirrored one."""
    found: dict[str, list[str]] = {}
    for alias, entry in aliases.items():
        if entry.keys() == {"parent"}:
            found.setdefault(entry["parent"], []).append(alias)
    return found


def _svg(document: Mapping[str, Any], icon: Mapping[str, Any]) -> str:
    left, top, width, height = (
        icon.get(key, document.get(key, default))
        for key, default in (("left", 0), ("top", 0), ("width", 16), ("height", 16))
    )
    body = icon["body"].replace("currentColor", _INK)
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{left} {top} {width} {height}">{body}</svg>'
