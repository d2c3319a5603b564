"""A mark is looked at once for both encoders, and what either has described already is left alone."""

from dataclasses import replace
from typing import cast

import numpy as np
import pytest

from examkit.errors import InvalidInputError
from services.image_search import concept_views
from services.image_search.concept import ConceptEncoder
from services.image_search.embedding import MarkEmbedder
from services.image_search.image import decode_image
from services.image_search.portrait import portray, sketch
from tests.drawings import draw_mark, encode


def image(shape="stairs", ink="red"):
    return decode_image(encode(draw_mark(shape, ink)))


def test_both_describe_what_each_would_see_alone(encoders):
    made = encoders.describe(image())
    assert tuple(made) == encoders.signatures
    assert np.array_equal(made[encoders.concepts_signature], encoders.concepts.embed(image()))
    portrait = encoders.portrait(made)
    seen_alone = portray(encoders.looks, sketch(image()))
    assert np.allclose(portrait.shape, seen_alone.shape, atol=1e-3)
    assert portrait.concept is not None
    assert np.linalg.norm(portrait.concept) == pytest.approx(1, abs=1e-3)


def test_what_is_known_is_not_computed_again(encoders):
    with_none = replace(encoders, looks=cast(MarkEmbedder, _NamesOnly(encoders.looks)))
    assert list(with_none.describe(image(), {encoders.looks_signature})) == [encoders.concepts_signature]
    with_none = replace(encoders, concepts=cast(ConceptEncoder, _NamesOnly(encoders.concepts)))
    made = with_none.describe(image(), {encoders.concepts_signature})
    assert list(made) == [encoders.looks_signature]
    assert encoders.portrait(made).concept is None


def test_the_views_of_an_image_are_made_once(encoders, monkeypatch):
    monkeypatch.setattr(concept_views, "make_views", None)
    assert len(encoders.describe(image())) == 2


def test_a_blank_image_is_refused(encoders):
    with pytest.raises(InvalidInputError) as raised:
        encoders.describe(image(ink="white"))
    assert raised.value.code == "blank-image"


class _NamesOnly:
    """An encoder that cannot be used, with the name of one that can."""

    def __init__(self, encoder: MarkEmbedder | ConceptEncoder) -> None:
        self.name, self.version = encoder.name, encoder.version
