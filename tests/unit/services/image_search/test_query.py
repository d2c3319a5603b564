"""A query holds the mark as it stands, turned where that differs, and in parts, each with its penalty and its box."""

from dataclasses import replace
from typing import cast

import numpy as np
import pytest
from PIL import Image

from services.image_search.concept import ConceptEncoder
from services.image_search.image import Box, decode_image
from services.image_search.query import PART_PENALTY, TURN_PENALTY, ask_by_image, ask_by_palette
from services.image_search.strategies import Strategy, Weights
from tests.drawings import draw_mark, encode


def ask(encoders, image, strategy=Strategy.COMBINED, mix=None):
    return ask_by_image(encoders, decode_image(encode(image)), strategy, mix)


def pair():
    canvas = Image.new("RGB", (400, 200), "white")
    canvas.paste(draw_mark("disc", "red"), (0, 0))
    canvas.paste(draw_mark("stairs", "red"), (200, 0))
    return canvas


def test_rows_have_the_penalty_of_what_they_show(encoders):
    asked = ask(encoders, pair()).for_views()
    assert len(asked.rows) == len(asked.penalties) == 7
    assert asked.penalties.tolist() == pytest.approx([0] + 2 * [PART_PENALTY] + 4 * [TURN_PENALTY])
    assert np.linalg.norm(asked.rows, axis=1) == pytest.approx(1, abs=1e-3)


def test_a_mark_that_looks_the_same_when_turned_has_one_row(encoders):
    assert len(ask(encoders, draw_mark("cross")).for_views().rows) == 1


def test_every_row_has_its_box(encoders):
    query = ask(encoders, pair())
    boxes = [query.box(row) for row in range(7)]
    assert boxes[3:] == [boxes[0]] * 4
    assert sorted(box.x > 200 for box in boxes[1:3]) == [False, True]


@pytest.mark.parametrize(("ink", "share"), [("red", True), ("black", False)])
def test_color_counts_for_a_query_in_color_unless_a_mix_is_asked_for(encoders, ink, share):
    assert (ask(encoders, draw_mark("stairs", ink)).weights.color > 0) is share
    mix = Weights(0.5, 0.5)
    assert ask(encoders, draw_mark("stairs", ink), mix=mix).weights == mix


@pytest.mark.parametrize(
    ("strategy", "mix"), [(Strategy.CONCEPT, None), (Strategy.COMBINED, Weights(shape=0.5, concept=0.5))]
)
def test_what_the_mark_shows_is_looked_for_where_it_counts(encoders, strategy, mix):
    query = ask(encoders, draw_mark("stairs"), strategy, mix)
    expected = encoders.concepts.embed(decode_image(encode(draw_mark("stairs"))))
    assert query.for_concepts().rows.tolist() == expected.tolist()


@pytest.mark.parametrize("strategy", [Strategy.SHAPE, Strategy.COLOR, Strategy.COMPOSITION, Strategy.COMBINED])
def test_no_other_search_pays_for_the_network_of_concepts(encoders, strategy):
    with_none = replace(encoders, concepts=cast(ConceptEncoder, None))
    assert ask(with_none, draw_mark("stairs", "red"), strategy).portrait.concept is None


def test_a_palette_has_a_color_and_no_shape(encoders):
    query = ask_by_palette(encoders, [(200, 10, 10)])
    mark = ask(encoders, draw_mark("cross", (200, 10, 10)))
    assert not query.has_shape
    assert query.weights == Weights(color=1)
    assert (query.for_colors().rows @ mark.for_colors().rows.T).item() > 0.9


def test_a_box_searches_by_that_part(encoders):
    image = decode_image(encode(pair()), Box(200, 0, 200, 200))
    part = ask_by_image(encoders, image, Strategy.SHAPE, None)
    assert part.box(0).x >= 200
    alone = ask(encoders, draw_mark("stairs", "red"))
    assert float(part.portrait.shape[0] @ alone.portrait.shape[0]) > 0.95
