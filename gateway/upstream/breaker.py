"""Spares a service that fails, and its callers the wait: after some failures it is left alone for a while."""

from collections.abc import Callable
from typing import Final

_MOST_FAILURES: Final = 5
_OPEN_SECONDS: Final = 5.0


class Breaker:
    """Counts failures one after another; past a number of them the circuit is open, and calls should not be tried.

    After a while it is half open: one caller may find out whether the service answers again.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._failures = 0
        self._opened = 0.0
        self._is_probed = False

    @property
    def is_open(self) -> bool:
        """Whether the service failed so often that nobody should try it unasked."""
        return self._failures >= _MOST_FAILURES

    @property
    def seconds_open(self) -> float:
        """For how long still nobody may try it; 0 when one may."""
        return max(self._opened + _OPEN_SECONDS - self._clock(), 0.0) if self.is_open else 0.0

    def may_probe(self) -> bool:
        """Let one caller, and no second, find out about an open circuit; it then tells of success or failure."""
        may = self.is_open and not self.seconds_open and not self._is_probed
        self._is_probed = self._is_probed or may
        return may

    def succeed(self) -> None:
        """Note that the service answered."""
        self._failures = 0
        self._is_probed = False

    def fail(self) -> None:
        """Note a failure; the one that reaches the bound opens the circuit, and so does a probe's."""
        self._failures += 1
        if self._failures == _MOST_FAILURES or self._is_probed:
            self._opened = self._clock()
        self._is_probed = False

    def trip(self) -> None:
        """Open the circuit at once: the service was waited for, and did not come back."""
        self._failures = max(self._failures, _MOST_FAILURES - 1)
        self.fail()
