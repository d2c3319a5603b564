"""Other translations of a sentence: what a beam finds, and what follows when the first piece is another one."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from services.translate.engines.decoder import Growing, draft_of, most_steps
from services.translate.engines.protocol import Draft
from services.translate.engines.student import MOST_SOURCE_PIECES, Ids, Options, Progress, Sentences, Student

WIDTH: Final = 4


@dataclass(frozen=True)
class _Hypothesis:
    """A translation, or the beginning of one."""

    pieces: tuple[int, ...] = ()
    looked_at: tuple[int, ...] = ()
    log_probability: float = 0.0
    steps: int = 0

    @property
    def score(self) -> float:
        """Give the mean log-probability of a piece, so that no translation wins by being short."""
        return self.log_probability / max(1, self.steps)

    def ended(self, log_probability: float) -> "_Hypothesis":
        """Take the end."""
        return _Hypothesis(self.pieces, self.looked_at, log_probability, self.steps + 1)

    def with_piece(self, piece: int, looked_at: int, log_probability: float) -> "_Hypothesis":
        """Take one more piece."""
        return _Hypothesis((*self.pieces, piece), (*self.looked_at, looked_at), log_probability, self.steps + 1)


@dataclass(frozen=True)
class _Beam:
    """Hypotheses that go on, row by row, and those that have ended."""

    sentences: Sentences
    open: Sequence[_Hypothesis]
    done: Sequence[_Hypothesis]


def alternatives(student: Student, text: str) -> list[Draft]:
    """Translate a text in several ways, likely ones first; some may be the same but for their pieces.

    First what a beam of WIDTH finds, by mean log-probability; then the greedy translations after each of the likeliest
    first pieces, which differ more. A text of more than MOST_SOURCE_PIECES pieces has none.
    """
    source = student.source.encode(text)
    if len(source.ids) > MOST_SOURCE_PIECES:
        return []
    ids = (*source.ids, student.source.end_id)
    start = student.begin([ids])
    found = [*search(student, start, most_steps(ids)), *_by_first_pieces(student, start, most_steps(ids))]
    return [draft_of(student, source, growing) for growing in found]


def search(student: Student, start: Sentences, limit: int) -> list[Growing]:
    """Give the best WIDTH translations, by mean log-probability, that a beam of WIDTH finds of one sentence."""
    beam = _Beam(start, [_Hypothesis()], [])
    while beam.open and len(beam.done) < WIDTH and beam.sentences.progress.position < limit:
        beam = _further(beam, student.options(beam.sentences, WIDTH + 1), start, student.target.end_id)
    best = sorted(beam.done or beam.open, key=lambda hypothesis: -hypothesis.score)[:WIDTH]
    return [Growing([*each.pieces], [*each.looked_at], each.log_probability, each.steps) for each in best]


def _further(beam: _Beam, options: Options, start: Sentences, end_id: int) -> _Beam:
    """Let the best of all options go on; each row has one end at most, so WIDTH + 1 options a row are enough."""
    totals = np.asarray([[each.log_probability] for each in beam.open]) + options.log_probabilities
    places = [divmod(int(place), totals.shape[1]) for place in np.argsort(-totals, axis=None, kind="stable")]
    going_on = [place for place in places if options.pieces[place] != end_id][:WIDTH]
    ended = [place for place in places[:WIDTH] if options.pieces[place] == end_id]
    rows, columns = np.asarray(going_on).T
    open_ = [
        beam.open[row].with_piece(int(options.pieces[row, column]), int(options.looked_at[row]), totals[row, column])
        for row, column in going_on
    ]
    done = [beam.open[row].ended(totals[row, column]) for row, column in ended]
    return _Beam(_sentences(options, rows, columns, start), open_, [*beam.done, *done])


def _sentences(options: Options, rows: Ids, columns: Ids, start: Sentences) -> Sentences:
    """Give the rows that go on; all look at the one sentence that was begun with."""
    states = {name: state[rows] for name, state in options.progress.states.items()}
    progress = Progress(options.progress.position, options.embeddings[rows, columns], states)
    first = np.zeros(len(rows), np.int64)
    return Sentences(start.context.rows(first), start.choices.rows(first), progress)


def _by_first_pieces(student: Student, start: Sentences, limit: int) -> Iterator[Growing]:
    options = student.options(start, WIDTH + 1)
    columns = np.flatnonzero(options.pieces[0] != student.target.end_id)[:WIDTH]
    sentences = _sentences(options, np.zeros(len(columns), np.int64), columns, start)
    steps = student.go_on(sentences, limit - 1, len(columns) - 1)
    for row, column in enumerate(columns):
        piece, log_probability = int(options.pieces[0, column]), float(options.log_probabilities[0, column])
        growing = Growing([piece], [int(options.looked_at[0])], log_probability, 1)
        growing.take(steps, row, student.target.end_id)
        yield growing
