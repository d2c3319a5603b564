"""The released concept encoder: marks and words are described and given codes, without a training framework."""

import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from models.image_search.concepts import is_apart
from models.image_search.vienna import read_table
from services.image_search.concept import ConceptEncoder
from services.image_search.concept_views import make_concept_views
from services.image_search.concept_words import Vocabulary, fold
from services.image_search.image import decode_image
from services.image_search.vienna import ViennaTable
from tests.drawings import draw_mark, encode
from tests.tiny_concept import write_vienna_codes

ARTIFACTS = Path(__file__).resolve().parents[2] / "models" / "artifacts"
pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def table():
    return ViennaTable.open(ARTIFACTS / "vienna-codes")


@pytest.fixture(scope="module")
def encoder(table):
    return ConceptEncoder(ARTIFACTS / "concept-encoder", table)


def test_a_mark_is_described_and_given_codes(encoder):
    row = encoder.embed(decode_image(encode(draw_mark("triangle"))))
    assert row.shape == (1, encoder.dims)
    suggestions = encoder.suggest_codes(row, 5)
    assert len({suggestion.code for suggestion in suggestions}) == 5
    assert sorted(suggestions, key=lambda each: -each.score) == suggestions


def heart(frame, ink="black"):
    paper = Image.new("RGB", (256, 256), "white")
    draw = ImageDraw.Draw(paper)
    frame(draw)
    draw.ellipse((83, 83, 131, 131), fill=ink)
    draw.ellipse((125, 83, 173, 131), fill=ink)
    draw.polygon([(85, 117), (171, 117), (128, 175)], fill=ink)
    return decode_image(encode(paper))


FRAMED = {
    "ring": heart(lambda draw: draw.ellipse((12, 12, 243, 243), outline="black", width=8)),
    "square": heart(lambda draw: draw.rounded_rectangle((24, 24, 231, 231), 28, outline="black", width=7)),
    "tile": heart(lambda draw: draw.rounded_rectangle((24, 24, 231, 231), 28, fill=(30, 70, 120)), ink="white"),
}


@pytest.mark.parametrize("frame", FRAMED)
def test_a_thing_in_a_frame_or_tile_is_that_thing(encoder, frame):
    asked = {word: encoder.embed_text(word).row for word in ("heart", "picture", "button", "clock", "star")}
    row = encoder.embed(FRAMED[frame])[0]
    assert max(asked, key=lambda word: float(asked[word] @ row)) == "heart"
    alone = encoder.embed(heart(lambda draw: None))[0]
    whole = encoder.embed_views(make_concept_views(FRAMED[frame].pixels)[:1])[0]
    assert alone @ row > max(0.6, alone @ whole)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("eagle", "eagle"),
        ("an eagle with a crown", "crown"),
        ("águila", "eagle"),
        ("couronne", "crown"),
        ("leão", "lion"),
    ],
)
def test_common_words_of_four_languages_are_taught_names(encoder, text, name):
    query = encoder.embed_text(text)
    assert name in query.names
    assert not query.is_approximate


def test_a_noun_that_was_not_taught_is_read_by_what_is_like_it(encoder):
    query = encoder.embed_text("osprey")
    assert query.is_approximate
    assert query.names


@pytest.mark.parametrize(("word", "division"), [("eagle", "03.07"), ("crown", "24.09"), ("lion", "03.01")])
def test_a_word_has_the_codes_of_its_thing(encoder, word, division):
    suggested = encoder.suggest_codes(encoder.embed_text(word).row, 3)
    assert any(str(each.code).startswith(division) for each in suggested)


def test_no_concept_that_is_kept_apart_is_a_name_or_a_tag():
    vocabulary = Vocabulary.read(ARTIFACTS / "concept-encoder")
    assert not [name for name in vocabulary.names if is_apart(name)]
    english = {" ".join(fold(name)) for name in vocabulary.names}
    assert english <= set(vocabulary.words)


def test_codes_go_down_to_the_section_with_an_offices_table(shared_data, tmp_path):
    titles = read_table(shared_data / "trademark-classes" / "vienna_en.tsv")
    folder = write_vienna_codes(tmp_path / "codes", {str(code): title for code, title in titles.items()})
    encoder = ConceptEncoder(ARTIFACTS / "concept-encoder", ViennaTable.open(folder))
    suggested = encoder.suggest_codes(encoder.embed_text("eagle").row, 1)
    assert [(str(each.code), each.title.partition(";")[0]) for each in suggested] == [("03.07.01", "Eagles")]


def test_serving_loads_no_training_framework():
    script = (
        "import sys, services.image_search.concept; print([m for m in ('torch', 'scipy', 'onnx') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
