"""Greedy decoding: texts in, drafts out, in batches of like length with finished sentences dropped."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.translate.engines.links import links
from services.translate.engines.protocol import Draft
from services.translate.engines.student import MOST_SOURCE_PIECES, Steps, Student
from services.translate.engines.vocabulary import PieceText

_MOST_SENTENCES: Final = 32
_MOST_PIECES: Final = 1600
# A translation that is still open after twice its source and this many pieces is running in circles.
_EXTRA_STEPS: Final = 12
# A batch goes on until this share of its sentences has ended: to drop them copies what is left.
_ENDED_SHARE: Final = 8


@dataclass
class Growing:
    """A translation while it grows; `steps` counts its pieces, the end included."""

    pieces: list[int] = field(default_factory=list)
    looked_at: list[int] = field(default_factory=list)
    log_probability: float = 0.0
    steps: int = 0

    def take(self, steps: Steps, row: int, end_id: int) -> bool:
        """Take a sentence's part of some steps; tell whether it goes on."""
        pieces: list[int] = steps.pieces[:, row].tolist()
        count = pieces.index(end_id) if end_id in pieces else len(pieces)
        self.pieces += pieces[:count]
        self.looked_at += steps.looked_at[:count, row].tolist()
        self.log_probability += float(steps.log_probabilities[: count + 1, row].sum())
        self.steps += min(count + 1, len(pieces))
        return count == len(pieces)


def decode(student: Student, texts: Sequence[str]) -> list[Draft]:
    """Translate texts, each by itself, and give the drafts in their order.

    A text of more than MOST_SOURCE_PIECES pieces is not read: its draft is empty.
    """
    sources = [student.source.encode(text) for text in texts]
    drafts = [Growing() for _ in sources]
    readable = [i for i, source in enumerate(sources) if len(source.ids) <= MOST_SOURCE_PIECES]
    for batch in _batches(readable, [len(source.ids) for source in sources]):
        _decode_batch(student, [(*sources[i].ids, student.source.end_id) for i in batch], [drafts[i] for i in batch])
    return [draft_of(student, source, draft) for source, draft in zip(sources, drafts, strict=True)]


def most_steps(source: Sequence[int]) -> int:
    """Give how many steps a sentence of pieces, end included, may take."""
    return 2 * len(source) + _EXTRA_STEPS


def _batches(indexes: Sequence[int], lengths: Sequence[int]) -> Iterator[list[int]]:
    """Group indexes of like length, longest first, so that little is spent on padding."""
    batch: list[int] = []
    for index in sorted(indexes, key=lambda i: (-lengths[i], i)):
        if batch and (len(batch) == _MOST_SENTENCES or (len(batch) + 1) * (lengths[batch[0]] + 1) > _MOST_PIECES):
            yield batch
            batch = []
        batch.append(index)
    if batch:
        yield batch


def _decode_batch(student: Student, sources: Sequence[Sequence[int]], drafts: Sequence[Growing]) -> None:
    open_ = np.arange(len(sources), dtype=np.int64)
    limits = np.asarray([most_steps(source) for source in sources])
    sentences = student.begin(sources)
    while len(open_):
        done = sentences.progress.position
        steps = student.go_on(sentences, int(limits[open_].min()) - done, len(open_) // _ENDED_SHARE)
        going_on = _going_on(steps, [drafts[int(i)] for i in open_], student.target.end_id)
        kept = np.flatnonzero(going_on & (limits[open_] > steps.progress.position))
        open_ = open_[kept]
        sentences = sentences.after(steps.progress, kept)


def _going_on(steps: Steps, drafts: Sequence[Growing], end_id: int) -> NDArray[np.bool_]:
    return np.asarray([draft.take(steps, row, end_id) for row, draft in enumerate(drafts)])


def draft_of(student: Student, source: PieceText, draft: Growing) -> Draft:
    """Put the pieces of a translation together."""
    target = student.target.decode(draft.pieces)
    found = links(source, target, draft.looked_at)
    return Draft(target.text, draft.log_probability, draft.steps, tuple(found))
