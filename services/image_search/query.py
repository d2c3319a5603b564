"""What a search compares with: a mark as it stands, mirrored, turned and in parts, or colors alone."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from services.image_search.colors import ask_for_palette, is_in_color
from services.image_search.concept_views import concept_views_of
from services.image_search.encoders import Encoders
from services.image_search.image import Box, MarkImage
from services.image_search.index import QueryRows
from services.image_search.portrait import PLACE, Portrait, Rows, Sketch, Vector, count_views, sketch
from services.image_search.strategies import Strategy, Weights, weights_of
from services.image_search.turns import turned

# Taken off the likeness of a turned query, and of a part of either mark, so that what is like the whole as it stands
# comes first; chosen on brands outside the validation fifth.
TURN_PENALTY = 0.20
PART_PENALTY = 0.40


@dataclass(frozen=True)
class Query:
    """A portrait to compare with, and rows of its innermost view turned.

    `liked` and `disliked` are examples of what is right and what is wrong, queries themselves.
    """

    portrait: Portrait
    turned: Rows
    weights: Weights
    liked: tuple["Query", ...] = ()
    disliked: tuple["Query", ...] = ()

    @property
    def has_shape(self) -> bool:
        """Tell whether anything is drawn; a palette has colors alone."""
        return len(self.portrait.shape) > 0

    def for_views(self) -> QueryRows:
        """Return the rows of shape that are compared with views of a mark: those of the portrait, then those turned."""
        views = self.portrait.views
        parts = len(self.portrait.shape) - views
        penalties = [0.0] * views + [PART_PENALTY] * parts + [TURN_PENALTY] * len(self.turned)
        return QueryRows(np.concatenate([self.portrait.shape, self.turned]), np.array(penalties, np.float32))

    def for_parts(self) -> QueryRows:
        """Return the rows of shape that are compared with parts of a mark: those of the portrait."""
        return QueryRows(self.portrait.shape, np.full(len(self.portrait.shape), PART_PENALTY, np.float32))

    def for_colors(self) -> QueryRows:
        """Return the row of the whole's color."""
        return QueryRows(self.portrait.color[None], np.zeros(1, np.float32))

    def for_concepts(self) -> QueryRows:
        """Return the row of what the whole shows, where that is asked for."""
        rows = np.empty((0, 0), np.float32) if self.portrait.concept is None else self.portrait.concept[None]
        return QueryRows(rows, np.zeros(len(rows), np.float32))

    def box(self, row: int) -> Box:
        """Return where the subject of a row of `for_views` lies in the query's image."""
        is_turned = row >= len(self.portrait.shape)
        return self.portrait.box(self.portrait.views - 1 if is_turned else row)


def ask_by_image(encoders: Encoders, image: MarkImage, strategy: Strategy, mix: Weights | None) -> Query:
    """Describe an image as a query; `mix` overrides the weights of the strategy; blank images are refused.

    What the image shows is looked for only where it counts, and so are its turned views.
    """
    drawn = sketch(image)
    weights = mix or weights_of(strategy, is_colored=is_in_color(drawn.colors))
    others = turned(drawn.drawings[count_views(drawn.places) - 1]) if weights.shape or weights.composition else []
    rows = encoders.looks.describe_shapes([*drawn.drawings, *others])
    own = len(drawn.drawings)
    color = encoders.looks.shorten_colors(drawn.colors)
    concept = _concept(encoders, image, drawn) if weights.concept else None
    portrait = Portrait(rows[:own], color, drawn.places, concept)
    return Query(portrait, rows[own:], weights)


def _concept(encoders: Encoders, image: MarkImage, drawn: Sketch) -> Vector:
    row: Vector = encoders.concepts.embed_views(concept_views_of(image.pixels, drawn.views))[0].astype(np.float32)
    return row


def with_examples(query: Query, liked: Sequence[Portrait], disliked: Sequence[Portrait]) -> Query:
    """Add registered marks as examples of what is right and wrong; they are compared by the weights of the query."""

    def ask(mark: Portrait) -> Query:
        return Query(mark, np.empty((0, mark.shape.shape[1]), np.float32), query.weights)

    return replace(query, liked=tuple(map(ask, liked)), disliked=tuple(map(ask, disliked)))


def ask_by_palette(encoders: Encoders, colors: Sequence[tuple[int, int, int]]) -> Query:
    """Describe RGB colors in equal parts as a query."""
    nothing = np.empty((0, encoders.looks.shape_dims), np.float32)
    portrait = Portrait(nothing, encoders.looks.shorten_palette(ask_for_palette(colors)), np.empty(0, PLACE))
    return Query(portrait, nothing, Weights(color=1))
