"""Who is asked and what is right when concepts are judged: one thing drawn by different hands, copies left out."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from models.image_search.concept_drawings import Drawing, DrawingSet
from models.image_search.concepts import are_kin, is_apart
from models.image_search.icon_sets import Role

_SMALL_SIDE = 32
_COPY = 0.95
_FAR = 0.73  # ink correlation below which drawings are really different: seven eighths of the right answers

Rows = NDArray[np.float32]
Positions = NDArray[np.int64]


@dataclass(frozen=True)
class Asked:
    """One query: its concept, what is right (`far`: of those, what is really different) and what is left out.

    Positions in the gallery; `drawing` is the query's own, None where it is a word.
    """

    concept: str
    right: Positions
    far: Positions
    left_out: Positions
    drawing: int | None = None


@dataclass(frozen=True)
class Gallery:
    """Every drawing that is judged, one a concept and hand; `rows` are their places in the drawing set."""

    drawings: Sequence[Drawing]
    rows: Positions
    inks: Rows

    @classmethod
    def of(
        cls, drawing_set: DrawingSet, keeps: Callable[[Drawing], bool] = lambda drawing: drawing.is_judged
    ) -> "Gallery":
        """Take what is judged out of all drawings, with their ink in small: unit vectors less their mean."""
        rows = np.array([row for row, drawing in enumerate(drawing_set.drawings) if keeps(drawing)])
        inked = drawing_set.inked[rows]
        step = inked.shape[1] // _SMALL_SIDE
        small = inked.reshape(len(rows), _SMALL_SIDE, step, _SMALL_SIDE, step).mean(axis=(2, 4), dtype=np.float32)
        flat = small.reshape(len(rows), -1)
        flat = flat - flat.mean(axis=1, keepdims=True)
        flat /= np.maximum(np.linalg.norm(flat, axis=1, keepdims=True), 1e-6)
        return cls([drawing_set.drawings[row] for row in rows], rows, flat)

    @cached_property
    def by_concept(self) -> dict[str, list[int]]:
        """Return the positions of each concept's drawings."""
        found: dict[str, list[int]] = {}
        for at, drawing in enumerate(self.drawings):
            found.setdefault(drawing.concept, []).append(at)
        return found

    @cached_property
    def hands(self) -> dict[str, int]:
        """Return in how many sets each concept is drawn."""
        return {concept: len(positions) for concept, positions in self.by_concept.items()}

    def images_of(self, asks: Callable[[Drawing], bool]) -> Iterator[Asked]:
        """Yield every drawing that `asks`, where another hand has drawn the same and it is no copy."""
        for at, drawing in enumerate(self.drawings):
            if asks(drawing) and self.hands[drawing.concept] > 1:
                query = self._image_query(at)
                if len(query.right):
                    yield query

    def words_of(self, names: Sequence[str], counts: Callable[[Drawing], bool]) -> Iterator[Asked]:
        """Yield names as queries; right are their drawings that `counts`, others of that name are left out."""
        for name in names:
            same = self.by_concept[name]
            right = np.array([at for at in same if counts(self.drawings[at])], np.int64)
            left_out = np.array(sorted((set(same) - set(right.tolist())) | self._kin_of(name)), np.int64)
            if len(right):
                yield Asked(name, right, right, left_out)

    def _image_query(self, at: int) -> Asked:
        concept = self.drawings[at].concept
        likeness = self.inks @ self.inks[at]
        same = np.array([other for other in self.by_concept[concept] if other != at])
        right = same[likeness[same] < _COPY]
        left_out = {at} | self._kin_of(concept) | set(np.flatnonzero(likeness >= _COPY).tolist())
        return Asked(concept, right, right[likeness[right] < _FAR], np.array(sorted(left_out)), at)

    def _kin_of(self, concept: str) -> set[int]:
        if concept not in self._kin:
            others = (name for name in self.by_concept if name != concept and are_kin(name, concept))
            self._kin[concept] = {at for name in others for at in self.by_concept[name]}
        return self._kin[concept]

    @cached_property
    def _kin(self) -> dict[str, set[int]]:
        return {}


def is_held_out(drawing: Drawing) -> bool:
    """Tell whether a drawing shows a concept that is never trained on."""
    return is_apart(drawing.concept)


def is_unseen_hand(drawing: Drawing) -> bool:
    """Tell whether a drawing comes from a set that the figures' training left out."""
    return drawing.role is Role.UNSEEN
