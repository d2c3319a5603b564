"""The way of records into the register: image found, what is known left alone, described, written in batches.

Each batch is written whole or not at all, and in order. An import that was broken off is begun again: what is in the
register already is only compared.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Final

from examkit.errors import ExamError, NotFoundError
from services.image_search.engine import ImageSearcher, MarkSubject, Search, Stored
from services.image_search.importing.outcomes import Outcome, Verdict
from services.image_search.importing.reading import ReadBatch, Row
from services.image_search.importing.records import Place, Refusal
from services.image_search.importing.workers import Described, Describing, Pending
from services.image_search.marks import Entry
from services.image_search.strategies import Strategy

_BATCHES_AHEAD: Final = 3
# Of 70 logos copied in half or double size, with a margin or as JPEG of quality 70, 79 to 96 % score above this; of 99
# pairs of one logo drawn anew 4 do, and of 269 nearest marks of others 2, which are one drawing under two names.
_ALIKE: Final = 0.94


@dataclass(frozen=True)
class Taken:
    """Outcomes of rows that are dealt with; `progress` is the share of the bundle's records read by the last."""

    outcomes: Sequence[Outcome]
    progress: float


@dataclass(frozen=True)
class _Batch:
    """Rows on their way: `due` are those to be written, `pending` what describes them."""

    read: ReadBatch
    due: Sequence[Row]
    pending: Pending


class Importer:
    """Takes the rows of one bundle into the register of a searcher."""

    def __init__(
        self,
        searcher: ImageSearcher,
        describing: Describing,
        *,
        look_for_alike: bool = False,
        writing: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> None:
        """Take what an import needs; looking for marks that look the same costs a search for each new mark.

        Whatever is written is written within `writing`, which may raise to end the import before that.
        """
        self._searcher = searcher
        self._describing = describing
        self._look_for_alike = look_for_alike
        self._writing = writing
        self._on_their_way: deque[_Batch] = deque()

    def run(self, batches: Iterable[ReadBatch]) -> Iterator[Taken]:
        """Take rows in; give the outcomes, in the order of the rows, once they are on the disk."""
        for read in batches:
            self._on_their_way.append(self._begin(read))
            if len(self._on_their_way) > _BATCHES_AHEAD:
                yield self._finish()
        while self._on_their_way:
            yield self._finish()

    def _begin(self, read: ReadBatch) -> _Batch:
        """Begin to describe what is not in the register; what is written by then may be told by the rows before."""
        rows = _rows(read)
        known = self._searcher.marks([row.mark.mark_id for row in rows])
        changing = {row.mark.mark_id for batch in self._on_their_way for row in batch.due}
        due = []
        for row in rows:
            mark_id = row.mark.mark_id
            if mark_id in changing or not row.is_registered(known.get(mark_id)):
                due.append(row)
                changing.add(mark_id)
        return _Batch(read, due, self._describing.begin([row.mark for row in due]))

    def _finish(self) -> Taken:
        batch = self._on_their_way.popleft()
        described = dict(zip((row.place for row in batch.due), batch.pending.results(), strict=True))
        entries = [each for each in described.values() if isinstance(each, Entry)]
        with self._writing():
            same_images = self._same_images(_rows(batch.read))
            stored = iter([stored for once in _each_once(entries) for stored in self._searcher.write(once)])
        outcomes = [self._outcome(each, described, stored, same_images) for each in batch.read.rows]
        return Taken(outcomes, batch.read.progress)

    def _outcome(
        self,
        read: Row | Refusal,
        described: dict[Place, Described],
        stored: Iterator[Stored],
        same_images: dict[Place, str],
    ) -> Outcome:
        if isinstance(read, Refusal):
            return Outcome.refused(read)
        mark_id, same_image = read.mark.mark_id, same_images.get(read.place)
        match described.get(read.place):
            case None:
                return Outcome(read.place, mark_id, Verdict.UNCHANGED, same_image=same_image)
            case ExamError() as error:
                return Outcome.refused(Refusal.of(error, read.place, mark_id))
            case _:
                verdict = Verdict.ADDED if next(stored).is_new else Verdict.REPLACED
                alike = None if same_image else self._alike(mark_id)
                return Outcome(read.place, mark_id, verdict, same_image=same_image, alike=alike)

    def _same_images(self, rows: Sequence[Row]) -> dict[Place, str]:
        """Find, for each row, another mark of the same image: a registered one, or one of a row before."""
        owners = self._searcher.marks_by_image([row.image_sha256 for row in rows])
        found: dict[Place, str] = {}
        for row in rows:
            ids = owners.setdefault(row.image_sha256, [])
            others = [mark_id for mark_id in ids if mark_id != row.mark.mark_id]
            if others:
                found[row.place] = others[0]
            ids.append(row.mark.mark_id)
        return found

    def _alike(self, mark_id: str) -> str | None:
        """Find the mark that looks most like another, where it looks the same."""
        if not self._look_for_alike:
            return None
        try:
            hits = self._searcher.search(Search(MarkSubject(mark_id), Strategy.COMBINED, limit=2)).hits
        except NotFoundError:  # somebody has removed it meanwhile
            return None
        return next(
            (hit.mark.mark_id for hit in hits if hit.mark.mark_id != mark_id and hit.likeness.score >= _ALIKE), None
        )


def _rows(read: ReadBatch) -> list[Row]:
    """Return what was not refused."""
    return [row for row in read.rows if isinstance(row, Row)]


def _each_once(entries: Iterable[Entry]) -> Iterator[list[Entry]]:
    """Cut entries where a mark comes again, for of two in one write neither would be the first."""
    part: dict[str, Entry] = {}
    for entry in entries:
        if entry.mark_id in part:
            yield list(part.values())
            part = {}
        part[entry.mark_id] = entry
    yield list(part.values())
