"""Who is calling: what a key or a token says, whatever it came by."""

from dataclasses import dataclass
from typing import Final

from gateway.routes import Scope

DEFAULT_TENANT: Final = "office"


@dataclass(frozen=True)
class Caller:
    """A known caller; `id` may be shown and logged, it opens nothing."""

    id: str
    name: str
    tenant: str
    scopes: frozenset[Scope]
