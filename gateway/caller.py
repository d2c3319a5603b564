"""Who is calling: what a key or a token says, whatever it came by."""

from dataclasses import dataclass, field

from gateway.allowances import Allowance
from gateway.routes import Scope


@dataclass(frozen=True)
class Caller:
    """A known caller; `id` may be shown and logged, it opens nothing."""

    id: str
    name: str
    tenant: str
    scopes: frozenset[Scope]
    allowance: Allowance = field(default_factory=Allowance)
