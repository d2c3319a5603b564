"""The embedder describes marks so that the same drawing is near and another is far."""

import shutil

import numpy as np
import pytest
from PIL import Image, ImageDraw

from examkit.errors import ArtifactError
from services.image_search.embedding import MarkEmbedder
from services.image_search.image import decode_image
from tests.drawings import draw_mark, encode


def embed(embedder, image):
    return embedder.embed(decode_image(encode(image))).astype(np.float32)


def shape_likeness(embedder, first, second):
    dims = embedder.shape_dims
    return float((embed(embedder, first)[:, :dims] @ embed(embedder, second)[:, :dims].T).max())


def test_a_row_holds_shape_and_color_each_of_unit_length(embedder):
    rows = embed(embedder, draw_mark("cross", "red"))
    assert rows.shape == (1, embedder.dims)
    assert np.linalg.norm(rows[:, : embedder.shape_dims]) == pytest.approx(1, abs=2e-3)
    assert np.linalg.norm(rows[:, embedder.shape_dims :]) == pytest.approx(1, abs=2e-3)


def test_a_mark_on_a_plate_has_two_rows(embedder):
    canvas = Image.new("RGB", (200, 200), "white")
    ImageDraw.Draw(canvas).ellipse((5, 5, 195, 195), "navy")
    ImageDraw.Draw(canvas).polygon(((100, 50), (140, 140), (60, 140)), "white")
    assert len(embed(embedder, canvas)) == 2


@pytest.mark.parametrize("shape", ["disc", "cross", "triangle", "stairs"])
def test_the_same_drawing_is_near_in_any_color_and_another_is_far(embedder, shape):
    same = shape_likeness(embedder, draw_mark(shape), draw_mark(shape, "white", "purple"))
    others = [
        shape_likeness(embedder, draw_mark(shape), draw_mark(o)) for o in ("disc", "cross", "stairs") if o != shape
    ]
    assert same > 0.95
    assert same - max(others) > 0.2


def test_the_same_image_is_described_the_same_every_time(embedder):
    assert np.array_equal(embed(embedder, draw_mark("stairs")), embed(embedder, draw_mark("stairs")))


def test_an_altered_artifact_is_refused(embedder_folder, tmp_path):
    altered = tmp_path / "mark-embedder"
    shutil.copytree(embedder_folder, altered)
    matrix = altered / "gradients-0-matrix.npy"
    content = bytearray(matrix.read_bytes())
    content[-1] ^= 1
    matrix.write_bytes(content)
    with pytest.raises(ArtifactError):
        MarkEmbedder(altered)
