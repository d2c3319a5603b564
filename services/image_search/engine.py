"""What the API needs of a mark search, and the engine that answers from a register and an index kept in step."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import numpy as np

from examkit.tenants import DEFAULT_TENANT
from services.image_search.concept import CodeSuggestion
from services.image_search.described import DescribedMarks
from services.image_search.encoders import Encoders
from services.image_search.image import Box, Decode, decode_image
from services.image_search.live_index import LiveIndex
from services.image_search.marks import Entry, Mark, MarkFilter, MarkMetadata, StoredImage
from services.image_search.name_words import words_to_search
from services.image_search.portrait import Portrait
from services.image_search.portraits import RowIds
from services.image_search.query import Query, ask_by_image, ask_by_palette, with_examples
from services.image_search.ranking import Likeness, Ranked, rank
from services.image_search.reembedding import Reembedding
from services.image_search.register import Register
from services.image_search.snapshots import Snapshots
from services.image_search.strategies import Strategy, Weights
from services.image_search.upkeep import Upkeep
from services.image_search.word_ranking import NamedRows, Understood, ask_by_words, rank_by_words

Color = tuple[int, int, int]


@dataclass(frozen=True)
class ImageSubject:
    """Search by an image, or by a part of it."""

    data: bytes = field(repr=False)
    box: Box | None = None


@dataclass(frozen=True)
class MarkSubject:
    """Search by a registered mark, or by a part of its image."""

    mark_id: str
    box: Box | None = None


@dataclass(frozen=True)
class PaletteSubject:
    """Search by RGB colors in equal parts."""

    colors: tuple[Color, ...]


@dataclass(frozen=True)
class TextSubject:
    """Search by words: for what marks show, and for what they are called."""

    text: str = field(repr=False)


Subject = ImageSubject | MarkSubject | PaletteSubject | TextSubject


@dataclass(frozen=True)
class Examples:
    """Marks, by their ids, that were found right (`liked`) and wrong (`disliked`) in earlier answers."""

    liked: tuple[str, ...] = ()
    disliked: tuple[str, ...] = ()


@dataclass(frozen=True)
class Search:
    """A search: by what, by which likeness, among which marks, and which part of the ranking."""

    subject: Subject
    strategy: Strategy
    limit: int
    offset: int = 0
    mix: Weights | None = None
    wanted: MarkFilter = field(default_factory=MarkFilter)
    examples: Examples = field(default_factory=Examples)


@dataclass(frozen=True)
class Hit:
    """A mark found, and how like it is."""

    mark: Mark
    likeness: Likeness


@dataclass(frozen=True)
class Found:
    """Part of a ranking, best first; `count` is how many marks were ranked in all.

    `weights` is the mix that was ranked by, None for words.
    """

    hits: tuple[Hit, ...]
    count: int
    understood: Understood | None = None
    weights: Weights | None = None


@dataclass(frozen=True)
class SuggestedCodes:
    """Vienna codes for an image, best first, and the edition they are of."""

    codes: tuple[CodeSuggestion, ...]
    edition: str


@dataclass(frozen=True)
class NewMark:
    """A mark to add or replace."""

    mark_id: str
    metadata: MarkMetadata
    image: bytes = field(repr=False)


@dataclass(frozen=True)
class Stored:
    """A mark that is in the register now, added (`is_new`) or replaced."""

    mark: Mark
    is_new: bool


class ImageSearcher(Protocol):
    """A register of marks that can be searched by image."""

    @property
    def model(self) -> tuple[str, str]:
        """Return name and version of the embedder of looks."""

    @property
    def reembedding(self) -> Reembedding:
        """Return what describes marks anew after a change of an encoder."""

    @property
    def concept_model(self) -> tuple[str, str]:
        """Return name and version of the encoder of concepts."""

    def put(self, mark: NewMark) -> Stored:
        """Add or replace a mark; raise InvalidInputError or TooLargeError for an unusable image."""

    def write(self, entries: Sequence[Entry]) -> list[Stored]:
        """Add or replace described marks, all of them or none."""

    def delete(self, mark_id: str) -> None:
        """Remove a mark; raise NotFoundError."""

    def mark(self, mark_id: str) -> Mark:
        """Return a mark; raise NotFoundError."""

    def marks(self, mark_ids: Sequence[str]) -> dict[str, Mark]:
        """Return those of the named marks that are registered."""

    def marks_by_image(self, image_hashes: Sequence[str]) -> dict[str, list[str]]:
        """Return, for each of these images (SHA-256) that any mark has, the ids of those marks in order."""

    def image(self, mark_id: str) -> StoredImage:
        """Return the image of a mark as it was submitted; raise NotFoundError."""

    def page(self, wanted: MarkFilter, *, limit: int, offset: int) -> tuple[list[Mark], int]:
        """Return one page of the marks that pass, in order of their ids, and how many pass in all."""

    def search(self, search: Search) -> Found:
        """Rank marks by likeness; raise NotFoundError or InvalidInputError."""

    def suggest_codes(self, image: ImageSubject, *, limit: int) -> SuggestedCodes:
        """Suggest Vienna codes, each of another division; raise InvalidInputError or TooLargeError."""

    def close(self) -> None:
        """Let go of the register."""


class FaissImageSearcher:
    """Answers from a register and an index that is kept in step with it.

    A write goes to the register first and to the index before the call returns, so that an accepted mark is found at
    once. Where another process owns the register, what it writes is found within a second.
    """

    def __init__(self, encoders: Encoders, register: Register, decode: Decode = decode_image) -> None:
        """Begin to keep the index up; submitted images, and those of marks, are decoded by `decode`."""
        self._encoders = encoders
        self._decode = decode
        self._register = register
        is_owner = not register.is_read_only
        self._index = LiveIndex(DescribedMarks(encoders, register), Snapshots(register.folder), is_owner=is_owner)
        self._write_lock = threading.Lock()
        self._upkeep = Upkeep(self._index, is_owner=is_owner)
        self.reembedding = Reembedding(self._waiting(), self._describe_anew, self._drop_older_vectors)
        self.reembedding.start()
        self._upkeep.start()

    @property
    def model(self) -> tuple[str, str]:
        """Return name and version of the embedder of looks."""
        return self._encoders.looks.name, self._encoders.looks.version

    @property
    def concept_model(self) -> tuple[str, str]:
        """Return name and version of the encoder of concepts."""
        return self._encoders.concepts.name, self._encoders.concepts.version

    def put(self, mark: NewMark) -> Stored:
        """Add or replace a mark; raise InvalidInputError or TooLargeError for an unusable image."""
        return self.write([self.describe(mark)])[0]

    def delete(self, mark_id: str) -> None:
        """Remove a mark; raise NotFoundError."""
        with self._write_lock:
            self._register.delete(mark_id)
            self._index.catch_up()

    def mark(self, mark_id: str) -> Mark:
        """Return a mark; raise NotFoundError."""
        return self._register.mark(mark_id)

    def marks(self, mark_ids: Sequence[str]) -> dict[str, Mark]:
        """Return those of the named marks that are registered."""
        return self._register.marks_named(mark_ids)

    def marks_by_image(self, image_hashes: Sequence[str]) -> dict[str, list[str]]:
        """Return, for each of these images (SHA-256) that any mark has, the ids of those marks in order."""
        return self._register.marks_by_image(image_hashes)

    def image(self, mark_id: str) -> StoredImage:
        """Return the image of a mark as it was submitted; raise NotFoundError."""
        return self._register.image(mark_id)

    def page(self, wanted: MarkFilter, *, limit: int, offset: int) -> tuple[list[Mark], int]:
        """Return one page of the marks that pass, in order of their ids, and how many pass in all."""
        return self._register.page(wanted, limit=limit, offset=offset)

    def search(self, search: Search) -> Found:
        """Rank marks by likeness; raise NotFoundError or InvalidInputError."""
        if isinstance(search.subject, TextSubject):
            return self._search_by_words(search, search.subject.text)
        liked, disliked = self._portraits(search.examples.liked), self._portraits(search.examples.disliked)
        query = with_examples(self._query(search, search.subject), liked, disliked)
        allowed = self._allowed(search)
        ranked = rank(self._index, query, _places(search), allowed)
        return Found(self._hits(ranked), self._count(allowed), weights=query.weights)

    def suggest_codes(self, image: ImageSubject, *, limit: int) -> SuggestedCodes:
        """Suggest Vienna codes, each of another division; raise InvalidInputError or TooLargeError."""
        concepts = self._encoders.concepts
        row = concepts.embed(self._decode(image.data, image.box))
        return SuggestedCodes(tuple(concepts.suggest_codes(row, limit)), concepts.edition)

    def close(self) -> None:
        """Let go of the register."""
        self.reembedding.stop()
        self._upkeep.stop()
        self._register.close()

    def _search_by_words(self, search: Search, text: str) -> Found:
        words, allowed = words_to_search(text), self._allowed(search)
        named = NamedRows.of(self._register.rows_named(words), len(words))
        asked = ask_by_words(self._encoders.concepts, text, named)
        ranked = rank_by_words(self._index, asked, _places(search), allowed)
        count = self._count(allowed) if asked.row is not None else len(named.among(allowed).row_ids)
        return Found(self._hits(ranked), count, asked.understood)

    def _portraits(self, mark_ids: Sequence[str]) -> list[Portrait]:
        """Return marks as they are indexed; raise NotFoundError for one that is not registered."""
        row_ids = [self._register.row_id(mark_id) for mark_id in mark_ids]
        marks = self._index.portraits(np.array(row_ids, np.int64))
        return [] if marks is None else [marks.portrait(n) for n in range(len(marks))]

    def _allowed(self, search: Search) -> RowIds | None:
        return None if search.wanted.is_empty else self._register.matching_rows(search.wanted)

    def _count(self, allowed: RowIds | None) -> int:
        return len(self._index) if allowed is None else len(allowed)

    def _query(self, search: Search, subject: ImageSubject | MarkSubject | PaletteSubject) -> Query:
        match subject:
            case PaletteSubject(colors):
                return ask_by_palette(self._encoders, colors)
            case ImageSubject(data, box):
                image = self._decode(data, box)
            case MarkSubject(mark_id, box):
                image = self._decode(self._register.image(mark_id).data, box)
        return ask_by_image(self._encoders, image, search.strategy, search.mix)

    def _hits(self, ranked: Sequence[Ranked]) -> tuple[Hit, ...]:
        """Join what was found with the marks; one that another call has just removed is left out."""
        marks = self._register.marks([found.row_id for found in ranked])
        return tuple(Hit(marks[found.row_id], found.likeness) for found in ranked if found.row_id in marks)

    def describe(self, mark: NewMark) -> Entry:
        """Decode and embed a mark without storing it; raise InvalidInputError or TooLargeError."""
        return describe(mark, self._encoders, self._decode)

    def write(self, entries: Sequence[Entry]) -> list[Stored]:
        """Add or replace described marks, all of them or none."""
        with self._write_lock:
            written = self._register.write(entries)
            self._index.catch_up()
        return [Stored(entry.mark, w.is_new) for entry, w in zip(entries, written, strict=True)]

    def _describe_anew(self, row_id: int) -> None:
        """Describe a mark by each encoder in use that has not described it, unless it is replaced meanwhile.

        A mark whose image is refused now can be read and replaced, but no search finds it.
        """
        image = self._register.image_in_row(row_id)
        known = self._register.descriptions(row_id, self._encoders.signatures)
        with self._encoders.in_background:
            made = self._encoders.describe(self._decode(image.data), known)
        with self._write_lock:
            for name, vectors in made.items():
                self._register.replace_vectors(row_id, vectors, name, image.sha256)
            self._index.catch_up()

    def _drop_older_vectors(self) -> None:
        for signature in self._encoders.signatures:
            self._register.drop_older_vectors(signature)

    def _waiting(self) -> list[int]:
        """Return the marks that an encoder in use has not described; a process that only reads leaves them alone."""
        if self._register.is_read_only:
            return []
        return sorted(
            {row for signature in self._encoders.signatures for row in self._register.rows_without(signature)}
        )


def _places(search: Search) -> range:
    return range(search.offset, search.offset + search.limit)


def describe(mark: NewMark, encoders: Encoders, decode: Decode = decode_image) -> Entry:
    """Decode and describe a mark; raise InvalidInputError or TooLargeError."""
    image = decode(mark.image)
    stored = StoredImage(mark.image, image.media_type)
    made = encoders.describe(image)
    looks = encoders.looks_signature
    return Entry(mark.mark_id, mark.metadata, stored, made.pop(looks), looks, made)


def open_image_searcher(
    artifacts_dir: Path, data_dir: Path, database_url: str | None = None, tenant: str = DEFAULT_TENANT
) -> FaissImageSearcher:
    """Open the encoders' artifacts and a tenant's register, and bring the index up; raise StartError when it cannot."""
    return FaissImageSearcher(Encoders.open(artifacts_dir), Register(data_dir, database_url, tenant=tenant))
