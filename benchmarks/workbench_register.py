"""A register of 10,000 marks with images, to measure in a browser: the demo's marks and changed copies of them."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from PIL import Image, ImageOps

from stack.layout import Layout
from stack.programs import CHECKOUT, service_environment

MARKS: Final = 10_000
_HUE: Final = 85  # a third of the circle of 256

Change = Callable[[Image.Image], Image.Image]


def make_register(home: Path) -> None:
    """Fill the empty register of a home; ten minutes of two cores.

    A copy is mirrored, turned, or of other colors: another mark for every strategy but one or two, as near to its
    original as imitations are.
    """
    with tempfile.TemporaryDirectory() as folder:
        _write_source(home / "artifacts" / "demo-register", Path(folder))
        command = [sys.executable, "-m", "services.image_search.build", folder]
        subprocess.run(command, cwd=CHECKOUT, env=service_environment("image_search", Layout(home)), check=True)


def _write_source(demo: Path, folder: Path) -> None:
    (folder / "images").mkdir()
    records = [json.loads(line) for line in (demo / "marks.jsonl").read_text("utf-8").splitlines()]
    with (folder / "marks.jsonl").open("w", encoding="utf-8") as lines:
        for number, (record, change) in enumerate(_copies(records), 1):
            path = f"images/{number}.png"
            with Image.open(demo / record["image"]) as image:
                change(image.convert("RGBA")).save(folder / path)
            print(json.dumps({**record, "markId": f"BENCH-{number:06}", "image": path}), file=lines)


def _copies(records: Sequence[dict[str, Any]]) -> Iterator[tuple[dict[str, Any], Change]]:
    changes: tuple[Change, ...] = (_unchanged, ImageOps.mirror, ImageOps.flip, _recolored, _quarter_turned)
    pairs = ((record, change) for change in changes for record in records)
    for _, pair in zip(range(MARKS), pairs, strict=False):
        yield pair


def _unchanged(image: Image.Image) -> Image.Image:
    return image


def _quarter_turned(image: Image.Image) -> Image.Image:
    return image.transpose(Image.Transpose.ROTATE_90)


def _recolored(image: Image.Image) -> Image.Image:
    hue, saturation, value = image.convert("RGB").convert("HSV").split()
    turned = hue.point([(each + _HUE) % 256 for each in range(256)])
    colored = Image.merge("HSV", (turned, saturation, value)).convert("RGB")
    colored.putalpha(image.getchannel("A"))
    return colored
