"""A register of made-up portraits in memory, as an index sees it."""

import numpy as np

from services.image_search.index import Dims
from services.image_search.portrait import PLACE, Portrait, Role
from services.image_search.portraits import Portraits

DIMS = Dims(shape=32, color=16, concept=16)
ROLES = [Role.WHOLE, Role.PEELED, Role.DEVICE, Role.DEVICE, Role.WORD, Role.DEVICE]


def portrait(seed: int) -> Portrait:
    """Make one of one or two views, up to four parts, and in two of three cases a concept."""
    random = np.random.default_rng(seed)
    views, parts = 1 + seed % 2, seed % 5
    roles = ROLES[:views] + ROLES[2 : 2 + parts]
    places = np.array([(role, seed % 1000, 0, 10, 10, 0.5) for role in roles], PLACE)
    shape, color, concept = (
        _unit(random, *size) for size in ((len(roles), DIMS.shape), (1, DIMS.color), (1, DIMS.concept))
    )
    return Portrait(shape, color[0], places, concept[0] if seed % 3 else None)


class MarksSource:
    """Marks by row; every change has a number."""

    signature = "made-up/1"
    dims = DIMS

    def __init__(self, seeds=()) -> None:
        self.marks: dict[int, Portrait] = {}
        self._changes: dict[int, int] = {}
        for row_id, seed in enumerate(seeds, start=1):
            self.put(row_id, seed)

    def put(self, row_id: int, seed: int) -> None:
        self.marks[row_id] = portrait(seed)
        self._count(row_id)

    def remove(self, row_id: int) -> None:
        self.marks.pop(row_id, None)
        self._count(row_id)

    def last_change(self) -> int:
        return max(self._changes.values(), default=0)

    def changes_since(self, change):
        changed = sorted(row_id for row_id, number in self._changes.items() if number > change)
        return np.array(changed, np.int64), self.last_change()

    def row_ids(self):
        return np.array(sorted(self.marks), np.int64)

    def of(self, row_ids):
        return {row_id: self.marks[row_id] for row_id in row_ids if row_id in self.marks}

    def in_batches(self):
        rows = self.row_ids().tolist()
        for at in range(0, len(rows), 7):
            yield Portraits.of(self.of(rows[at : at + 7]), DIMS.concept)

    def _count(self, row_id: int) -> None:
        self._changes[row_id] = self.last_change() + 1


def _unit(random, *size):
    rows = random.standard_normal(size).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)
