"""Figures with their uncertainty: bootstrap intervals, calibration error, thresholds for a precision, F1 of sets."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.floating[Any]] | NDArray[np.bool_]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

BINS: Final = 15
_SEED: Final = 20261122
_RESAMPLES: Final = 5000
_CURVE_RESAMPLES: Final = 500
_LEVELS: Final = (2.5, 97.5)


@dataclass(frozen=True)
class Estimate:
    """A figure with its 95 % bootstrap interval."""

    value: float
    low: float
    high: float

    @property
    def margin(self) -> float:
        """Return half the width of the interval."""
        return (self.high - self.low) / 2

    def times(self, factor: float, digits: int) -> "Estimate":
        """Return the estimate in another unit, rounded."""
        return Estimate(*(round(factor * number, digits) for number in (self.value, self.low, self.high)))


def mean_of(values: Values) -> Estimate:
    """Return the mean of values (n,), one a document, with its percentile bootstrap interval (Efron, 1979).

    Differences of two systems on the same documents make it the paired bootstrap. Values are few and repeated (hits,
    differences of hits), so a resample is one draw of how often each value comes.
    """
    if not len(values):
        return Estimate(np.nan, np.nan, np.nan)
    found, counts = np.unique(np.asarray(values, np.float64), return_counts=True)
    draws = np.random.default_rng(_SEED).multinomial(len(values), counts / len(values), _RESAMPLES)
    low, high = np.percentile(draws @ found / len(values), _LEVELS)
    return Estimate(float(found @ counts) / len(values), float(low), float(high))


def calibration_error(scores: Floats, is_right: Flags) -> float:
    """Return the mean distance between scores and shares of right ones over bins of equally many documents."""
    order = np.argsort(scores, kind="stable")
    bins = [rows for rows in np.array_split(order, BINS) if len(rows)]
    distances = [len(rows) * abs(float(scores[rows].mean()) - float(is_right[rows].mean())) for rows in bins]
    return sum(distances) / len(scores)


def calibration_of(scores: Floats, is_right: Flags) -> Estimate:
    """Return the calibration error of scores (n,) with its interval.

    Chance alone raises the error of a resample as it raises that of the sample, so the interval is the basic one,
    2 x error - percentiles (Davison and Hinkley, Bootstrap Methods, 1997, 5.2), which takes that off again.
    """
    value = calibration_error(scores, is_right)
    draws = _resampled(len(scores), lambda rows: calibration_error(scores[rows], is_right[rows]))
    low, high = np.percentile(draws, _LEVELS)
    return Estimate(value, max(0.0, 2 * value - float(high)), max(0.0, 2 * value - float(low)))


def calibration_floor(scores: Floats) -> float:
    """Return the error that perfectly calibrated scores would show on so many documents, by chance alone."""
    random = np.random.default_rng(_SEED)
    draws = [calibration_error(scores, random.random(len(scores)) < scores) for _ in range(_CURVE_RESAMPLES)]
    return float(np.mean(draws))


def threshold_for(scores: Floats, is_right: Flags, precision: float) -> float:
    """Return the lowest score from which on the wanted share is right; above 1 when there is none."""
    order = np.argsort(-scores, kind="stable")
    shares = np.cumsum(is_right[order]) / np.arange(1, len(scores) + 1)
    # Documents of the same score are accepted together.
    is_last = np.append(np.diff(scores[order]) < 0, True)
    enough = np.flatnonzero((shares >= precision) & is_last)
    return float(scores[order][enough[-1]]) if len(enough) else float(np.nextafter(1, 2))


def f1_of(found: Collection[object], wanted: Collection[object]) -> float:
    """Return the harmonic mean of precision and recall of a set; 0 for an empty one."""
    common = len(set(found) & set(wanted))
    return 2 * common / (len(found) + len(wanted)) if common else 0.0


def _resampled(size: int, statistic: Callable[[NDArray[np.int64]], float]) -> list[float]:
    random = np.random.default_rng(_SEED)
    return [statistic(random.integers(0, size, size)) for _ in range(_CURVE_RESAMPLES)]
