"""The demo register is drawn from the package's text, and nothing in that text is ever run."""

import csv
import json
import re

import numpy as np
import pytest

from models.image_search import demo_register
from models.image_search.demo_register import Icon, build, draw, read_codes, read_icons
from services.image_search.codes import NiceClass, ViennaCode
from services.image_search.image import decode_image
from services.image_search.schemas import MetadataBody

SQUARE = "M2 2h20v20H2z"
SOURCE = f'''
from simpleicons.icon import Icon

si_apple = Icon(
    title="Ápple",
    slug="apple",
    hex="ff0000",
    source="somewhere",
    svg="""<svg role="img" viewBox="0 0 24 24"><title>x</title><path d="{SQUARE}"/></svg>""",
    license=None,
)
si_code = Icon(title="Code", slug=open("/etc/hostname").read(), hex="00FF00", svg="""<path d="{SQUARE}"/>""")
si_evil = Icon(title="E", slug="evil", hex="00FF00", svg="""<path d="M0 0"/><image href="http://evil/"/>""")
si_color = Icon(title="C", slug="color", hex='red" onload="', svg="""<path d="{SQUARE}"/>""")
raise SystemExit("the package's code was run")
'''


def test_icons_are_read_as_text_and_only_plain_ones_are_taken():
    icons = read_icons(SOURCE)
    assert [icon.slug for icon in icons] == ["apple", "evil"]
    assert icons[0] == Icon("apple", "Ápple", "FF0000", SQUARE)
    assert icons[1].path == "M0 0"


def test_an_icon_is_drawn_in_its_color_in_the_middle_of_white():
    pixels = decode_image(draw(Icon("a", "A", "FF0000", "M0 0h24v24H0z"))).pixels
    red = np.flatnonzero((pixels == (255, 0, 0)).all(axis=2).any(axis=0))
    assert pixels.shape == (256, 256, 3)
    assert pixels[0, 0].tolist() == [255, 255, 255]
    assert (red[0], red[-1]) == (12, 243)


@pytest.mark.parametrize("color", ["FFFFFF", "F0F0E0"])
def test_a_pale_icon_is_drawn_dark(color):
    assert decode_image(draw(Icon("a", "A", color, SQUARE))).pixels[128, 128].max() < 80


def test_an_artifact_is_built_as_the_service_takes_it_in(tmp_path):
    (tmp_path / "package" / "simpleicons").mkdir(parents=True)
    (tmp_path / "package" / "simpleicons" / "icons.py").write_text(SOURCE)
    (tmp_path / "target").mkdir()
    reported = []
    properties = build(tmp_path / "package", tmp_path / "target", lambda done, total: reported.append((done, total)))
    rows = [json.loads(line) for line in (tmp_path / "target" / "marks.jsonl").read_text().splitlines()]
    assert [row["markId"] for row in rows] == ["DEMO-000001", "DEMO-000002"]
    assert rows[0]["metadata"]["name"] == "Ápple"
    assert rows[0]["metadata"]["niceClasses"] == [9, 42]
    assert all(MetadataBody.model_validate(row["metadata"]).to_metadata() for row in rows)
    assert decode_image((tmp_path / "target" / rows[0]["image"]).read_bytes()).media_type == "image/png"
    assert reported == [(1, 2), (2, 2)]
    assert properties == {"marks": 2, "image_side": 256, "marks_with_codes": 1}


def test_every_code_in_the_table_can_exist_and_no_brand_stands_twice():
    with demo_register._CODES_FILE.open(newline="") as stream:
        slugs = [row["slug"] for row in csv.DictReader(stream, delimiter="\t")]
    codes = read_codes(demo_register._CODES_FILE)
    assert len(slugs) == len(set(slugs)) == len(codes) > 150
    for entry in codes.values():
        assert [NiceClass(number).number for number in entry.nice_classes] == list(entry.nice_classes)
        assert [str(ViennaCode.parse(code)) for code in entry.vienna_codes] == list(entry.vienna_codes)


@pytest.mark.integration
def test_every_vienna_code_in_the_table_is_in_the_classification(shared_data):
    known = set(
        re.findall(r"^\S+\t(\d{6})\tsection", (shared_data / "trademark-classes" / "vienna_en.tsv").read_text(), re.M)
    )
    used = {
        code.replace(".", "") for entry in read_codes(demo_register._CODES_FILE).values() for code in entry.vienna_codes
    }
    assert used <= known
