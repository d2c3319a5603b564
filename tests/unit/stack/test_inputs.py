"""The demo's inputs are what they claim to be."""

import io

import numpy as np
import resvg_py
from PIL import Image

from stack.inputs import MARK_IMAGE, read_abstract, read_claims


def test_the_patent_texts_are_whole():
    abstract = read_abstract().abstract
    assert abstract.startswith("A cryptographic communications system and method.")
    assert abstract.endswith("corresponds to the original encoded message M.")
    assert [claim[:5] for claim in read_claims().claims] == ["1. An", "2. Th"]


def test_the_mark_image_is_what_its_drawing_gives():
    drawn = resvg_py.svg_to_bytes(svg_path=str(MARK_IMAGE.with_suffix(".svg")))
    with Image.open(MARK_IMAGE) as image:
        kept = np.asarray(image.convert("RGB"), dtype=int)
    with Image.open(io.BytesIO(bytes(drawn))) as image:
        fresh = np.asarray(image.convert("RGB"), dtype=int)
    assert np.abs(kept - fresh).mean() < 1
