"""`python -m gateway audit`: proves that the audit trail is whole, and gives it out as JSON lines."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Annotated

import typer

from examkit.errors import StartError
from gateway.audit.chain import BrokenChainError, Head, checked
from gateway.audit.entry import written_time
from gateway.audit.store import AuditStore
from gateway.database import open_database
from gateway.screen import one_sentence_on_error, show
from gateway.settings import StateSettings

audit = typer.Typer(help="Prove that the audit trail is whole; give it out.", no_args_is_help=True)

_HEAD = re.compile(r"([0-9]{1,18}):([0-9a-f]{64})")
_Moment = Annotated[datetime | None, typer.Option(help="A time in UTC.")]


@audit.command("head")
def show_head() -> None:
    """Show number and hash of the last entry; kept elsewhere, they let `verify --head` find what was cut off."""
    with _store() as store:
        show(_written(store.head()))


@audit.command()
def verify(
    head: Annotated[list[str] | None, typer.Option(help="What `head` showed once; several times for several.")] = None,
) -> None:
    """Check every entry from the first; end with status 1 at one that was changed, moved or removed."""
    with _store() as store:
        last = store.head()
        count = sum(1 for _ in checked(store.links(), [*map(_read, head or ()), last]))
    show(f"{count} entries, all as they were written. At the beginning of this check the head was {_written(last)}.")


@audit.command()
def export(since: _Moment = None, until: _Moment = None) -> None:
    """Write the entries from `since` until just before `until` as JSON lines; each is checked on the way."""
    earliest = written_time(since.replace(tzinfo=UTC)) if since else ""
    end = written_time(until.replace(tzinfo=UTC)) if until else "9999"
    with _store() as store:
        for link in checked(store.links()):
            members = json.loads(link.content)
            if earliest <= members["time"] < end:
                typer.echo(json.dumps(members | {"hash": link.hash}))


@contextmanager
def _store() -> Iterator[AuditStore]:
    settings = StateSettings()
    with one_sentence_on_error():
        store = AuditStore(open_database(settings.data_dir, settings.database_url))
        try:
            yield store
        except BrokenChainError as error:
            raise StartError(str(error)) from None
        finally:
            store.close()


def _written(head: Head) -> str:
    return f"{head.number}:{head.hash}"


def _read(text: str) -> Head:
    match = _HEAD.fullmatch(text)
    if match is None:
        raise StartError("A head is a number and a hash with a colon between, as `head` shows it.")
    return Head(int(match[1]), match[2])
