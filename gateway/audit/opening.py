"""Opens the audit trail of a gateway, and lets Prometheus see how it fares."""

from pathlib import Path

from prometheus_client import CollectorRegistry, Gauge
from pydantic import SecretStr

from gateway.audit.store import AuditStore
from gateway.audit.trail import AuditTrail
from gateway.database import open_database


def open_trail(data_dir: Path, database_url: SecretStr | None) -> AuditTrail:
    """Open the trail in the gateway's database; raise StartError when that cannot be used."""
    return AuditTrail(AuditStore(open_database(data_dir, database_url)))


def watch_trail(trail: AuditTrail, registry: CollectorRegistry) -> None:
    """Show whether the trail is written, and what waits to be."""
    waiting = Gauge("examkit_audit_waiting", "Entries of the audit trail not on the disk yet.", registry=registry)
    waiting.set_function(lambda: trail.waiting)
    failing = Gauge("examkit_audit_failing", "1 while the audit trail cannot be written.", registry=registry)
    failing.set_function(lambda: float(trail.is_failing))
