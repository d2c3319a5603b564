"""One entry of the audit trail, and how it is written so that everybody hashes the same bytes."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True)
class Entry:
    """What is kept of one request: no content, and of its path only the template.

    `count` is above 1 where one entry stands for several refusals alike of callers who are not known; sizes and
    duration are then those of the first.
    """

    time: datetime
    correlation_id: str
    caller: str | None
    tenant: str | None
    method: str
    route: str
    status: int
    refusal: str | None
    is_complete: bool
    request_bytes: int
    response_bytes: int
    milliseconds: float
    count: int = 1

    def canonical(self, number: int) -> str:
        """Write the entry as the JSON that is kept and hashed: members sorted, no spaces, ASCII only."""
        members = {
            "number": number,
            "time": written_time(self.time),
            "correlationId": self.correlation_id,
            "caller": self.caller,
            "tenant": self.tenant,
            "method": self.method,
            "route": self.route,
            "status": self.status,
            "refusal": self.refusal,
            "isComplete": self.is_complete,
            "requestBytes": self.request_bytes,
            "responseBytes": self.response_bytes,
            "milliseconds": self.milliseconds,
            "count": self.count,
        }
        return json.dumps(members, separators=(",", ":"), sort_keys=True)


def written_time(moment: datetime) -> str:
    """Write a time so that texts sort as the times do."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
