"""Keeps API keys in the gateway's database: made, changed and withdrawn here, looked up in memory."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Engine, insert, select, update

from examkit.database import reading, writing
from examkit.errors import StartError
from gateway.allowances import Allowance
from gateway.database import STATE
from gateway.keys import ApiKey, KeptSecret
from gateway.routes import Scope
from gateway.tables import api_key_revision, api_key_secrets, api_keys

_ALLOWANCES = ("requests_per_minute", "characters_per_day", "images_per_day")


class KeyStore:
    """The keys of a gateway, or of several; every change is counted in `revision`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def close(self) -> None:
        """Give the connections back."""
        self._engine.dispose()

    def revision(self) -> int:
        """Return the number that every change counts up."""
        with self._looking() as connection:
            return _revision(connection)

    def all(self) -> tuple[int, list[tuple[ApiKey, tuple[KeptSecret, ...]]]]:
        """Return every key with what is kept of its secrets, oldest first, and the revision they are of."""
        with self._looking() as connection:
            revision = _revision(connection)
            rows = connection.execute(select(api_keys).order_by(api_keys.c.created_at, api_keys.c.id)).mappings()
            secrets: dict[str, list[KeptSecret]] = {}
            for row in connection.execute(select(api_key_secrets)):
                secrets.setdefault(row.key, []).append(KeptSecret(row.sha256, _aware(row.expires_at)))
            return revision, [(_key(row), tuple(secrets.get(row["id"], ()))) for row in rows]

    def get(self, key_id: str) -> ApiKey:
        """Return a key; raise StartError when there is none of that id."""
        with self._looking() as connection:
            return _get(connection, key_id)

    def add(self, key: ApiKey, secret: KeptSecret) -> None:
        """Keep a new key."""
        with self._changing() as connection:
            _add(connection, key, secret)

    def add_first(self, make: Callable[[], Sequence[tuple[ApiKey, KeptSecret]]]) -> None:
        """Keep the keys that `make` returns where there is none yet; of several gateways that start, one does."""
        with self._changing() as connection:
            if connection.execute(select(api_keys.c.id).limit(1)).first() is None:
                for key, secret in make():
                    _add(connection, key, secret)

    def rotate(self, key_id: str, secret: KeptSecret, old_until: datetime) -> ApiKey:
        """Give a key a new secret; the ones it had may be used until `old_until`. Raises StartError."""
        with self._changing() as connection:
            key = _get(connection, key_id)
            if key.revoked_at is not None:
                raise StartError(f"The key {key_id} is revoked; make a new one.")
            of_key = api_key_secrets.c.key == key_id
            lasting = api_key_secrets.c.expires_at.is_(None) | (api_key_secrets.c.expires_at > _naive(old_until))
            connection.execute(update(api_key_secrets).where(of_key, lasting).values(expires_at=_naive(old_until)))
            connection.execute(insert(api_key_secrets).values(sha256=secret.sha256, key=key_id))
            return key

    def revoke(self, key_id: str) -> ApiKey:
        """Withdraw a key for good; raise StartError when there is none of that id."""
        now = datetime.now(UTC)
        with self._changing() as connection:
            key = _get(connection, key_id)
            values = {"revoked_at": _naive(key.revoked_at or now)}
            connection.execute(update(api_keys).where(api_keys.c.id == key_id).values(values))
            return replace(key, revoked_at=key.revoked_at or now)

    @contextmanager
    def _looking(self) -> Iterator[Connection]:
        with STATE.troubles_named(), reading(self._engine).begin() as connection:
            yield connection

    @contextmanager
    def _changing(self) -> Iterator[Connection]:
        """Write alone: the revision's row is the lock where the database has none for a whole transaction."""
        with STATE.troubles_named(), writing(self._engine).begin() as connection:
            connection.execute(update(api_key_revision).values(revision=api_key_revision.c.revision + 1))
            yield connection


def _revision(connection: Connection) -> int:
    revision: int = connection.execute(select(api_key_revision.c.revision)).scalar_one()
    return revision


def _get(connection: Connection, key_id: str) -> ApiKey:
    row = connection.execute(select(api_keys).where(api_keys.c.id == key_id)).mappings().first()
    if row is None:
        raise StartError(f"There is no key {key_id}.")
    return _key(row)


def _add(connection: Connection, key: ApiKey, secret: KeptSecret) -> None:
    values = {
        "id": key.id,
        "name": key.name,
        "tenant": key.tenant,
        "scopes": " ".join(scope for scope in Scope if scope in key.scopes),
        "created_at": _naive(key.created_at),
        "expires_at": _naive(key.expires_at),
        "certificate_sha256": key.certificate_sha256,
        **{name: getattr(key.allowance, name) for name in _ALLOWANCES},
    }
    connection.execute(insert(api_keys).values(values))
    connection.execute(insert(api_key_secrets).values(sha256=secret.sha256, key=key.id))


def _key(row: Mapping[Any, Any]) -> ApiKey:
    known = row["scopes"].split()
    return ApiKey(
        id=row["id"],
        name=row["name"],
        tenant=row["tenant"],
        scopes=frozenset(scope for scope in Scope if scope in known),
        created_at=row["created_at"].replace(tzinfo=UTC),
        expires_at=_aware(row["expires_at"]),
        revoked_at=_aware(row["revoked_at"]),
        certificate_sha256=row["certificate_sha256"],
        allowance=Allowance(**{name: row[name] for name in _ALLOWANCES}),
    )


def _naive(moment: datetime | None) -> datetime | None:
    return moment and moment.astimezone(UTC).replace(tzinfo=None)


def _aware(moment: datetime | None) -> datetime | None:
    return moment and moment.replace(tzinfo=UTC)
