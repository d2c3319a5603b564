"""An in-memory classifier for tests of the API: deterministic, with a scheme of a dozen symbols and no model."""

from dataclasses import dataclass, field

import numpy as np

from services.classify.engine import (
    BlankTextError,
    Classification,
    Options,
    Prediction,
    UnknownSymbolError,
    UnusableStartError,
)
from services.classify.explanation import DocumentEvidence, Evidence
from services.classify.ipc import Level, Symbol
from services.classify.neighbours import Neighbour
from services.classify.places import Place
from services.classify.scheme import Scheme
from services.classify.symbol_set import AUTO, Role, SuggestedSymbol
from services.classify.text import PatentText

_ROWS = (
    ("A", 0, -1, "HUMAN NECESSITIES"),
    ("A46", 0, 0, "BRUSHWARE"),
    ("A46B", 0, 1, "BRUSHES"),
    ("A46B 9/00", 0, 2, "Arrangements of the bristles in the brush body"),
    ("A46B 9/02", 1, 3, "arranged in an undulating formation"),
    ("A46B 9/04", 1, 3, "for toothbrushes"),
    ("H", 0, -1, "ELECTRICITY"),
    ("H01", 0, 6, "BASIC ELECTRIC ELEMENTS"),
    ("H01L", 0, 7, "SEMICONDUCTOR DEVICES"),
    ("H01L 21/00", 0, 8, "Processes for the manufacture of semiconductor devices"),
    ("H01L 21/70", 1, 9, "Manufacture of integrated circuit devices"),
    ("H01L 21/768", 2, 10, "Applying interconnections"),
)


def small_scheme() -> Scheme:
    """Build a scheme of twelve symbols in English and, for one of them, French."""
    symbols, dots, parents, titles = zip(*_ROWS, strict=True)
    french = [title.replace("ELECTRICITY", "ÉLECTRICITÉ") for title in titles]
    texts = {"en": "\n".join(titles), "fr": "\n".join(french)}
    return Scheme("2020.01", symbols, np.array(dots, np.uint8), np.array(parents, np.int32), texts)


_EVIDENCE = Evidence("bristle", 0.6, [Place("title", 0, 7)])


@dataclass
class FakeClassifier:
    """Predicts the symbols of its scheme in order, the first with score 0.9, each next one with half of that."""

    name: str = "fake-classifier"
    version: str = "1.0.0"
    scheme: Scheme = field(default_factory=small_scheme)

    def classify(self, text: PatentText, options: Options) -> Classification:
        """Refuse what the real classifier refuses; else answer the same for every text."""
        if text.is_blank:
            raise BlankTextError("The document holds no text.")
        level = Level.SUBGROUP if options.level == AUTO else options.level
        candidates = [symbol for symbol in self._symbols(level) if self._is_below(symbol, level, options)]
        scored = [(symbol, round(0.9 / 2**rank, 4)) for rank, symbol in enumerate(candidates[: options.limit])]
        predictions = [
            self._prediction(symbol, score, options) for symbol, score in scored if score >= options.threshold
        ]
        similar = [
            Neighbour(f"XX{number}", "A brush", (Symbol.parse("A46B"),), 0.5) for number in range(options.similar)
        ]
        suggested = [SuggestedSymbol(symbol, Role.INVENTIVE, score) for symbol, score in scored[:1]]
        return Classification(options.language or "en", level, predictions, suggested, similar)

    def _symbols(self, level: Level) -> list[Symbol]:
        symbols = [Symbol.parse(text) for text, *_ in _ROWS]
        return [symbol for symbol in symbols if symbol.level is level]

    def _is_below(self, symbol: Symbol, level: Level, options: Options) -> bool:
        start = options.start_from
        if start is None:
            return True
        if start not in self.scheme:
            raise UnknownSymbolError("The 2020.01 edition has no such symbol.", target="/startFrom")
        if start.level is Level.SUBGROUP or level.depth < start.level.depth:
            raise UnusableStartError("A start lies at or above the level asked for.", target="/startFrom")
        return symbol.at(start.level) == start

    def _prediction(self, symbol: Symbol, score: float, options: Options) -> Prediction:
        ancestors = self.scheme.ancestors(symbol)
        if not options.explain:
            return Prediction(symbol, self.scheme.title(symbol), score, ancestors)
        documents = (DocumentEvidence(Neighbour("XX0", "A brush", (symbol,), 0.5), 0.7),)
        return Prediction(symbol, self.scheme.title(symbol), score, ancestors, (_EVIDENCE,), documents)
