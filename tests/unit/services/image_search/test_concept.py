"""Marks and words meet in one space, and the concepts that a mark is like suggest its codes."""

import json
import shutil

import numpy as np
import pytest
from PIL import Image

from examkit.errors import ArtifactError, InvalidInputError
from services.image_search.concept import ConceptEncoder
from services.image_search.concept_views import ConceptViews, make_concept_views
from services.image_search.image import decode_image
from services.image_search.vienna import ViennaTable
from tests.drawings import draw_mark, encode
from tests.tiny_concept import write_concept_encoder, write_vienna_codes

TITLES = {"03": "Animals", "03.07": "Birds", "03.07.01": "Eagles", "03.07.16": "Birds in flight", "24.09": "Crowns"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_concept_encoder(tmp_path_factory.mktemp("concept") / "concept-encoder")


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    return ViennaTable.open(write_vienna_codes(tmp_path_factory.mktemp("codes") / "vienna-codes", TITLES))


@pytest.fixture(scope="module")
def encoder(folder, table):
    return ConceptEncoder(folder, table)


def mark(shape="disc", color="black"):
    return decode_image(encode(draw_mark(shape, color)))


def test_a_mark_is_one_row_of_unit_length(encoder):
    row = encoder.embed(mark())
    assert row.shape == (1, encoder.dims)
    assert row.dtype == np.float16
    assert np.linalg.norm(row.astype(np.float32)) == pytest.approx(1, abs=2e-3)


def test_the_same_mark_gives_the_same_row_and_its_views_too(encoder):
    image = mark("cross", "red")
    assert np.array_equal(encoder.embed(image), encoder.embed(image))
    assert np.array_equal(encoder.embed(image), encoder.embed_views(make_concept_views(image.pixels)))


def test_words_find_what_shows_them(encoder):
    dark, pale = (encoder.embed_views(make_concept_views(pixels))[0] for pixels in (ink(250), ink(40)))
    eagle, crown = (encoder.embed_text(text).row for text in ("an eagle", "a crown"))
    assert eagle @ dark > eagle @ pale
    assert crown @ pale > crown @ dark


def even(level):
    return ConceptViews(np.full((128, 128, 3), level, np.uint8), np.full((128, 128), 255 - level, np.uint8))


EAGLE, CROWN, UNCLEAR = even(0), even(255), even(120)


@pytest.mark.parametrize("readings", [(EAGLE, UNCLEAR), (UNCLEAR, EAGLE)], ids=["whole", "within"])
def test_of_a_mark_and_what_its_frame_holds_that_counts_more_which_is_known(encoder, readings):
    row, eagle, unclear = (encoder.embed_views(each)[0] for each in (readings, (EAGLE,), (UNCLEAR,)))
    assert row @ eagle > row @ unclear


def test_of_two_readings_as_well_known_the_whole_counts_more(encoder):
    row, eagle, crown = (encoder.embed_views(each)[0] for each in ((EAGLE, CROWN), (EAGLE,), (CROWN,)))
    assert row @ eagle > row @ crown > 0
    assert np.linalg.norm(row.astype(np.float32)) == pytest.approx(1, abs=2e-3)


def ink(width):
    """Draw a bar that fills its cut-out the less, the narrower it is."""
    pixels = np.full((256, 256, 3), 255, np.uint8)
    pixels[3:253, 128 - width // 2 : 128 + width // 2] = 0
    return pixels


@pytest.mark.parametrize(
    ("text", "names", "is_approximate"),
    [
        ("eagle", ("eagle",), False),
        ("An Eagle with a crown!", ("eagle", "crown"), False),
        ("águila", ("eagle",), False),
        ("COURONNES", ("crown",), False),
        ("bird of prey", ("eagle", "falcon"), False),
        ("a buzzard", ("falcon", "eagle"), True),
        ("crown and buzzards", ("crown", "falcon", "eagle"), True),
        ("an unheard eagle", ("eagle",), False),
        ("eagle, crown", ("eagle", "crown"), False),
        ("falcon crown", ("crown", "falcon"), True),
    ],
)
def test_words_say_what_they_were_read_as(encoder, text, names, is_approximate):
    query = encoder.embed_text(text)
    assert query.names == names
    assert query.is_approximate is is_approximate
    assert np.linalg.norm(query.row) == pytest.approx(1, abs=1e-3)
    assert encoder.reads(text)


def test_words_side_by_side_count_by_themselves_and_as_a_whole(encoder):
    side_by_side, apart = (encoder.embed_text(text).row for text in ("falcon crown", "falcon, crown"))
    assert 0.8 < float(side_by_side @ apart) < 0.999
    assert encoder.embed_text("crown falcon").row.tolist() != side_by_side.tolist()


@pytest.mark.parametrize("text", ["", "xyzzy", "with the", "1234", "\x00", "\ud800"])
def test_words_that_name_nothing_are_refused_without_being_repeated(encoder, text):
    assert not encoder.reads(text)
    with pytest.raises(InvalidInputError) as refused:
        encoder.embed_text(text)
    assert refused.value.code == "unknown-concept"
    assert "xyzzy" not in str(refused.value)


def test_what_a_mark_is_like_suggests_its_codes(encoder):
    eagle = encoder.embed_text("eagle").row
    best, second = encoder.suggest_codes(eagle, 5)
    assert (str(best.code), best.title) == ("03.07.01", "Eagles")
    assert best.names[0] == "eagle"
    assert (str(second.code), second.title) == ("24.09", "Crowns")
    assert 0 <= second.score < best.score <= 1
    assert best.score + second.score == pytest.approx(1, abs=1e-3)
    assert len(encoder.suggest_codes(eagle, 1)) == 1


def test_codes_stand_at_the_division_where_the_table_ends_there(folder, tmp_path):
    table = ViennaTable.open(write_vienna_codes(tmp_path / "codes", {"03.07": "Birds"}))
    encoder = ConceptEncoder(folder, table)
    (only,) = encoder.suggest_codes(encoder.embed_text("falcon").row, 5)
    assert (str(only.code), only.title) == ("03.07", "Birds")


def test_a_blank_image_is_refused(encoder):
    with pytest.raises(InvalidInputError) as refused:
        encoder.embed(decode_image(encode(Image.new("RGB", (64, 64), "white"))))
    assert refused.value.code == "blank-image"


def test_an_altered_or_incomplete_artifact_is_refused(folder, table, tmp_path):
    altered = tmp_path / "altered"
    shutil.copytree(folder, altered)
    (altered / "names.txt").write_text("owl\n")
    with pytest.raises(ArtifactError, match="SHA-256"):
        ConceptEncoder(altered, table)
    without = tmp_path / "without"
    shutil.copytree(folder, without)
    manifest = json.loads((without / "manifest.json").read_text())
    (without / "manifest.json").write_text(json.dumps({**manifest, "properties": {}}))
    with pytest.raises(ArtifactError, match="mixed"):
        ConceptEncoder(without, table)
