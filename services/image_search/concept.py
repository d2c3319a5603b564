"""The concept encoder: what a mark shows, however it is drawn, and what words ask for, as rows of one space."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from examkit.artifact import open_artifact
from examkit.errors import InvalidInputError
from examkit.inference import open_session
from services.image_search.codes import ViennaCode
from services.image_search.concept_space import (
    EXAMPLES,
    NAMES,
    NOUNS,
    Composition,
    ConceptSpace,
    Mix,
    Rows,
    load_bytes,
    read_bytes,
    unit,
)
from services.image_search.concept_views import ConceptViews, make_concept_views
from services.image_search.concept_words import Match, Vocabulary
from services.image_search.image import MarkImage
from services.image_search.vienna import ViennaTable

FORMAT: Final = "concept-encoder"
FORMAT_VERSION: Final = 1
NETWORK_FILE: Final = "network.onnx"
CODES_FILE: Final = "vienna.tsv"
_NAMES_SHOWN: Final = 5
_NAMES_VOTING: Final = 30
_VOTE_SLOPE: Final = 15.0
_READING_SLOPE: Final = 10.0  # both chosen on icons put in frames and tiles, others than those of the benchmark
_READING_BIAS: Final = -1.0  # for the whole: what looks like a frame is often the thing itself (a clock, a ball)

Vectors = NDArray[np.float16]


@dataclass(frozen=True)
class ConceptQuery:
    """Words as a row of the space of marks.

    `names` are the taught concepts that stand for them, the closest first; `is_approximate` says that some part was not
    taught and is searched by what is like it.
    """

    row: Rows
    names: tuple[str, ...]
    is_approximate: bool


@dataclass(frozen=True)
class CodeSuggestion:
    """A Vienna code for a mark; `score` in [0, 1] ranks suggestions and is no probability; `names` made it come up."""

    code: ViennaCode
    title: str
    score: float
    names: tuple[str, ...]


class ConceptNetwork:
    """The network of the artifact: views in, an image vector and a word vector of each out."""

    def __init__(self, model: Path) -> None:
        self._session = open_session(model)

    def describe(self, views: NDArray[np.uint8]) -> tuple[Rows, Rows]:
        """Describe n views (n x 128 x 128 x 3) by image vectors and word vectors of unit length."""
        image, words = self._session.run(["image", "words"], {"views": views})
        return np.asarray(image, np.float32), np.asarray(words, np.float32)


class ConceptEncoder:
    """Describes marks, and words, by rows whose inner product says how far they show the same thing."""

    def __init__(self, folder: Path, table: ViennaTable) -> None:
        artifact = open_artifact(folder, format=FORMAT, format_version=FORMAT_VERSION)
        self.name = artifact.manifest.name
        self.version = artifact.manifest.version
        self._network = ConceptNetwork(artifact.file(NETWORK_FILE))
        mix = Mix.of(artifact.manifest.properties)
        self._space = ConceptSpace(read_bytes(artifact, NAMES), read_bytes(artifact, EXAMPLES), mix)
        self._nouns = load_bytes(artifact, NOUNS)  # many, and few of them are asked by
        self._composition = Composition.read(artifact)
        self._vocabulary = Vocabulary.read(folder)
        self._codes = _read_codes(artifact.file(CODES_FILE), table)
        self.table = table

    @property
    def dims(self) -> int:
        """Return the length of a row."""
        return self._space.dims

    @property
    def edition(self) -> str:
        """Return the edition of the table of codes."""
        return self.table.edition

    def embed(self, image: MarkImage) -> Vectors:
        """Describe a mark by one row (1 x dims) of unit length; raise InvalidInputError when nothing is to be seen."""
        return self.embed_views(make_concept_views(image.pixels))

    def embed_views(self, readings: Sequence[ConceptViews]) -> Vectors:
        """Describe a mark that has been looked at already: the mean of what is seen in color and in ink alone.

        Of two readings, the whole and what its tile or frame holds, that counts more which is more like a taught thing.
        """
        views = np.concatenate([reading.for_network() for reading in readings])
        image, words = (part.reshape(len(readings), 2, -1).mean(axis=1) for part in self._network.describe(views))
        shares = self._shares(image, words)
        return self._space.row_of_drawing(unit(shares @ image), unit(shares @ words)).astype(np.float16)[None]

    def _shares(self, image: Rows, words: Rows) -> Rows:
        """Return how much each of one or two readings counts; they add up to 1."""
        if len(image) == 1:
            return np.ones(1, np.float32)
        rows = map(self._space.row_of_drawing, unit(image), unit(words))
        whole, within = (float(self._space.likeness(row).max()) for row in rows)
        share = 1 / (1 + np.exp(-_READING_SLOPE * (within - whole) - _READING_BIAS))
        return np.array([1 - share, share], np.float32)

    def reads(self, text: str) -> bool:
        """Tell whether any word of a text is known, taught or not."""
        return bool(self._vocabulary.phrases(text))

    def embed_text(self, text: str) -> ConceptQuery:
        """Read words as a row; raise InvalidInputError with code `unknown-concept` when no word is known."""
        phrases = self._vocabulary.phrases(text)
        if not phrases:
            raise InvalidInputError("No word of the text names a thing that is known here.", code="unknown-concept")
        read = [self._read_phrase(phrase) for phrase in phrases]
        row = unit(np.stack([query.row for query in read]).sum(axis=0))
        names = dict.fromkeys(name for query in read for name in query.names)
        return ConceptQuery(row, tuple(names), any(query.is_approximate for query in read))

    def _read_phrase(self, phrase: Sequence[Match]) -> ConceptQuery:
        """Read words that stand side by side: each by itself, and several as a whole too, both halves alike."""
        parts = [self._words_of(match) for match in phrase]
        row = unit(np.stack([self._space.row_of_words(words) for words in parts]).sum(axis=0))
        names = [name for match, words in zip(phrase, parts, strict=True) for name in self._names_of(match, words)]
        if len(parts) == 1:
            return ConceptQuery(row, tuple(names), phrase[0].noun is not None)
        whole = self._composition.compose(parts)
        nearest = [self._vocabulary.names[at] for at in self._space.nearest(whole)[0][:_NAMES_SHOWN]]
        return ConceptQuery(unit(row + self._space.row_of_words(whole)), (*nearest, *names), is_approximate=True)

    def suggest_codes(self, row: Rows | Vectors, limit: int) -> list[CodeSuggestion]:
        """Suggest up to `limit` Vienna codes for a mark's row, each from another division, the best first.

        The taught concepts most like the mark vote for their codes. A code goes down to the section where the table has
        sections and one of them names the concept.
        """
        votes = self._votes(np.asarray(row, np.float32).reshape(-1))
        divisions: dict[ViennaCode, list[_Vote]] = {}
        for vote in votes:
            divisions.setdefault(ViennaCode(vote.code.numbers[:2]), []).append(vote)
        ranked = sorted(divisions.values(), key=lambda group: -sum(vote.weight for vote in group))
        return [self._suggestion(group) for group in ranked[:limit]]

    def _votes(self, row: Rows) -> "list[_Vote]":
        likeness = self._space.likeness(row)
        nearest = np.argsort(-likeness, kind="stable")[:_NAMES_VOTING]
        weights = np.exp(_VOTE_SLOPE * (likeness[nearest] - likeness[nearest[0]]))
        shares = weights / weights.sum()
        return [
            _Vote(code, float(share * part), int(name))
            for name, share in zip(nearest, shares, strict=True)
            for code, part in self._codes[name]
        ]

    def _suggestion(self, votes: "Sequence[_Vote]") -> CodeSuggestion:
        weights: dict[ViennaCode, float] = {}
        for vote in votes:
            weights[vote.code] = weights.get(vote.code, 0.0) + vote.weight
        code = max(weights, key=lambda each: weights[each])
        names = tuple(dict.fromkeys(self._vocabulary.names[vote.name] for vote in votes if vote.code == code))
        return CodeSuggestion(code, self.table.titles[code], sum(weights.values()), names[:_NAMES_SHOWN])

    def _words_of(self, match: Match) -> Rows:
        if match.noun is None:
            return self._space.words_of(match.names)
        return unit(self._nouns[match.noun].astype(np.float32))

    def _names_of(self, match: Match, words: Rows) -> list[str]:
        places = match.names if match.noun is None else self._space.nearest(words)[0]
        return [self._vocabulary.names[at] for at in places[:_NAMES_SHOWN]]


@dataclass(frozen=True)
class _Vote:
    """What one taught concept says for one code."""

    code: ViennaCode
    weight: float
    name: int


def _read_codes(file: Path, table: ViennaTable) -> list[list[tuple[ViennaCode, float]]]:
    """Read the codes of each name with their shares, as far down as the table has them."""
    codes = []
    for line in file.read_text("utf-8").splitlines():
        pairs = (part.split(":") for part in line.split())
        known = ((table.known(ViennaCode.parse_prefix(code)), float(share)) for code, share in pairs)
        codes.append([(code, share) for code, share in known if code is not None])
    return codes
