"""The index that is searched: a snapshot on disk and, in memory, what changed since, kept in step with a register.

The register is the truth. Whoever changes it lets the index catch up; so does a process that only reads, now and then.
"""

import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
import structlog

from services.image_search.index import Bitmap, Dims, Face, MarkIndex, QueryRows
from services.image_search.portrait import Portrait
from services.image_search.portraits import Portraits, RowIds
from services.image_search.snapshot import Snapshot
from services.image_search.snapshot_writing import Making
from services.image_search.snapshots import Snapshots

FEWEST_CHANGES: Final = 4096  # from so many on a new snapshot is worth its making
_MOST_CHANGES: Final = 16_384  # more would slow down searches
_SHARE: Final = 10  # changes that are waited for: one in so many marks
_SAMPLED: Final = 60_000  # marks that codes and lists are learned from
_FEW: Final = 4096  # allowed marks that are rather all compared
_BATCH: Final = 4096


class StoppedError(Exception):
    """The making of a snapshot was broken off."""


class _State:
    """A snapshot, the marks that changed since, and which of the snapshot's marks still are as it says."""

    def __init__(self, snapshot: Snapshot | None, marks: MarkIndex, change: int) -> None:
        self.snapshot, self.marks, self.change = snapshot, marks, change
        self._is_valid = np.ones(0 if snapshot is None else len(snapshot), bool)
        self.invalid = 0
        self._bits: Bitmap | None = None  # of those valid; None where all are

    def __len__(self) -> int:
        return len(self._is_valid) - self.invalid + len(self.marks)

    @property
    def changes(self) -> int:
        """Return how much a new snapshot would take up."""
        return max(len(self.marks), self.invalid)

    def replay(self, row_ids: RowIds, marks: dict[int, Portrait]) -> None:
        """Bring rows up to date; those that `marks` does not name are gone.

        A mark that is replaced is for a moment there twice, never not at all: searches look at the snapshot first.
        """
        self.marks.put(list(marks), list(marks.values()))
        for row_id in row_ids.tolist():
            if row_id not in marks:
                self.marks.remove(row_id)
        if self.snapshot is not None:
            self._is_valid[self.snapshot.positions(row_ids)] = False
            self.invalid = len(self._is_valid) - int(self._is_valid.sum())
            self._bits = np.packbits(self._is_valid, bitorder="little") if self.invalid else None

    def candidates(self, face: Face, queries: QueryRows, limit: int, allowed: RowIds | None) -> RowIds:
        """Return marks among which the best `limit` by a face are, of both."""
        found = [] if self.snapshot is None else [self._of_snapshot(self.snapshot, face, queries, limit, allowed)]
        return np.concatenate([*found, self.marks.candidates(face, queries, limit, allowed)])

    def portraits(self, row_ids: RowIds) -> Portraits | None:
        """Return marks as they are now."""
        changed = self.marks.portraits(row_ids.tolist())
        blocks = [] if changed is None else [changed]
        if self.snapshot is not None:
            positions = self.snapshot.positions(row_ids)
            positions = positions[self._is_valid[positions]]
            if changed is not None:
                positions = positions[~np.isin(self.snapshot.row_ids[positions], changed.row_ids)]
            blocks += [self.snapshot.portraits(positions)] if len(positions) else []
        return Portraits.joined(blocks) if blocks else None

    def _of_snapshot(
        self, snapshot: Snapshot, face: Face, queries: QueryRows, limit: int, allowed: RowIds | None
    ) -> RowIds:
        """Look at all lists where a filter lets only some marks pass, for these may lie in any."""
        if allowed is None:
            return snapshot.row_ids[snapshot.candidates(face, queries, limit, self._bits)]
        chosen = np.zeros(len(snapshot), bool)
        chosen[snapshot.positions(allowed)] = True
        chosen &= self._is_valid
        bits = np.packbits(chosen, bitorder="little")
        return snapshot.row_ids[snapshot.candidates(face, queries, limit, bits, snapshot.lists(face))]


@dataclass(frozen=True)
class IndexSize:
    """How many marks are on disk, and how many changes in memory."""

    on_disk: int
    in_memory: int


class Source(Protocol):
    """The marks of a register, and the numbers of their changes; every call may raise RegisterUnavailableError."""

    @property
    def signature(self) -> str:
        """Return what the portraits are made by; those of another signature cannot be compared with them."""

    @property
    def dims(self) -> Dims:
        """Return the lengths of the rows."""

    def last_change(self) -> int:
        """Return the number of the last change of any mark."""

    def changes_since(self, change: int) -> tuple[RowIds, int]:
        """Return the rows of marks added, replaced or removed after a change, and the number of the last change."""

    def row_ids(self) -> RowIds:
        """Return the rows of all marks, in order."""

    def of(self, row_ids: Sequence[int]) -> dict[int, Portrait]:
        """Return the marks of some rows; rows that are gone or not described are left out."""

    def in_batches(self) -> Iterator[Portraits]:
        """Give all marks in order of the rows; those that change meanwhile as they were or as they are."""


