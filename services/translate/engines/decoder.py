"""Greedy decoding: texts in, drafts out, in batches of like length with finished sentences dropped."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.translate.engines.protocol import Draft
from services.translate.engines.student import (
    MOST_SOURCE_PIECES,
    Choices,
    Context,
    Floats,
    Ids,
    PieceText,
    Span,
    Step,
    Student,
)

_MOST_SENTENCES: Final = 32
_MOST_PIECES: Final = 1600
# A translation that is still open after twice its source and this many pieces is running in circles.
_EXTRA_STEPS: Final = 12
# Punctuation belongs to a word inside it only: 2.5
_WORD: Final = re.compile(r"[^\s.,;:!?]+(?:[.,:][^\s.,;:!?]+)*")


@dataclass
class _Growing:
    """A translation while it grows."""

    pieces: list[int] = field(default_factory=list)
    looked_at: list[int] = field(default_factory=list)
    log_probability: float = 0.0
    steps: int = 0


@dataclass(frozen=True)
class _Open:
    """The sentences of a batch that are not finished; row i of every array belongs to draft `indexes[i]`."""

    indexes: NDArray[np.int64]
    inputs: Floats
    states: tuple[Floats, ...]
    context: Context
    choices: Choices


def decode(student: Student, texts: Sequence[str]) -> list[Draft]:
    """Translate texts, each by itself, and give the drafts in their order.

    A text of more than MOST_SOURCE_PIECES pieces is not read: its draft is empty.
    """
    sources = [student.vocabulary.encode(text) for text in texts]
    drafts = [_Growing() for _ in sources]
    readable = [i for i, source in enumerate(sources) if len(source.ids) <= MOST_SOURCE_PIECES]
    for batch in _batches(readable, [len(source.ids) for source in sources]):
        _decode_batch(
            student, [(*sources[i].ids, student.vocabulary.end_id) for i in batch], [drafts[i] for i in batch]
        )
    return [_draft(student, source, draft) for source, draft in zip(sources, drafts, strict=True)]


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


def _decode_batch(student: Student, sources: Sequence[Sequence[int]], drafts: Sequence[_Growing]) -> None:
    limits = np.asarray([2 * len(source) + _EXTRA_STEPS for source in sources])
    count = len(sources)
    open_ = _Open(
        np.arange(count),
        student.first_inputs(count),
        student.first_states(count),
        student.encode(sources),
        student.choices(sources),
    )
    position = 0
    while len(open_.indexes):
        step = student.step(open_.inputs, open_.states, open_.context, open_.choices)
        position += 1
        _note(step, [drafts[i] for i in open_.indexes], student.vocabulary.end_id)
        going_on = (step.pieces != student.vocabulary.end_id) & (limits[open_.indexes] > position)
        open_ = _advance(student, open_, step, going_on, position)


def _note(step: Step, drafts: Sequence[_Growing], end_id: int) -> None:
    looked_at = step.attention.argmax(axis=1)
    for draft, piece, log_probability, source in zip(
        drafts, step.pieces, step.log_probabilities, looked_at, strict=True
    ):
        draft.log_probability += float(log_probability)
        draft.steps += 1
        if piece != end_id:
            draft.pieces.append(int(piece))
            draft.looked_at.append(int(source))


def _advance(student: Student, open_: _Open, step: Step, going_on: NDArray[np.bool_], position: int) -> _Open:
    inputs = student.inputs(_kept(step.pieces, going_on), position)
    if going_on.all():
        return _Open(open_.indexes, inputs, step.states, open_.context, open_.choices)
    return _Open(
        open_.indexes[going_on],
        inputs,
        tuple(state[going_on] for state in step.states),
        open_.context.rows(going_on),
        open_.choices.rows(going_on),
    )


def _kept(pieces: Ids, going_on: NDArray[np.bool_]) -> Ids:
    kept: Ids = pieces[going_on]
    return kept


def _draft(student: Student, source: PieceText, draft: _Growing) -> Draft:
    target = student.vocabulary.decode(draft.pieces)
    links = _links(source, target, draft.looked_at)
    return Draft(target.text, draft.log_probability, draft.steps, tuple(links))


def _links(source: PieceText, target: PieceText, looked_at: Sequence[int]) -> Iterator[tuple[Span, Span]]:
    """Link each word of the target to the source word that most of its pieces looked at; the end is no word."""
    source_words, target_words = _words(source.text), _words(target.text)
    votes: dict[Span, Counter[Span]] = {}
    for (_, end), index in zip(target.spans, looked_at, strict=True):
        target_word = _word_at(target_words, end - 1)
        source_word = _word_at(source_words, source.spans[index][1] - 1) if index < len(source.spans) else None
        if target_word and source_word:
            votes.setdefault(target_word, Counter())[source_word] += 1
    for target_word, counts in votes.items():
        yield counts.most_common(1)[0][0], target_word


def _words(text: str) -> list[Span]:
    return [match.span() for match in _WORD.finditer(text)]


def _word_at(words: Sequence[Span], position: int) -> Span | None:
    return next((word for word in words if word[0] <= position < word[1]), None)
