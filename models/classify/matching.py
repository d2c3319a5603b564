"""Learns to match documents with the titles of groups: two linear maps into one space, from labelled documents."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from models.classify.corpus import LabelledPatent
from models.classify.dense import Adam, fit_projection
from models.classify.titles import SchemeEntry
from services.classify.dense import TitleMatcher
from services.classify.index import Floats, LabelTree, Rows
from services.classify.ipc import Level, Symbol

_KEPT: Final = 128
_EPOCHS: Final = 12
_BATCH: Final = 256
_RATE: Final = 1e-3
_NEAR: Final = 24
_FAR: Final = 8
_FIRST_SCALE: Final = 10

Report = Callable[[str], None]


@dataclass(frozen=True)
class Pairs:
    """Documents and the groups they carry: `documents` and `groups` are rows, one for each pair."""

    documents: Rows
    groups: Rows


def pairs_of(patents: Sequence[LabelledPatent], rows: Rows, tree: LabelTree) -> Pairs:
    """Return the pairs of documents (by their place in `rows`) and the groups they carry."""
    known = tree.rows[Level.SUBGROUP]
    found = [
        (place, known[str(symbol)])
        for place, row in enumerate(rows.tolist())
        for symbol in patents[row].symbols
        if symbol.main_group and str(symbol) in known
    ]
    return Pairs(*np.array(found, np.int64).T)


def title_texts(scheme: Sequence[SchemeEntry], tree: LabelTree) -> list[str]:
    """Return for each group its own English title, then those above it, up to the subclass."""
    titles = {str(entry.symbol): entry.titles["en"] for entry in scheme}
    texts = []
    for row, symbol in enumerate(tree.groups):
        path = [row]
        while (parent := int(tree.parents[path[-1]])) >= 0:
            path.append(parent)
        above = str(Symbol.parse(symbol).at(Level.SUBCLASS))
        texts.append(". ".join(filter(None, [titles.get(tree.groups[each], "") for each in path] + [titles[above]])))
    return texts


def fit_matcher(
    documents: Floats, titles: Floats, pairs: Pairs, tree: LabelTree, *, seed: int, report: Report
) -> TitleMatcher:
    """Fit the maps so that a document lies nearest to the title it carries, among others of its main group.

    `documents` and `titles` are embeddings (n, dim). The loss is the softmax over the right title, some of the same
    main group and some of anywhere (sampled softmax; both maps start as the titles' principal directions).
    """
    random = np.random.default_rng(seed)
    centre = documents.mean(axis=0)
    documents, titles = documents - centre, titles - titles.mean(axis=0)
    first = fit_projection(titles, _KEPT, seed=seed).directions
    of_document, of_title = Adam(first * np.float32(_FIRST_SCALE), 0.0), Adam(first.copy(), 0.0)
    bounds = np.searchsorted(tree.main_group_of, np.arange(len(tree.main_groups) + 1))
    steps = _EPOCHS * (len(pairs.groups) // _BATCH + 1)
    step = 0
    for epoch in range(_EPOCHS):
        losses = []
        for chosen in np.array_split(random.permutation(len(pairs.groups)), len(pairs.groups) // _BATCH + 1):
            right = pairs.groups[chosen]
            candidates = np.concatenate((right[:, None], _others(right, bounds, tree, random)), axis=1)
            inputs = documents[pairs.documents[chosen]]
            rate = _RATE * min(1.0, 20 * step / steps) * (1 - step / steps)
            losses.append(
                _step(inputs, titles[candidates], candidates == right[:, None], (of_document, of_title), rate)
            )
            step += 1
        report(f"titles: epoch {epoch + 1} of {_EPOCHS}, loss {np.mean(losses):.3f}")
    turned = (titles @ of_title.values).astype(np.float32)
    return TitleMatcher(of_document.values, -(centre @ of_document.values), turned)


def _others(right: Rows, bounds: Rows, tree: LabelTree, random: np.random.Generator) -> Rows:
    starts, ends = bounds[tree.main_group_of[right]], bounds[tree.main_group_of[right] + 1]
    near = starts[:, None] + (random.random((len(right), _NEAR)) * (ends - starts)[:, None]).astype(np.int64)
    far = random.integers(len(tree.groups), size=(len(right), _FAR))
    return np.concatenate((near, far), axis=1)


def _step(inputs: Floats, titles: Floats, same: Floats, maps: tuple[Adam, Adam], rate: float) -> float:
    """Learn from documents (n, dim) and their candidates (n, m, dim), the first of which is right."""
    of_document, of_title = maps
    left, turned = inputs @ of_document.values, titles @ of_title.values
    logits = np.einsum("nk,nmk->nm", left, turned)
    logits[:, 1:][same[:, 1:]] = -np.inf  # the right one drawn again is no wrong one
    logits -= logits.max(axis=1, keepdims=True)
    shares = np.exp(logits)
    shares /= shares.sum(axis=1, keepdims=True)
    loss = float(-np.log(shares[:, 0] + 1e-12).mean())
    errors = shares.astype(np.float32)
    errors[:, 0] -= 1
    errors /= len(inputs)
    from_titles = np.einsum("nm,nmd->nd", errors, titles) @ of_title.values
    spread = (errors[:, :, None] * left[:, None]).reshape(-1, left.shape[1])
    of_title.step(titles.reshape(-1, titles.shape[2]).T @ spread, rate)
    of_document.step(inputs.T @ from_titles, rate)
    return loss
