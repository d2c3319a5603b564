"""How much of what comparing with every mark finds is found by a snapshot's lists, measured on its own marks."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from services.image_search.index import Face, QueryRows, owners_of, rows_of
from services.image_search.portrait import Rows
from services.image_search.portraits import Portraits
from services.image_search.snapshot import Positions, Snapshot

_SAMPLED: Final = 100
_NEAREST: Final = 10
_WINDOW: Final = 256  # marks that a search asks for
_ENOUGH: Final = 0.985
_FEWEST_OF_LISTS: Final = 64  # one in so many is where choosing begins
_BATCH: Final = 16_384
_SAME: Final = 1e-5


@dataclass(frozen=True)
class Setting:
    """How many lists are looked at, and the share of the ten nearest marks that is found so."""

    probes: int
    recall: float


@dataclass(frozen=True)
class _Asked:
    """A row of some marks each, and the score that the tenth nearest of the other marks has with it."""

    positions: Positions
    rows: Rows
    tenth: Rows


def choose_probes(snapshot: Snapshot) -> dict[Face, Setting]:
    """Return for each face the fewest lists that find enough; all where too few marks have the face to tell."""
    asked = _ask(snapshot)
    return {face: _choose(snapshot, face, asked[face]) for face in Face}


def _choose(snapshot: Snapshot, face: Face, asked: _Asked) -> Setting:
    lists = snapshot.lists(face)
    if not np.isfinite(asked.tenth).any():
        return Setting(lists, 1.0)
    probes = max(1, lists // _FEWEST_OF_LISTS)
    while (recall := _recall(snapshot, face, asked, probes)) < _ENOUGH and probes < lists:
        probes = min(2 * probes, lists)
    return Setting(probes, recall)


def _recall(snapshot: Snapshot, face: Face, asked: _Asked, probes: int) -> float:
    """Return the share of what marks with ten near ones find."""
    shares = [
        _found(
            snapshot, face, _Asked(asked.positions[n : n + 1], asked.rows[n : n + 1], asked.tenth[n : n + 1]), probes
        )
        for n in np.flatnonzero(np.isfinite(asked.tenth)).tolist()
    ]
    return round(float(np.mean(shares)), 4)


def _found(snapshot: Snapshot, face: Face, one: _Asked, probes: int) -> float:
    queries = QueryRows(one.rows, np.zeros(1, np.float32))
    named = snapshot.candidates(face, queries, _WINDOW, probes=probes)
    scores = _scores(snapshot.portraits(named[named != one.positions[0]]), face, one.rows)[0]
    return min(1.0, int((scores >= one.tenth[0] - _SAME).sum()) / _NEAREST)


def _ask(snapshot: Snapshot) -> Mapping[Face, _Asked]:
    """Take marks from all over the snapshot, a row of each by each face, and compare these with every mark."""
    positions = np.unique(np.linspace(0, len(snapshot) - 1, min(_SAMPLED, len(snapshot)), dtype=np.int64))
    sample = snapshot.portraits(positions)
    asked: dict[Face, tuple[Positions, Rows]] = {}
    for face in Face:
        owners, first = np.unique(owners_of(sample, face), return_index=True)
        asked[face] = positions[owners], rows_of(sample, face)[first]
    best = {face: np.full((len(rows), _NEAREST), -np.inf, np.float32) for face, (_, rows) in asked.items()}
    for start, marks in _batches(snapshot):
        for face, (own, rows) in asked.items():
            scores = _scores(marks, face, rows)
            is_here = (own >= start) & (own < start + len(marks))
            scores[is_here, own[is_here] - start] = -np.inf
            best[face] = -np.partition(-np.hstack([best[face], scores]), _NEAREST - 1, axis=1)[:, :_NEAREST]
    return {face: _Asked(own, rows, best[face].min(axis=1)) for face, (own, rows) in asked.items()}


def _scores(marks: Portraits, face: Face, rows: Rows) -> Rows:
    """Return the best score of each mark with each row; minus infinity where it has no row of this face."""
    owners, theirs = owners_of(marks, face), rows_of(marks, face)
    scores = np.full((len(rows), len(marks)), -np.inf, np.float32)
    if len(owners):
        starts = np.flatnonzero(np.diff(owners, prepend=-1))
        scores[:, owners[starts]] = np.maximum.reduceat(rows @ theirs.T, starts, axis=1)
    return scores


def _batches(snapshot: Snapshot) -> Iterator[tuple[int, Portraits]]:
    for start in range(0, len(snapshot), _BATCH):
        yield start, snapshot.portraits(np.arange(start, min(start + _BATCH, len(snapshot))))
