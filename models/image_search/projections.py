"""Fit the linear steps of the mark embedder: principal components, then directions that tell marks apart."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.float32]
Step = tuple[Rows, Rows]  # mean, matrix: project rows by (rows - mean) @ matrix
Pairings = Sequence[tuple[int, int]]  # of the views of one mark's drawing with those of another


def fit_half_whitening(rows: Rows, dims: int) -> Step:
    """Return the principal components of n rows, scaled by the fourth root of their inverse variance."""
    mean = rows.mean(axis=0)
    variances, directions = np.linalg.eigh(np.cov((rows - mean).T))
    strongest = np.argsort(-variances)[:dims]
    return mean, (directions[:, strongest] * variances[strongest] ** -0.25).astype(np.float32)


def fit_discriminant(rows: Rows, pairs: Sequence[tuple[int, int]], *, dims: int, ridge: float) -> Step:
    """Return the directions in which rows differ much, measured by how much rows of one mark (`pairs`) differ.

    Linear discriminant analysis from pairs: the within-mark scatter, plus `ridge` times its mean variance, is whitened;
    of the whitened rows the strongest components are kept. Pairs without any likeness (the worst 8 %) are left out, as
    they are mostly wrong labels and older marks.
    """
    left, right = (np.array(side) for side in zip(*_best_pairs(rows, pairs, share=0.92), strict=True))
    differences = rows[left] - rows[right]
    within = differences.T @ differences / (2 * len(differences))
    within += ridge * np.trace(within) / len(within) * np.eye(len(within), dtype=within.dtype)
    variances, directions = np.linalg.eigh(within)
    whitening = directions * variances**-0.5
    mean = rows.mean(axis=0)
    whitened = (rows - mean) @ whitening
    strengths, components = np.linalg.eigh(whitened.T @ whitened / len(whitened))
    strongest = np.argsort(-strengths)[:dims]
    return mean, (whitening @ components[:, strongest]).astype(np.float32)


def fit_components(rows: Rows, dims: int) -> Rows:
    """Return the matrix that best keeps the inner products of n rows in `dims` values each; nothing is subtracted."""
    strengths, directions = np.linalg.eigh(rows.T @ rows)
    strongest = np.argsort(-strengths)[:dims]
    return np.asarray(directions[:, strongest], np.float32)


def apply_step(rows: Rows, step: Step) -> Rows:
    """Project rows and bring them to unit length, as the embedder does after each step."""
    mean, matrix = step
    projected = (rows - mean) @ matrix
    return np.asarray(projected / np.maximum(np.linalg.norm(projected, axis=1, keepdims=True), 1e-9), np.float32)


def apply_steps(rows: Rows, steps: Sequence[Step]) -> Rows:
    """Project rows by one step after the other."""
    for step in steps:
        rows = apply_step(rows, step)
    return rows


def fit_steps(
    rows: Rows, pairs: Sequence[Pairings], *, components: int = 384, dims: int = 256, ridge: float = 0.3
) -> list[Step]:
    """Fit both steps; of the `pairs`' pairings of views the one most alike after the first step counts."""
    whitening = fit_half_whitening(rows, components)
    whitened = apply_step(rows, whitening)
    best = [max(pairings, key=lambda pair: float(whitened[pair[0]] @ whitened[pair[1]])) for pairings in pairs]
    return [whitening, fit_discriminant(whitened, best, dims=dims, ridge=ridge)]


def _best_pairs(rows: Rows, pairs: Sequence[tuple[int, int]], *, share: float) -> list[tuple[int, int]]:
    likeness = [float(rows[left] @ rows[right]) for left, right in pairs]
    order = np.argsort(likeness)[::-1]
    return [pairs[at] for at in order[: int(share * len(order))]]
