"""What a search compares with: a mark as it stands, mirrored, turned and in parts, or colors alone."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from services.image_search.descriptors import describe_palette, is_colored
from services.image_search.embedding import MarkEmbedder
from services.image_search.image import Box, MarkImage
from services.image_search.index import QueryRows
from services.image_search.portrait import PLACE, Portrait, Rows, portray_views
from services.image_search.strategies import Strategy, Weights, weights_of
from services.image_search.turns import turned
from services.image_search.views import make_views

# Taken off the score of what is found by a turned query, or by a part of it, so that what is like the whole as it
# stands comes first; chosen on brands outside the validation fifth.
TURN_PENALTY = 0.05
PART_PENALTY = 0.05


@dataclass(frozen=True)
class Query:
    """A portrait to compare with, and rows of the same views turned: `turned_from` says which view each shows."""

    portrait: Portrait
    turned: Rows
    turned_from: tuple[int, ...]
    weights: Weights

    @property
    def has_shape(self) -> bool:
        """Tell whether anything is drawn; a palette has colors alone."""
        return len(self.portrait.shape) > 0

    def shapes(self) -> QueryRows:
        """Return every row of shape: those of the portrait, then those turned."""
        views = self.portrait.views
        parts = len(self.portrait.shape) - views
        penalties = [0.0] * views + [PART_PENALTY] * parts + [TURN_PENALTY] * len(self.turned)
        return QueryRows(np.concatenate([self.portrait.shape, self.turned]), np.array(penalties, np.float32))

    def colors(self) -> QueryRows:
        """Return the row of the whole's color."""
        return QueryRows(self.portrait.color[None], np.zeros(1, np.float32))

    def box(self, row: int) -> Box:
        """Return where the subject of a row of `shapes` lies in the query's image."""
        own = len(self.portrait.shape)
        return self.portrait.box(row if row < own else self.turned_from[row - own])


def ask_by_image(embedder: MarkEmbedder, image: MarkImage, strategy: Strategy, mix: Weights | None) -> Query:
    """Describe an image as a query; `mix` overrides the weights of the strategy; blank images are refused."""
    views = make_views(image.pixels)
    others = [turned(drawing) for drawing in views.drawings]
    portrait = portray_views(embedder, image, views)
    turned_from = tuple(view for view, of_view in enumerate(others) for _ in of_view)
    rows = embedder.describe_shapes([other for of_view in others for other in of_view])
    return Query(portrait, rows, turned_from, mix or weights_of(strategy, is_colored=is_colored(portrait.color)))


def ask_by_palette(embedder: MarkEmbedder, colors: Sequence[tuple[int, int, int]]) -> Query:
    """Describe RGB colors in equal parts as a query."""
    nothing = np.empty((0, embedder.shape_dims), np.float32)
    portrait = Portrait(nothing, describe_palette(colors), np.empty(0, PLACE))
    return Query(portrait, nothing, (), weights_of(Strategy.COLOR, is_colored=True))
