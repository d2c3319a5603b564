"""Counts what callers use and tells what is left: calls a minute, characters and images a day.

A call is let in while something is left, and what it brought is counted when it was answered: so a text is never cut,
and what is refused costs a call alone.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from fastapi import Request

from examkit.errors import RateLimitedError
from gateway.allowances import WINDOW_SECONDS, Allowance, Measure
from gateway.caller import Caller
from gateway.counters import Count, Counters
from gateway.routes import READING_PATH, Scope

_WITH_BODY: Final = frozenset({"POST", "PUT", "PATCH"})
_OF_MARKS: Final = frozenset({Scope.MARKS_READ, Scope.MARKS_WRITE})
MULTIPART: Final = "multipart/"


class QuotaExceededError(RateLimitedError):
    """A caller who has used up the characters or images of a day."""

    code = "quota-exceeded"


_REFUSALS: Final = {
    Measure.REQUESTS: (RateLimitedError, "minute"),
    Measure.CHARACTERS: (QuotaExceededError, "day"),
    Measure.IMAGES: (QuotaExceededError, "day"),
}


@dataclass(frozen=True)
class Share:
    """How much of a measure a caller may use in its window, how much it has used, and when that ends."""

    measure: Measure
    most: int
    count: Count

    @property
    def left(self) -> int:
        """How much is left."""
        return max(self.most - self.count.used, 0)

    @property
    def ends_in_seconds(self) -> int:
        """When the window ends, in whole seconds; a whole window ahead where none has begun."""
        return max(math.ceil(self.count.ends_in), 1) if self.count.used else WINDOW_SECONDS[self.measure]


@dataclass(frozen=True)
class Standing:
    """Where a caller stands as a call comes: `uses` is what the call's body is counted as."""

    caller: Caller
    uses: Measure | None
    shares: tuple[Share, ...]

    def headers(self) -> list[tuple[bytes, bytes]]:
        """Return what the RateLimit fields for HTTP say of it."""
        policies = (f'"{s.measure}";q={s.most}{_unit(s.measure)};w={WINDOW_SECONDS[s.measure]}' for s in self.shares)
        left = (f'"{s.measure}";r={s.left};t={s.ends_in_seconds}' for s in self.shares)
        return [(b"ratelimit-policy", ", ".join(policies).encode()), (b"ratelimit", ", ".join(left).encode())]


class Meter:
    """Counts for all callers; what a key does not say of its allowance, the defaults do."""

    def __init__(self, counters: Counters, defaults: Allowance) -> None:
        self._counters = counters
        self._defaults = defaults

    async def enter(self, caller: Caller, uses: Measure | None) -> Standing:
        """Count a call and tell where the caller stands with it."""
        name = _name(caller, Measure.REQUESTS)
        calls = await self._counters.add(name, WINDOW_SECONDS[Measure.REQUESTS], 1)
        shares = [self._share(caller, Measure.REQUESTS, calls)]
        if uses is not None:
            shares.append(await self.share(caller, uses))
        return Standing(caller, uses, tuple(shares))

    async def share(self, caller: Caller, measure: Measure) -> Share:
        """Tell what a caller has used of a measure and how much it may."""
        return self._share(caller, measure, await self._counters.look(_name(caller, measure)))

    async def charge(self, caller: Caller, measure: Measure, amount: int) -> None:
        """Count what an answered call brought."""
        if amount:
            await self._counters.add(_name(caller, measure), WINDOW_SECONDS[measure], amount)

    async def close(self) -> None:
        """Give connections back."""
        await self._counters.close()

    def _share(self, caller: Caller, measure: Measure, count: Count) -> Share:
        own = caller.allowance.of(measure)
        most = self._defaults.of(measure) if own is None else own
        assert most is not None, "the settings say all"
        return Share(measure, most, count)


def require_some_left(shares: Iterable[Share]) -> None:
    """Raise RateLimitedError where a share is used up; a call is counted already when this is asked."""
    for share in shares:
        used_up = share.count.used > share.most if share.measure is Measure.REQUESTS else not share.left
        if used_up:
            error, window = _REFUSALS[share.measure]
            raise error(
                f"The {share.most} {share.measure} allowed in a {window} are used up.",
                target=share.measure,
                retry_after_seconds=share.ends_in_seconds,
            )


def use_of(request: Request, scope: Scope) -> Measure | None:
    """Tell what the body of a call is counted as."""
    # A document that is read is mostly no text; its text is counted when it is sent to be classified.
    if request.method not in _WITH_BODY or request.url.path == READING_PATH:
        return None
    is_upload = request.headers.get("content-type", "").lower().startswith(MULTIPART)
    return Measure.IMAGES if scope in _OF_MARKS and is_upload else Measure.CHARACTERS


def _name(caller: Caller, measure: Measure) -> str:
    return f"{measure}/{caller.id}"


def _unit(measure: Measure) -> str:
    return "" if measure is Measure.REQUESTS else f';qu="{measure}"'
