"""One request on its way to a service."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import httpx2

from gateway.routes import COMPUTING_PATHS
from gateway.upstream.body import Upload

_REPEATABLE_METHODS: Final = frozenset({"GET", "HEAD", "PUT"})


@dataclass(frozen=True)
class Call:
    """What is sent; `target` is path and query as they stand in the request line."""

    method: str
    target: bytes
    headers: Mapping[str, str]
    body: bytes | Upload | None

    @property
    def is_sendable(self) -> bool:
        """Whether it can be sent still: an upload that has begun is gone."""
        return not (isinstance(self.body, Upload) and self.body.is_begun)

    @property
    def is_repeatable(self) -> bool:
        """Whether a service that has carried it out may do so again: it reads, computes, or puts the same again."""
        is_harmless = self.method in _REPEATABLE_METHODS or self.target.partition(b"?")[0] in COMPUTING_PATHS
        return is_harmless and self.is_sendable

    def to(self, origin: httpx2.URL, token: Mapping[str, str]) -> httpx2.Request:
        """Address it to a service."""
        url = origin.copy_with(raw_path=self.target)
        headers = {**self.headers, **token}
        if isinstance(self.body, Upload):
            return httpx2.Request(self.method, url, headers=headers, stream=self.body)
        return httpx2.Request(self.method, url, headers=headers, content=self.body)
