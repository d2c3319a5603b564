"""Fits, on texts kept apart for it, how much each feature counts at each level, and the calibration of the scores."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from models.classify.corpus import INCOMPLETE_SOURCES, LabelledPatent
from services.classify.calibration import Calibration, StackWeights, TextKind, softmax
from services.classify.engine import text_kind
from services.classify.index import LabelTree
from services.classify.ipc import Level, Symbol
from services.classify.model import Stack, TermModel
from services.classify.scoring import Allowed, DenseSignals, Signals
from services.classify.text import PatentText

Floats = NDArray[np.float32]

_CANDIDATES: Final = 4000
_CALIBRATED_RANKS: Final = 10
_PULL: Final = 0.003
# Where the fit begins, and where a kind of text with few examples is pulled to.
_FIRST: Final = {
    Level.SUBCLASS: (1.5, 0.9, 0.15, 0.0),
    Level.MAIN_GROUP: (0.4, 0.6, 0.3, 0.3, 0.4),
    Level.SUBGROUP: (0.55, 0.65, 0.5, 0.7, 0.5),
}
_FIRST_DENSE: Final = {
    Level.SUBCLASS: (0.8, 0.4, 0.1, 0.0, 0.4, 0.4),
    Level.MAIN_GROUP: (0.4, 0.4, 0.2, 0.3, 0.3, 0.3, 0.3, 0.2),
    Level.SUBGROUP: (0.55, 0.5, 0.4, 0.5, 0.5, 0.3, 0.4),
}
First = Mapping[Level, tuple[float, ...]]


@dataclass(frozen=True)
class Example:
    """One text with what the model's memory says of it, and the rows of its labels at each level."""

    signals: Signals
    labels: Mapping[Level, NDArray[np.int64]]
    is_complete: bool


@dataclass(frozen=True)
class Choice:
    """One softmax to learn from: features of the candidates (n, features), and which of them are right (n,)."""

    features: Floats
    is_right: NDArray[np.bool_]


def examples_of(
    model: TermModel, patents: Sequence[LabelledPatent], embed: Callable[[TextKind, PatentText], DenseSignals | None]
) -> Mapping[TextKind, list[Example]]:
    """Compare every text with the model's memory; those without a known term or label are left out."""
    found: defaultdict[TextKind, list[Example]] = defaultdict(list)
    for patent in patents:
        vector = model.vocabulary.vector_of(patent.text)
        labels = label_rows(model.tree, patent.symbols)
        if len(vector.ids) and len(labels[Level.SUBCLASS]):
            kind = text_kind(patent.language, vector)
            signals, _ = model.signals(vector, embed(kind, patent.text))
            found[kind].append(Example(signals, labels, patent.source not in INCOMPLETE_SOURCES))
    return {kind: found[kind] for kind in TextKind}


def label_rows(tree: LabelTree, symbols: Sequence[Symbol]) -> Mapping[Level, NDArray[np.int64]]:
    """Return the rows of a document's symbols in the label tree, by level; at the subgroup level, of whole symbols."""
    return {level: np.array(sorted(_rows_at(tree, symbols, level)), np.int64) for level in Level}


def _rows_at(tree: LabelTree, symbols: Sequence[Symbol], level: Level) -> set[int]:
    least = min(level, Level.MAIN_GROUP, key=lambda each: each.depth)
    known = [symbol for symbol in symbols if symbol.level.depth >= least.depth]
    texts = [str(symbol if level is Level.SUBGROUP else symbol.at(level)) for symbol in known]
    return {tree.rows[level][text] for text in texts if text in tree.rows[level]}


def fit_stack(model: TermModel, examples: Mapping[TextKind, Sequence[Example]], report: Callable[[str], None]) -> Stack:
    """Fit the weights for texts without an embedding and, where there was an encoder, for the same texts with one."""
    bare = {kind: [_without_embedding(each) for each in some] for kind, some in examples.items()}
    embedded = {kind: [each for each in some if each.signals.dense] for kind, some in examples.items()}
    terms = _fit_kinds(model, bare, _FIRST, report)
    return Stack(terms, _fit_kinds(model, embedded, _FIRST_DENSE, report) if embedded[TextKind.ENGLISH] else {})


def _without_embedding(example: Example) -> Example:
    return replace(example, signals=replace(example.signals, dense=None))


def _fit_kinds(
    model: TermModel, examples: Mapping[TextKind, Sequence[Example]], start: First, report: Callable[[str], None]
) -> Mapping[TextKind, StackWeights]:
    """Fit every kind of text; the kinds with fewer examples are pulled a little to the weights of English texts.

    A kind without any example takes those weights as they are.
    """
    english = _fit_kind(model, examples[TextKind.ENGLISH], start)
    found = {TextKind.ENGLISH: english}
    first = {
        Level.SUBCLASS: tuple(english.subclass.tolist()),
        Level.MAIN_GROUP: tuple(english.main_group.tolist()),
        Level.SUBGROUP: tuple(english.subgroup.tolist()),
    }
    for kind in TextKind:
        report(f"weights for {kind}: {len(examples[kind])} texts")
        if kind is not TextKind.ENGLISH:
            found[kind] = _fit_kind(model, examples[kind], first) if examples[kind] else english
    return found


