"""Opens the audit trail of a gateway."""

from pathlib import Path

from pydantic import SecretStr

from gateway.audit.store import AuditStore
from gateway.audit.trail import AuditTrail
from gateway.database import open_database


def open_trail(data_dir: Path, database_url: SecretStr | None) -> AuditTrail:
    """Open the trail in the gateway's database; raise StartError when that cannot be used."""
    return AuditTrail(AuditStore(open_database(data_dir, database_url)))
