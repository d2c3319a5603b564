"""A mark register in memory whose likenesses come from hashes: the same answers always, and no model."""

import hashlib
from collections.abc import Generator, Sequence
from datetime import date
from pathlib import Path

from services.image_search.codes import ViennaCode
from services.image_search.concept import CodeSuggestion
from services.image_search.decoding import Decoder
from services.image_search.engine import (
    Found,
    Hit,
    ImageSubject,
    MarkSubject,
    NewMark,
    PaletteSubject,
    Search,
    Stored,
    Subject,
    SuggestedCodes,
    TextSubject,
)
from services.image_search.image import WORKING_SIDE_PIXELS, Box, MarkImage, decode_image
from services.image_search.importing.beside import Steering
from services.image_search.importing.jobs import Job
from services.image_search.importing.outcomes import Outcome, Verdict
from services.image_search.importing.records import Place
from services.image_search.importing.run import Taken
from services.image_search.marks import Entry, Mark, MarkFilter, StoredImage, unknown_mark
from services.image_search.preview import Preview, make_preview
from services.image_search.ranking import Likeness
from services.image_search.reembedding import Reembedding
from services.image_search.titles import Titles
from services.image_search.vienna import OWN_EDITION, ViennaTable
from services.image_search.word_ranking import Understood


class FakeImageSearcher:
    """Answers as the real engine does, but for the likenesses: 1 for the same image, else a number from its hash."""

    model = ("fake-embedder", "1.0.0")
    reembedding = Reembedding((), lambda _: None, lambda: None)
    concept_model = ("fake-concepts", "1.0.0")

    def __init__(self) -> None:
        self._marks: dict[str, Mark] = {}
        self._images: dict[str, StoredImage] = {}

    def put(self, mark: NewMark) -> Stored:
        image = StoredImage(mark.image, decode_image(mark.image).media_type)
        is_new = mark.mark_id not in self._marks
        self._marks[mark.mark_id] = Mark(mark.mark_id, mark.metadata, image.sha256)
        self._images[mark.mark_id] = image
        return Stored(self._marks[mark.mark_id], is_new)

    def delete(self, mark_id: str) -> None:
        self.mark(mark_id)
        del self._marks[mark_id], self._images[mark_id]

    def mark(self, mark_id: str) -> Mark:
        if mark_id not in self._marks:
            raise unknown_mark()
        return self._marks[mark_id]

    def marks(self, mark_ids: Sequence[str]) -> dict[str, Mark]:
        return {mark_id: self._marks[mark_id] for mark_id in mark_ids if mark_id in self._marks}

    def marks_by_image(self, image_hashes: Sequence[str]) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for mark in self._passing(MarkFilter()):
            if mark.image_sha256 in image_hashes:
                found.setdefault(mark.image_sha256, []).append(mark.mark_id)
        return found

    def write(self, entries: Sequence[Entry]) -> list[Stored]:
        return [self.put(NewMark(entry.mark_id, entry.metadata, entry.image.data)) for entry in entries]

    def image(self, mark_id: str) -> StoredImage:
        self.mark(mark_id)
        return self._images[mark_id]

    def page(self, wanted: MarkFilter, *, limit: int, offset: int) -> tuple[list[Mark], int]:
        passing = self._passing(wanted)
        return passing[offset : offset + limit], len(passing)

    def search(self, search: Search) -> Found:
        sign = self._sign(search.subject)
        marks = self._passing(search.wanted)
        hits = [Hit(mark, Likeness(_score(sign, mark.image_sha256), None, None, None)) for mark in marks]
        understood = Understood(("eagle",)) if isinstance(search.subject, TextSubject) else None
        hits.sort(key=lambda hit: (-hit.likeness.score, hit.mark.mark_id))
        return Found(tuple(hits[search.offset : search.offset + search.limit]), len(marks), understood)

    def suggest_codes(self, image: ImageSubject, *, limit: int) -> SuggestedCodes:
        decode_image(image.data, image.box)
        codes = [CodeSuggestion(ViennaCode((3, n)), f"Animals {n}", 1 / n, ("eagle",)) for n in range(1, 9)]
        return SuggestedCodes(tuple(codes[:limit]), "9")

    def close(self) -> None:
        """Hold nothing."""

    def _sign(self, subject: Subject) -> str:
        match subject:
            case PaletteSubject(colors):
                return str(colors)
            case TextSubject(text):
                return text
            case ImageSubject(data, box):
                return _sign_of(data, box)
            case MarkSubject(mark_id, box):
                return _sign_of(self.image(mark_id).data, box)

    def _passing(self, wanted: MarkFilter) -> list[Mark]:
        return [mark for _, mark in sorted(self._marks.items()) if _passes(mark, wanted)]


OWN_TITLES = Titles.beside(ViennaTable(OWN_EDITION, {}))


class DecoderInProcess(Decoder):
    """Does what a decoder does, with no process of its own."""

    def __init__(self) -> None:
        """Begin nothing."""

    def decode(self, data: bytes, box: Box | None = None, side: int = WORKING_SIDE_PIXELS) -> MarkImage:
        return decode_image(data, box, side)

    def preview(self, data: bytes, side: int) -> Preview:
        return make_preview(data, side)

    def close(self) -> None:
        """End nothing."""


def take_in_nothing(_archive: Path, _job: Job, _steering: Steering) -> Generator[Taken, None, None]:
    """Stand in for an import: every archive holds one mark, which is refused."""
    yield Taken([Outcome(Place("marks.csv", 2), "A", Verdict.REFUSED, "mark-without-image", "There is none.")], 1.0)


def _sign_of(data: bytes, box: Box | None) -> str:
    decode_image(data, box)
    return hashlib.sha256(data).hexdigest() + (str(box) if box else "")


def _score(sign: str, other: str) -> float:
    if sign == other:
        return 1.0
    return int(hashlib.sha256(f"{sign}{other}".encode()).hexdigest()[:4], 16) / 0x10000


def _passes(mark: Mark, wanted: MarkFilter) -> bool:
    metadata = mark.metadata
    day = metadata.application_date
    return all(
        (
            not wanted.nice_classes or set(wanted.nice_classes) & set(metadata.nice_classes),
            not wanted.vienna_prefixes
            or any(code.starts_with(prefix) for code in metadata.vienna_codes for prefix in wanted.vienna_prefixes),
            wanted.status in (None, metadata.status),
            wanted.office in (None, metadata.office),
            wanted.applicant is None or wanted.applicant.casefold() in (metadata.applicant or "").casefold(),
            wanted.date_from is None or (day or date.min) >= wanted.date_from,
            wanted.date_to is None or (day or date.max) <= wanted.date_to,
            wanted.excluded_mark_id != mark.mark_id,
        )
    )
