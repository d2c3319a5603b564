"""What a search compares with: a mark as it stands, mirrored, turned and in parts, or colors alone."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from services.image_search.colors import ask_for_palette, is_in_color
from services.image_search.embedding import MarkEmbedder
from services.image_search.image import Box, MarkImage
from services.image_search.index import QueryRows
from services.image_search.portrait import PLACE, Portrait, Rows, count_views, sketch
from services.image_search.strategies import Strategy, Weights, weights_of
from services.image_search.turns import turned

# Taken off the likeness of a turned query, and of a part of either mark, so that what is like the whole as it stands
# comes first; chosen on brands outside the validation fifth.
TURN_PENALTY = 0.20
PART_PENALTY = 0.40


@dataclass(frozen=True)
class Query:
    """A portrait to compare with, and rows of its innermost view turned."""

    portrait: Portrait
    turned: Rows
    weights: Weights

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

    def box(self, row: int) -> Box:
        """Return where the subject of a row of `for_views` lies in the query's image."""
        is_turned = row >= len(self.portrait.shape)
        return self.portrait.box(self.portrait.views - 1 if is_turned else row)


def ask_by_image(embedder: MarkEmbedder, image: MarkImage, strategy: Strategy, mix: Weights | None) -> Query:
    """Describe an image as a query; `mix` overrides the weights of the strategy; blank images are refused."""
    drawn = sketch(image)
    others = turned(drawn.drawings[count_views(drawn.places) - 1])
    rows = embedder.describe_shapes([*drawn.drawings, *others])
    own = len(drawn.drawings)
    portrait = Portrait(rows[:own], embedder.shorten_colors(drawn.colors), drawn.places)
    return Query(portrait, rows[own:], mix or weights_of(strategy, is_colored=is_in_color(drawn.colors)))


def ask_by_palette(embedder: MarkEmbedder, colors: Sequence[tuple[int, int, int]]) -> Query:
    """Describe RGB colors in equal parts as a query."""
    nothing = np.empty((0, embedder.shape_dims), np.float32)
    portrait = Portrait(nothing, embedder.shorten_palette(ask_for_palette(colors)), np.empty(0, PLACE))
    return Query(portrait, nothing, Weights(color=1))
