"""The embedder describes marks so that the same drawing is near and another is far."""

import shutil

import numpy as np
import pytest
from PIL import Image

from examkit.errors import ArtifactError
from services.image_search.colors import ask_for_palette, describe_colors
from services.image_search.embedding import MarkEmbedder
from services.image_search.image import decode_image
from services.image_search.views import make_views
from tests.drawings import draw_mark, encode


def views_of(image):
    return make_views(decode_image(encode(image)).pixels)


def shapes_of(embedder, image):
    return embedder.describe_shapes(views_of(image).drawings)


def shape_likeness(embedder, first, second):
    return float((shapes_of(embedder, first) @ shapes_of(embedder, second).T).max())


def colors_of(image):
    pixels = decode_image(encode(image)).pixels
    return describe_colors(pixels, make_views(pixels).ink)


def stripes(*colors):
    image = Image.new("RGB", (200, 200), "white")
    for number, color in enumerate(colors):
        image.paste(color, (20, 20 + 40 * number, 180, 60 + 40 * number))
    return image


def test_rows_are_of_unit_length(embedder):
    shapes = shapes_of(embedder, draw_mark("cross", "red"))
    assert shapes.shape == (1, embedder.shape_dims)
    assert np.linalg.norm(shapes) == pytest.approx(1, abs=1e-5)
    color = embedder.shorten_colors(colors_of(draw_mark("cross", "red")))
    assert color.shape == (embedder.color_dims,)
    assert np.linalg.norm(color) == pytest.approx(1, abs=1e-5)


def test_nothing_drawn_has_no_rows(embedder):
    assert embedder.describe_shapes([]).shape == (0, embedder.shape_dims)


def test_short_colors_are_about_as_alike_as_the_long_ones(embedder):
    images = [stripes("red", "blue"), stripes("blue", "red"), stripes("red"), stripes("green", "yellow", "black")]
    long = np.stack([colors_of(image) for image in images])
    short = np.stack([embedder.shorten_colors(row) for row in long])
    likeness = short @ short.T
    assert np.abs(likeness - long @ long.T).mean() < 0.05
    assert likeness[0, 0] > likeness[0, 1] + 0.1 > likeness[0, 3] + 0.4


@pytest.mark.parametrize(
    "colors", [[(200, 30, 30)], [(0, 51, 102), (255, 204, 0)], [(122, 61, 184), (224, 224, 224), (16, 160, 96)]]
)
def test_a_short_palette_is_like_marks_of_its_colors(embedder, colors):
    asked = embedder.shorten_palette(ask_for_palette(colors))
    likeness = asked @ embedder.shorten_colors(colors_of(stripes(*colors)))
    assert likeness == pytest.approx(1, abs=0.1)
    assert asked @ embedder.shorten_colors(colors_of(stripes("#40c0f0", "black"))) < likeness - 0.4


@pytest.mark.parametrize("shape", ["disc", "cross", "triangle", "stairs"])
def test_the_same_drawing_is_near_in_any_color_and_another_is_far(embedder, shape):
    same = shape_likeness(embedder, draw_mark(shape), draw_mark(shape, "white", "purple"))
    others = [
        shape_likeness(embedder, draw_mark(shape), draw_mark(o)) for o in ("disc", "cross", "stairs") if o != shape
    ]
    assert same > 0.95
    assert same - max(others) > 0.2


def test_the_same_image_is_described_the_same_every_time(embedder):
    assert np.array_equal(shapes_of(embedder, draw_mark("stairs")), shapes_of(embedder, draw_mark("stairs")))


def test_an_altered_artifact_is_refused(embedder_folder, tmp_path):
    altered = tmp_path / "mark-embedder"
    shutil.copytree(embedder_folder, altered)
    matrix = altered / "gradients-0-matrix.npy"
    content = bytearray(matrix.read_bytes())
    content[-1] ^= 1
    matrix.write_bytes(content)
    with pytest.raises(ArtifactError):
        MarkEmbedder(altered)