class LiveIndex:
    """Finds marks of a register; safe to use from several threads."""

    def __init__(self, source: Source, snapshots: Snapshots, *, is_owner: bool) -> None:
        """Take up the snapshot in use and what changed since; an owner of many marks makes one where there is none."""
        self._source, self._snapshots = source, snapshots
        self._lock = threading.Lock()
        self._name = snapshots.current_name()
        snapshot = snapshots.current(source.signature)
        if snapshot is None and is_owner and len(source.row_ids()) >= FEWEST_CHANGES:
            snapshot = self._make(threading.Event())
        self._state = self._opened(snapshot)

    def __len__(self) -> int:
        """Return how many marks can be found."""
        return len(self._state)

    @property
    def size(self) -> IndexSize:
        """Return how many marks are where."""
        state = self._state
        return IndexSize(0 if state.snapshot is None else len(state.snapshot), len(state.marks))

    def catch_up(self) -> None:
        """Take in what changed in the register; raise RegisterUnavailableError when that cannot be read."""
        with self._lock:
            self._replay(self._state)

    def candidates(self, face: Face, queries: QueryRows, limit: int, allowed: RowIds | None = None) -> RowIds:
        """Return marks among which the best `limit` by a face are, among the `allowed` rows (None: all)."""
        if allowed is not None and len(allowed) <= _FEW:
            return allowed
        return self._state.candidates(face, queries, limit, allowed)

    def portraits(self, row_ids: RowIds) -> Portraits | None:
        """Return marks; those that are not indexed are left out. None where that leaves none."""
        return self._state.portraits(row_ids)

    def follow(self) -> None:
        """Take in what another process changed, and the snapshot that it made."""
        name = self._snapshots.current_name()
        if name != self._name:
            snapshot = self._snapshots.current(self._source.signature)
            if snapshot is not None:
                self._switch(snapshot)
            self._name = name
        self.catch_up()

    def is_rebuild_due(self) -> bool:
        """Tell whether so much changed that a new snapshot is worth its making."""
        state = self._state
        marks = 0 if state.snapshot is None else len(state.snapshot)
        return state.changes >= min(max(FEWEST_CHANGES, marks // _SHARE), _MOST_CHANGES)

    def rebuild(self, stopped: threading.Event) -> None:
        """Make a new snapshot and switch to it; raise StoppedError when that is broken off."""
        if len(self._source.row_ids()):
            self._switch(self._make(stopped))

    def _make(self, stopped: threading.Event) -> Snapshot:
        started = time.monotonic()
        change, row_ids = self._source.last_change(), self._source.row_ids()
        making = Making(self._source.signature, change, len(row_ids))
        snapshot = self._snapshots.make(making, self._sample(row_ids), lambda: self._batches(stopped))
        self._snapshots.tidy()
        self._name = self._snapshots.current_name()
        seconds = round(time.monotonic() - started, 1)
        log = structlog.get_logger("examkit.marks")
        log.info("index rebuilt", marks=len(snapshot), seconds=seconds, recall=snapshot.manifest.recalls)
        return snapshot

    def _sample(self, row_ids: RowIds) -> Portraits:
        """Take marks from all over the register; always the same ones, so that a rebuild can be repeated."""
        random = np.random.default_rng(len(row_ids))
        chosen = np.sort(random.choice(row_ids, min(_SAMPLED, len(row_ids)), replace=False))
        return Portraits.of(self._source.of(chosen.tolist()), self._source.dims.concept)

    def _batches(self, stopped: threading.Event) -> Iterator[Portraits]:
        for marks in self._source.in_batches():
            if stopped.is_set():
                raise StoppedError
            yield marks

    def _opened(self, snapshot: Snapshot | None) -> _State:
        """Begin with a snapshot and what changed since; without one, with all that there is."""
        dims = self._source.dims
        marks = MarkIndex(dims.shape, dims.color, dims.concept)
        if snapshot is not None:
            state = _State(snapshot, marks, snapshot.manifest.change)
        else:
            state = _State(None, marks, self._source.last_change())
            self._take_in(state, self._source.row_ids())
        self._replay(state)
        return state

    def _switch(self, snapshot: Snapshot) -> None:
        state = self._opened(snapshot)
        with self._lock:
            self._replay(state)
            self._state = state

    def _replay(self, state: _State) -> None:
        row_ids, last = self._source.changes_since(state.change)
        self._take_in(state, row_ids)
        state.change = last  # were the above broken off, all would be replayed

    def _take_in(self, state: _State, row_ids: RowIds) -> None:
        for at in range(0, len(row_ids), _BATCH):
            some = row_ids[at : at + _BATCH]
            state.replay(some, self._source.of(some.tolist()))
