"""The classifier: what the API needs of one, and the one that works from terms, neighbours and titles."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol, Self

import numpy as np

from examkit.artifact import Artifact, open_artifact
from examkit.errors import ArtifactError, InvalidInputError
from services.classify.calibration import StackWeights, TextKind
from services.classify.concordance import Concordance
from services.classify.encoder import Encoder
from services.classify.explanation import DocumentEvidence, Evidence, Explanation, best_rows
from services.classify.index import Floats, LabelTree
from services.classify.ipc import Level, Symbol
from services.classify.languages import UNDETERMINED, TextLanguage, detect_language, primary
from services.classify.model import ENCODERS, FORMAT, FORMAT_VERSION, STACK_FILE, TermModel, read_stack
from services.classify.neighbours import NEAREST, Nearest, Neighbour
from services.classify.scheme import Scheme, SchemeEntry
from services.classify.scoring import Allowed, Signals
from services.classify.symbol_set import (
    AUTO,
    MOST_CONSIDERED,
    AskedLevel,
    SuggestedSymbol,
    best_count,
    is_deep_enough,
    roles_of,
    without_relatives,
)
from services.classify.terms import TermVector, count_terms, is_cjk
from services.classify.text import PatentText

_LEAST_WORDS: Final = 2
# Nearly all usable documents lie above these; other languages and filler text lie below. Pairs of CJK characters
# also span the borders of words, so fewer of them are ever known.
_LEAST_KNOWN_SHARE: Final = 0.3
_LEAST_KNOWN_CJK_SHARE: Final = 0.2
_SHORT_TERMS: Final = 25
_ENGLISH: Final = (TextKind.ENGLISH, TextKind.ENGLISH_SHORT)
# A technical text has near neighbours among patents, and its words and pairs of words are theirs. The sum of the mean
# cosine of the nearest, the share of known words and that of known pairs (weighed) tells it from news better than any
# of them alone, or than the scores: in the languages that the model has many documents in. The bars, for long texts and
# short ones, were set where at most 1 % of the patents kept out of training lie below.
_KNOWN_WORDS_WEIGHT: Final = 0.3
_KNOWN_PAIRS_WEIGHT: Final = 0.2
_TECHNICAL_BARS: Final = {"en": (0.415, 0.385), "ko": (0.34, 0.34), "pt": (0.355, 0.295), "zh": (0.26, 0.26)}
_OTHER_BARS: Final = (0.255, 0.255)
# In other languages hardly a word is known, and the mean cosine of the nearest by meaning tells news from patents in
# German worse than in French; so only what is clearly strange is refused. It lies below for 1 % of German claims.
_LEAST_DENSE_COSINE: Final = 0.3
# The languages of the documents and titles that the model has learned from.
_READABLE: Final = frozenset({"de", "en", "es", "fr", "it", "ja", "ko", "pt", "zh"})


class BlankTextError(InvalidInputError):
    """A document without any text."""

    code = "blank-text"


class TextTooShortError(InvalidInputError):
    """A document of less than two different words, function words not counted."""

    code = "text-too-short"


class TextNotRecognisedError(InvalidInputError):
    """A text of which the model knows too few words to say anything."""

    code = "text-not-recognised"


class UnreadableLanguageError(InvalidInputError):
    """A text in a language that the model has not learned."""

    code = "unreadable-language"


class NotTechnicalError(InvalidInputError):
    """A text that is like no patent: news, letters, contracts."""

    code = "not-technical"


class UnknownSymbolError(InvalidInputError):
    """A symbol that the installed edition does not have."""

    code = "unknown-symbol"


class UnusableStartError(InvalidInputError):
    """A subtree that holds nothing to predict at the level asked for."""

    code = "unusable-start"


@dataclass(frozen=True)
class Options:
    """What is asked about a text; `limit` counts predictions, `similar` documents, `threshold` is a least score.

    The level `auto` goes as deep as the evidence allows.
    """

    level: AskedLevel = Level.SUBCLASS
    limit: int = 5
    start_from: Symbol | None = None
    threshold: float = 0.0
    language: str | None = None
    explain: bool = False
    similar: int = 0


@dataclass(frozen=True)
class Prediction:
    """A symbol with its title, the probability that an office assigns it, and what lies above it."""

    symbol: Symbol
    title: str
    score: float
    ancestors: Sequence[SchemeEntry]
    evidence: Sequence[Evidence] = ()
    evidence_documents: Sequence[DocumentEvidence] = ()


@dataclass(frozen=True)
class Classification:
    """The answer for one text, best prediction first; `language` is the one given or found.

    `level` is the one all predictions are at; `suggested` is the set of symbols to assign together.
    """

    language: str
    level: Level
    predictions: Sequence[Prediction]
    suggested: Sequence[SuggestedSymbol] = ()
    similar_documents: Sequence[Neighbour] = ()


@dataclass(frozen=True)
class _Reading:
    """What the model makes of one text."""

    language: str
    weights: StackWeights
    signals: Signals
    nearest: Nearest
    explanation: Explanation

    @property
    def most_alike(self) -> Nearest:
        """The nearest by meaning, or by terms where there is no embedding."""
        return self.signals.dense.nearest if self.signals.dense else self.nearest


class Classifier(Protocol):
    """What the API needs of an engine."""

    name: str
    version: str
    scheme: Scheme

    def classify(self, text: PatentText, options: Options) -> Classification:
        """Rank the symbols of a level for a text; raise InvalidInputError for a text or a start it cannot use."""


class TermClassifier:
    """Classifies with the terms of a text: nearest patents, centroids of main groups, linear weights and titles."""

    def __init__(self, artifact: Artifact, scheme: Scheme, encoders: Mapping[str, Encoder]) -> None:
        # Answers from terms alone differ, and say so by their name.
        self.name = artifact.manifest.name if encoders else f"{artifact.manifest.name}-terms"
        self.version = artifact.manifest.version
        self.scheme = scheme
        self._encoders = encoders
        self._model = TermModel.read(artifact.path, encoders)
        self._stack = read_stack(artifact.file(STACK_FILE))
        self._allowed = _allowed(self._model.tree, scheme)

    @classmethod
    def open(cls, model: Path, scheme: Path, *, encode: bool = True, encoders: Path | None = None) -> Self:
        """Open both artifacts, and the concordance where one is installed beside the scheme.

        The text encoders that the model was trained with lie beside it or in the folder `encoders`; they are not opened
        where terms alone shall decide.
        Raise ArtifactError when an artifact cannot be used or an encoder is not installed.
        """
        artifact = open_artifact(model, format=FORMAT, format_version=FORMAT_VERSION)
        versions: Mapping[str, str] = artifact.manifest.properties["encoders"] if encode else {}
        opened = {name: _encoder((encoders or model.parent) / name, version) for name, version in versions.items()}
        return cls(artifact, Scheme.open(scheme, Concordance.beside(scheme)), opened)

    def classify(self, text: PatentText, options: Options) -> Classification:
        """Rank the symbols of a level for a text.

        Raise BlankTextError, TextTooShortError, TextNotRecognisedError, UnreadableLanguageError or NotTechnicalError
        rather than guess; UnknownSymbolError and UnusableStartError for a start that the scheme lacks or that leaves
        nothing to choose.
        """
        reading = self._read(text, options.language)
        level, scores = self._scores(reading, options)
        rows = best_rows(scores, max(options.limit, MOST_CONSIDERED))
        ranked = [(row, round(float(scores[row]), 4)) for row in rows]
        return Classification(
            reading.language,
            level,
            self._predictions(reading, level, ranked, options),
            self._suggested(reading, level, ranked[:MOST_CONSIDERED]),
            self._model.neighbours.similar(reading.most_alike, options.similar),
        )

    def _read(self, text: PatentText, given_language: str | None) -> _Reading:
        if text.is_blank:
            raise BlankTextError("The document holds no text.")
        counts = count_terms(text.readable)
        words = _words_of(counts)
        language = detect_language(text.readable)
        vector = self._model.vocabulary.vector(counts)
        read_as = language.of_text(given_language)
        kind = text_kind(read_as, vector)
        signals, nearest = self._model.signals(vector, self._model.dense_signals(self._encoders, kind, text))
        if signals.dense and self._reads_by_meaning(kind, language, words):
            likeness, bar = float(signals.dense.nearest.cosines.mean()), _LEAST_DENSE_COSINE
        else:
            known_share = self._known_share(counts, words, language)
            likeness = float(nearest.cosines.sum()) / NEAREST + known_share
            bar = _TECHNICAL_BARS.get(primary(read_as), _OTHER_BARS)[is_short(vector)]
        if likeness < bar:
            raise NotTechnicalError("The text is like no patent that the model knows: it seems not to be technical.")
        weights = self._stack.of(kind, signals)
        explanation = Explanation(self._model, weights, signals, nearest, text)
        return _Reading(given_language or language.code, weights, signals, nearest, explanation)

    def _reads_by_meaning(self, kind: TextKind, language: TextLanguage, words: Sequence[str]) -> bool:
        """Tell whether a text is judged by meaning alone: its encoder knows the language, the terms do not."""
        encoder = self._encoders[ENCODERS[kind]]
        if kind in _ENGLISH or language.code not in encoder.properties.languages:
            return False
        return language.code not in _TECHNICAL_BARS or not self._knows_enough(words)

    def _known_share(self, counts: Counter[str], words: Sequence[str], language: TextLanguage) -> float:
        """Return the weighed shares of the words and pairs of words that are known; raise where they are too few."""
        if not self._knows_enough(words):
            raise _unread(language)
        known = self._model.vocabulary.known(words)
        known_pairs = self._model.vocabulary.known(counts) - known
        pairs = max(1, len(counts) - len(words))
        return _KNOWN_WORDS_WEIGHT * known / len(words) + _KNOWN_PAIRS_WEIGHT * known_pairs / pairs

    def _knows_enough(self, words: Sequence[str]) -> bool:
        cjk = sum(map(is_cjk, words))
        wanted = _LEAST_KNOWN_SHARE * (len(words) - cjk) + _LEAST_KNOWN_CJK_SHARE * cjk
        return self._model.vocabulary.known(words) >= max(wanted, _LEAST_WORDS)

    def _scores(self, reading: _Reading, options: Options) -> tuple[Level, Floats]:
        """Return the level of the answer and the score of each of its rows.

        `auto` comes to the deepest level whose best symbol is more likely right than not, or else to the broadest one
        there is: the sections, or what lies directly below a start.
        """
        start = options.start_from
        if options.level != AUTO:
            return options.level, self._scores_at(reading, options.level, start)
        levels = list(Level)[0 if start is None else min(start.level.depth + 1, Level.SUBGROUP.depth) :]
        for level in reversed(levels):
            scores = self._scores_at(reading, level, start)
            if is_deep_enough(float(scores.max())):
                break
        return level, scores

    def _scores_at(self, reading: _Reading, level: Level, start: Symbol | None) -> Floats:
        """Return the score of every row of a level; 0 for what the installed edition or the start rules out.

        Whatever has a symbol below a start has the start: P(symbol | start) = P(symbol) / P(start).
        """
        scores = self._calibrated(reading, level)
        if start is None:
            return scores
        self._check_start(start, level)
        row = self._model.tree.rows[start.level].get(str(start))
        below = self._model.tree.below(start, level)
        of_start = 0.0 if row is None else float(self._calibrated(reading, start.level)[row])
        if not (of_start and scores[below].any()):
            raise UnusableStartError("The model knows no symbol of that level below the start.", target="/startFrom")
        return np.where(below, np.minimum(scores / of_start, 1), 0)

    def _calibrated(self, reading: _Reading, level: Level) -> Floats:
        shares = self._model.scorer.shares(reading.signals, reading.weights, level, self._allowed)
        return np.where(shares > 0, reading.weights.calibrations[level](shares), 0)

    def _check_start(self, start: Symbol, level: Level) -> None:
        self.scheme.check(start, "/startFrom", UnknownSymbolError)
        if start.level is Level.SUBGROUP or level.depth < start.level.depth:
            raise UnusableStartError(
                "A start is a section, class, subclass or main group, at or above the level asked for.",
                target="/startFrom",
            )

    def _predictions(
        self, reading: _Reading, level: Level, ranked: Sequence[tuple[int, float]], options: Options
    ) -> list[Prediction]:
        found = []
        for row, score in ranked[: options.limit]:
            if score < options.threshold:
                break
            symbol = self._symbol(level, row)
            title, ancestors = (
                self.scheme.title(symbol, reading.language),
                self.scheme.ancestors(symbol, reading.language),
            )
            terms = reading.explanation.terms_of(level, row, ranked) if options.explain else ()
            documents = reading.explanation.documents_of(level, row) if options.explain else ()
            found.append(Prediction(symbol, title, score, ancestors, terms, documents))
        return found

    def _symbol(self, level: Level, row: int) -> Symbol:
        return Symbol.parse(self._model.tree.at(level)[row])

    def _suggested(self, reading: _Reading, level: Level, ranked: Sequence[tuple[int, float]]) -> list[SuggestedSymbol]:
        """Choose the set to assign together, each symbol with its role."""
        rows = {self._symbol(level, row): row for row, _ in ranked}
        scored = [(symbol, score) for symbol, (_, score) in zip(rows, ranked, strict=True)]
        unrelated = without_relatives(scored, self.scheme.symbols_above)
        chosen = unrelated[: best_count([score for _, score in unrelated])]
        shares = [reading.explanation.front_share(level, rows[symbol]) for symbol, _ in chosen]
        roles = roles_of([score for _, score in chosen], shares)
        return [SuggestedSymbol(symbol, role, score) for (symbol, score), role in zip(chosen, roles, strict=True)]


def _words_of(counts: Counter[str]) -> list[str]:
    words = [term for term in counts if " " not in term]
    if len(words) < _LEAST_WORDS:
        raise TextTooShortError(f"At least {_LEAST_WORDS} different words of content are needed.")
    return words


def _encoder(folder: Path, version: str) -> Encoder:
    encoder = Encoder.open(folder)
    if encoder.version != version:
        raise ArtifactError(f"{folder} is version {encoder.version}; the classifier was trained with {version}.")
    return encoder


def text_kind(language: str, vector: TermVector) -> TextKind:
    """Choose the weights for a text by its language and length."""
    match primary(language):
        case "en":
            return TextKind.ENGLISH_SHORT if is_short(vector) else TextKind.ENGLISH
        case "ko" | "zh" | "ja":
            return TextKind.CJK
        case _:
            return TextKind.OTHER_SHORT if is_short(vector) else TextKind.OTHER


def is_short(vector: TermVector) -> bool:
    """Tell whether so few terms of a text are known that it is rather a title."""
    return len(vector.ids) < _SHORT_TERMS


def _unread(language: TextLanguage) -> InvalidInputError:
    if language.code in _READABLE | {UNDETERMINED}:
        return TextNotRecognisedError("Too few words of the text are known to the model.")
    return UnreadableLanguageError(
        f"The text seems to be in a language that the model has not learned: {language.code}."
    )


def _allowed(tree: LabelTree, scheme: Scheme) -> Allowed:
    return Allowed(scheme.knows(tree.subclasses), scheme.knows(tree.main_groups), scheme.knows(tree.groups))
