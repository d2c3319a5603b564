"""`python -m gateway keys`: makes, shows, renews and withdraws API keys; a gateway that runs sees it by itself."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer
from rich import box
from rich.table import Table

from examkit.tenants import DEFAULT_TENANT, tenant_name
from gateway.allowances import Allowance
from gateway.database import open_database
from gateway.key_store import KeyStore
from gateway.keys import ApiKey, KeptSecret, fingerprint, key_name, new_id, new_secret, sha256_of
from gateway.routes import Scope
from gateway.screen import one_sentence_on_error, remark, show
from gateway.settings import StateSettings

keys = typer.Typer(help="Make, show, renew and withdraw API keys.", no_args_is_help=True)
_Id = Annotated[str, typer.Argument(metavar="ID", help="How the key begins, as `list` shows it.")]
_Limit = Annotated[int | None, typer.Option(min=0, help="In place of what the gateway's settings allow.")]


@keys.command()
def create(  # noqa: PLR0913, PLR0917 - one a line of `--help`
    name: Annotated[str, typer.Argument(help="Who is to use it, as it will stand in lists.")],
    scopes: Annotated[list[Scope], typer.Option("--scope", help="What it may do; several times for several.")],
    tenant: Annotated[
        str, typer.Option(help="The department whose marks, glossaries and jobs it sees.")
    ] = DEFAULT_TENANT,
    days: Annotated[int | None, typer.Option(min=1, help="It expires after so many days; otherwise never.")] = None,
    certificate: Annotated[
        str | None, typer.Option(help="SHA-256 of the client's certificate it needs, in hex.")
    ] = None,
    requests_per_minute: _Limit = None,
    characters_per_day: _Limit = None,
    images_per_day: _Limit = None,
) -> None:
    """Make a key and show it, this once: only its hash is kept."""
    with _store() as store:
        now = datetime.now(UTC)
        key = ApiKey(
            id=new_id(),
            name=key_name(name),
            tenant=tenant_name(tenant),
            scopes=frozenset(scopes),
            created_at=now,
            expires_at=None if days is None else now + timedelta(days=days),
            certificate_sha256=None if certificate is None else fingerprint(certificate),
            allowance=Allowance(requests_per_minute, characters_per_day, images_per_day),
        )
        secret = new_secret(key.id)
        store.add(key, KeptSecret(sha256_of(secret)))
    _hand_over(secret)


@keys.command("list")
def list_keys() -> None:
    """Show every key without its secret."""
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, padding=(0, 1, 0, 0), pad_edge=False)
    for heading in ("Id", "Name", "Tenant", "Scopes", "State"):
        table.add_column(heading, no_wrap=heading == "Id", overflow="fold")
    with _store() as store:
        _, kept = store.all()
    for key, _ in kept:
        table.add_row(key.id, key.name, key.tenant, _scopes(key), _state(key))
    show(table)


@keys.command("show")
def show_key(key_id: _Id) -> None:
    """Show all that is known of a key."""
    with _store() as store:
        key = store.get(key_id)
    table = Table.grid(padding=(0, 2, 0, 0))
    for what, value in {
        "Id": key.id,
        "Name": key.name,
        "Tenant": key.tenant,
        "Scopes": _scopes(key),
        "State": _state(key),
        "Created": _day(key.created_at),
        "Certificate": key.certificate_sha256 or "none needed",
        "Requests a minute": _limit(key.allowance.requests_per_minute),
        "Characters a day": _limit(key.allowance.characters_per_day),
        "Images a day": _limit(key.allowance.images_per_day),
    }.items():
        table.add_row(what, value)
    show(table)


@keys.command()
def rotate(
    key_id: _Id,
    grace_hours: Annotated[int, typer.Option(min=0, help="How long the old secret may still be used.")] = 24,
) -> None:
    """Give a key a new secret and show it, this once; the old one works for a time of grace."""
    secret = new_secret(key_id)
    with _store() as store:
        store.rotate(key_id, KeptSecret(sha256_of(secret)), datetime.now(UTC) + timedelta(hours=grace_hours))
    _hand_over(secret)


@keys.command()
def revoke(key_id: _Id) -> None:
    """Withdraw a key, at once and for good."""
    with _store() as store:
        store.revoke(key_id)
    remark(f"The key {key_id} is revoked; gateways that run refuse it within two seconds.")


@contextmanager
def _store() -> Iterator[KeyStore]:
    settings = StateSettings()
    with one_sentence_on_error():
        store = KeyStore(open_database(settings.data_dir, settings.database_url))
        try:
            yield store
        finally:
            store.close()


def _hand_over(secret: str) -> None:
    """Show a whole key alone on standard output, for a person or a program to take."""
    show(secret)
    remark("This is the only time that the key is shown. It goes in the header API-Key, never in a URL.")


def _scopes(key: ApiKey) -> str:
    return ", ".join(scope for scope in Scope if scope in key.scopes)


def _state(key: ApiKey) -> str:
    if key.revoked_at is not None:
        return f"revoked {_day(key.revoked_at)}"
    if key.expires_at is None:
        return "valid"
    return f"{'valid until' if key.expires_at > datetime.now(UTC) else 'expired'} {_day(key.expires_at)}"


def _day(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def _limit(most: int | None) -> str:
    return "as the settings say" if most is None else f"{most:,}"