def _fit_kind(model: TermModel, examples: Sequence[Example], first: First) -> StackWeights:
    scorer = model.scorer
    subclass = _fit_level(
        ((scorer.subclass_features(each.signals), each.labels[Level.SUBCLASS]) for each in examples),
        first[Level.SUBCLASS],
    )
    subclasses = [softmax(scorer.subclass_features(each.signals) @ subclass) for each in examples]
    main_group = _fit_level(
        (
            (scorer.main_group_features(each.signals, shares), each.labels[Level.MAIN_GROUP])
            for each, shares in zip(examples, subclasses, strict=True)
        ),
        first[Level.MAIN_GROUP],
    )
    main_groups = [
        softmax(scorer.main_group_features(each.signals, shares) @ main_group)
        for each, shares in zip(examples, subclasses, strict=True)
    ]
    subgroup = _fit_level(
        (
            (scorer.subgroup_features(each.signals, shares), each.labels[Level.SUBGROUP])
            for each, shares in zip(examples, main_groups, strict=True)
        ),
        first[Level.SUBGROUP],
    )
    weights = StackWeights(subclass, main_group, subgroup, {})
    return replace(weights, calibrations=_fit_calibrations(model, examples, weights))


def _fit_level(pairs: Iterable[tuple[Floats, NDArray[np.int64]]], first: tuple[float, ...]) -> Floats:
    """Fit weights to pairs of features (symbols, features) and right rows, near `first`; seen by its candidates only.

    The loss is half the mean log share of all right symbols, half the log of their summed share.
    """
    start = np.array(first)
    choices = [_choice(features, labels, start) for features, labels in pairs if len(labels)]

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        parts = [_loss(choice, weights) for choice in choices]
        pull = weights - start
        value = float(np.mean([value for value, _ in parts])) + _PULL * float(pull @ pull)
        return value, np.mean([gradient for _, gradient in parts], axis=0) + 2 * _PULL * pull

    return np.asarray(minimize(loss, start, jac=True, method="L-BFGS-B").x, np.float32)


def _choice(features: Floats, labels: NDArray[np.int64], weights: NDArray[np.float64]) -> Choice:
    likely = np.argsort(-(features @ weights), kind="stable")[:_CANDIDATES]
    candidates = np.union1d(likely, labels)
    return Choice(features[candidates], np.isin(candidates, labels))


def _loss(choice: Choice, weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
    logits = choice.features @ weights
    shares = np.exp(logits - logits.max())
    shares /= shares.sum()
    found = float(shares[choice.is_right].sum()) + 1e-9
    wanted = choice.is_right / choice.is_right.sum()
    value = -0.5 * np.log(found) - 0.5 * float(wanted @ np.log(shares + 1e-12))
    gradient = choice.features.T @ (shares - 0.5 * shares * choice.is_right / found - 0.5 * wanted)
    return value, gradient


def _fit_calibrations(
    model: TermModel, examples: Sequence[Example], weights: StackWeights
) -> Mapping[str, Calibration]:
    """Fit one calibration a level, on the sources that list every symbol a document has."""
    tree = model.tree
    everything = Allowed(
        *(np.ones(len(tree.at(level)), bool) for level in (Level.SUBCLASS, Level.MAIN_GROUP, Level.SUBGROUP))
    )
    complete = [each for each in examples if each.is_complete]
    found = {}
    for level in Level:
        labelled = [each for each in complete if len(each.labels[level])]
        ranked = [
            _ranked(model.scorer.shares(each.signals, weights, level, everything), each.labels[level])
            for each in labelled
        ]
        found[str(level)] = fit_calibration(*(np.concatenate(columns) for columns in zip(*ranked, strict=True)))
    return found


def _ranked(shares: Floats, labels: NDArray[np.int64]) -> tuple[Floats, NDArray[np.bool_]]:
    best = np.argsort(-shares, kind="stable")[:_CALIBRATED_RANKS]
    return shares[best], np.isin(best, labels)


def fit_calibration(shares: Floats, is_right: NDArray[np.bool_]) -> Calibration:
    """Fit a beta calibration by maximum likelihood, from shares of shape (n,) and whether each was right."""
    p = np.clip(shares.astype(np.float64), 1e-7, 1 - 1e-7)
    columns = np.stack((np.log(p), -np.log1p(-p), np.ones_like(p)), 1)
    signs = np.where(is_right, 1.0, -1.0)

    def loss(numbers: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        margins = signs * (columns @ numbers)
        gradient = -(columns * (signs / (1 + np.exp(margins)))[:, None]).mean(0)
        return float(np.logaddexp(0, -margins).mean()), gradient

    bounds = ((0, None), (0, None), (None, None))
    a, b, c = minimize(loss, (1.0, 1.0, 0.0), jac=True, method="L-BFGS-B", bounds=bounds).x
    return Calibration(float(a), float(b), float(c))
