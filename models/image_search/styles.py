"""Icons that one hand drew in several styles (thin, bold, filled, in outline): what likeness should not depend on."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import islice
from pathlib import Path

import resvg_py
from rich.progress import track

from models.image_search.drawings import Drawing, draw
from models.image_search.logos import fraction

SETS = ("ph", "solar", "material-symbols")
_FAMILIES = 600
_STYLES = 3
_SIDE = 256
_MARGIN = 0.05


@dataclass(frozen=True)
class Family:
    """One thing drawn in several styles: the bodies of SVG drawings by name, on a square of `side`."""

    name: str
    side: float
    bodies: Mapping[str, str]


def read_styles(folder: Path, brands: frozenset[str]) -> list[Drawing]:
    """Draw families of every set; `folder`/SET holds the files of the package `@iconify-json/SET`.

    The drawings of one name share a brand, whatever their set. Names that tests keep apart, as concepts or as brands,
    and those of the given brands are left out.
    """
    chosen = [family for name in SETS for family in _some(read_families(folder / name), brands)]
    return [drawing for family in track(chosen, "Drawing icons") for drawing in _draw(family)]


def read_families(folder: Path) -> list[Family]:
    """Read one set and put together what differs in nothing but the suffix of a style."""
    icons = json.loads((folder / "icons.json").read_text())
    suffixes = json.loads((folder / "metadata.json").read_text())["suffixes"]
    side = float(max(icons.get("width", 16), icons.get("height", 16)))
    found: dict[str, dict[str, str]] = {}
    for name, icon in icons["icons"].items():
        if not icon.get("hidden") and not {"width", "height"} & icon.keys():
            found.setdefault(_stem(name, suffixes), {})[f"{icons['prefix']}:{name}"] = icon["body"]
    return [Family(stem, side, bodies) for stem, bodies in found.items() if len(bodies) > 1]


def related_styles(drawings: Sequence[Drawing]) -> list[tuple[int, int]]:
    """Return each two drawings of one family, as places in `drawings`."""
    by_family: dict[tuple[str, str], list[int]] = {}
    for place, drawing in enumerate(drawings):
        by_family.setdefault((drawing.image_id.partition(":")[0], drawing.brand), []).append(place)
    return [(one, two) for places in by_family.values() for one in places for two in places if one < two]


def _stem(name: str, suffixes: Sequence[str]) -> str:
    """Cut the longest suffix of a style off."""
    endings = sorted((f"-{suffix}" for suffix in suffixes if suffix), key=len, reverse=True)
    return next((name.removesuffix(ending) for ending in endings if name.endswith(ending)), name)


def _some(families: Sequence[Family], brands: frozenset[str]) -> Iterator[Family]:
    allowed = (family for family in families if not _is_kept_apart(family.name, brands))
    return islice(sorted(allowed, key=lambda family: _order(family.name)), _FAMILIES)


def _is_kept_apart(name: str, brands: frozenset[str]) -> bool:
    plain = name.replace("-", "")
    is_concept = fraction(f"concept:{name.replace('-', ' ')}", 10) == 0
    is_brand = "logo" in name or "brand" in name or plain in brands or fraction(f"holdout:{plain}", 5) == 0
    return is_concept or is_brand


def _draw(family: Family) -> Iterator[Drawing]:
    for name in sorted(family.bodies, key=_order)[:_STYLES]:
        yield draw(name, f"icon {family.name}", _render(family.bodies[name], family.side))


def _render(body: str, side: float) -> bytes:
    """Draw an SVG body in black on white as PNG."""
    margin = _MARGIN * side
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_SIDE}" height="{_SIDE}" '
        f'viewBox="{-margin} {-margin} {side + 2 * margin} {side + 2 * margin}">'
        f"{body.replace('currentColor', '#000000')}</svg>"
    )
    return bytes(resvg_py.svg_to_bytes(svg_string=svg, background="#ffffff", skip_system_fonts=True))


def _order(name: str) -> str:
    """Return a key that sorts names at random, the same on every machine."""
    return sha256(f"styles:{name}".encode()).hexdigest()
