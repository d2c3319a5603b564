"""Icons are put together by what they show, and names that tests keep apart are never drawn."""

import json

import pytest

from models.image_search import styles
from models.image_search.logos import fraction
from models.image_search.styles import SETS, read_families, read_styles, related_styles

BODY = '<path fill="currentColor" d="M4 4h16v16H4z"/>'
HOLLOW = '<path fill="none" stroke="currentColor" d="M4 4h16v16H4z"/>'
ALLOWED = [
    name
    for name in (f"thing{number}" for number in range(60))
    if fraction(f"concept:{name}", 10) and fraction(f"holdout:{name}", 5)
]


def write_set(folder, names):
    folder.mkdir(parents=True)
    icons: dict[str, dict[str, str | int]] = {name: {"body": BODY} for name in names}
    icons |= {f"{name}-outline": {"body": HOLLOW} for name in names}
    icons |= {"lonely": {"body": BODY}, "old": {"body": BODY, "hidden": True}, "old-outline": {"body": BODY}}
    icons |= {"wide": {"body": BODY, "width": 40}, "wide-outline": {"body": BODY}}
    document = {"prefix": folder.name, "icons": icons, "width": 24, "height": 24}
    (folder / "icons.json").write_text(json.dumps(document))
    (folder / "metadata.json").write_text(json.dumps({"suffixes": {"": "Filled", "outline": "Outline"}}))


@pytest.fixture
def folder(tmp_path):
    kept_apart = next(name for name in map("apart{}".format, range(99)) if fraction(f"concept:{name}", 10) == 0)
    names = [*ALLOWED[:3], "some-logo", "brand-x", kept_apart]
    for name in SETS:
        write_set(tmp_path / name, names)
    return tmp_path


def test_what_differs_by_its_style_alone_is_one_family(folder):
    families = {family.name: family for family in read_families(folder / "ph")}
    assert set(families[ALLOWED[0]].bodies) == {f"ph:{ALLOWED[0]}", f"ph:{ALLOWED[0]}-outline"}
    assert {"lonely", "old", "wide"}.isdisjoint(families)


def test_a_name_of_an_unseen_brand_a_logo_or_a_concept_kept_apart_is_not_drawn(folder):
    drawings = read_styles(folder, frozenset({ALLOWED[1]}))
    assert {drawing.brand for drawing in drawings} == {f"icon {ALLOWED[0]}", f"icon {ALLOWED[2]}"}
    assert len(drawings) == 2 * 2 * len(SETS)


def test_styles_are_related_within_their_set_only(folder):
    drawings = read_styles(folder, frozenset())
    pairs = related_styles(drawings)
    assert len(pairs) == 3 * len(SETS)
    for one, two in pairs:
        assert drawings[one].brand == drawings[two].brand
        assert drawings[one].image_id.partition(":")[0] == drawings[two].image_id.partition(":")[0]
        assert (drawings[one].views[-1] != drawings[two].views[-1]).any()


def test_the_longest_suffix_of_a_style_is_cut_off():
    assert styles._stem("bell-outline-sharp", ["sharp", "outline-sharp", ""]) == "bell"
    assert styles._stem("outline", ["outline"]) == "outline"
