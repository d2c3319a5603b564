"""Entries of an audit trail, made up."""

from datetime import UTC, datetime
from typing import Any

from gateway.audit.entry import Entry


def entry(**members: Any) -> Entry:
    made_up: dict[str, Any] = {
        "time": datetime(2026, 3, 1, 8, 0, 0, 123456, UTC),
        "correlation_id": "c-1",
        "caller": "exk_12345678",
        "tenant": "office",
        "method": "POST",
        "route": "/api/v1/classify",
        "status": 200,
        "refusal": None,
        "is_complete": True,
        "request_bytes": 120,
        "response_bytes": 3400,
        "milliseconds": 12.5,
    }
    return Entry(**made_up | members)
