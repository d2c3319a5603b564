"""Are keys kept, renewed and withdrawn alike in SQLite and PostgreSQL, and seen by a gateway that runs?"""

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import anyio
import pytest
from pydantic import SecretStr

from examkit.errors import StartError, UnauthorizedError
from gateway.allowances import Allowance
from gateway.database import StateUnavailableError, open_database
from gateway.key_ring import KeyRing
from gateway.key_store import KeyStore
from gateway.keys import ApiKey, KeptSecret, new_id, new_secret, sha256_of
from gateway.routes import Scope
from tests.postgres import new_database, postgresql

NOW = datetime.now(UTC)


@pytest.fixture(scope="module")
def server():
    with postgresql() as running:
        yield running


@pytest.fixture(params=["sqlite", "postgresql"])
def opened(request, tmp_path):
    """Give what opens the same store as often as asked."""
    address = None
    if request.param == "postgresql":
        address = SecretStr(new_database(request.getfixturevalue("server"), f"keys_{tmp_path.name}"))
    stores = []

    def open_it() -> KeyStore:
        stores.append(KeyStore(open_database(tmp_path / "gateway", address)))
        return stores[-1]

    yield open_it
    for store in stores:
        store.close()


def made(**given) -> tuple[ApiKey, str]:
    key_id = new_id()
    values = {"name": "desk", "tenant": "office", "scopes": frozenset({Scope.CLASSIFY}), "created_at": NOW, **given}
    return ApiKey(key_id, **values), new_secret(key_id)


def add(store: KeyStore, **given) -> tuple[ApiKey, str]:
    key, secret = made(**given)
    store.add(key, KeptSecret(sha256_of(secret)))
    return key, secret


def refusal(ring: KeyRing, secret: str) -> str | None:
    try:
        ring.holder(secret)
    except UnauthorizedError as error:
        return error.code
    return None


def test_a_key_comes_back_as_it_was_kept(opened):
    store = opened()
    whole = {
        "tenant": "marks",
        "scopes": frozenset({Scope.MARKS_READ, Scope.MARKS_WRITE}),
        "expires_at": NOW + timedelta(days=1),
        "certificate_sha256": "0f" * 32,
        "allowance": Allowance(6, 7_000_000_000, 8),
    }
    key, secret = add(store, **whole)
    other, _ = add(store, name="another", created_at=NOW + timedelta(seconds=1))
    ring = KeyRing(opened())
    assert ring.holder(secret) == key
    assert [kept for kept, _ in store.all()[1]] == [key, other]
    assert store.get(key.id) == key
    assert refusal(ring, secret + "x") == "api-key-unknown"
    assert refusal(ring, key.id) == "api-key-unknown"


def test_expired_and_revoked_keys_are_refused_as_such(opened):
    store = opened()
    _, expired = add(store, expires_at=NOW - timedelta(seconds=1))
    key, revoked = add(store)
    first = store.revoke(key.id)
    assert store.revoke(key.id) == first
    ring = KeyRing(store)
    assert refusal(ring, expired) == "api-key-expired"
    assert refusal(ring, revoked) == "api-key-revoked"
    with pytest.raises(StartError, match="is revoked; make a new one"):
        store.rotate(key.id, KeptSecret("0" * 64), NOW)
    with pytest.raises(StartError, match="There is no key exk_nobody"):
        store.revoke("exk_nobody")


def test_of_a_renewed_key_the_old_secret_lasts_for_the_time_of_grace(opened):
    store = opened()
    key, first = add(store)
    second, third = new_secret(key.id), new_secret(key.id)
    store.rotate(key.id, KeptSecret(sha256_of(second)), datetime.now(UTC) + timedelta(hours=1))
    ring = KeyRing(store)
    assert ring.holder(first).id == ring.holder(second).id == key.id
    store.rotate(key.id, KeptSecret(sha256_of(third)), datetime.now(UTC))
    ring = KeyRing(store)
    assert (refusal(ring, first), refusal(ring, second)) == ("api-key-expired", "api-key-expired")
    assert ring.holder(third) == key


def test_a_later_renewal_does_not_give_an_old_secret_more_time(opened):
    store = opened()
    key, first = add(store)
    store.rotate(key.id, KeptSecret(sha256_of(new_secret(key.id))), datetime.now(UTC))
    store.rotate(key.id, KeptSecret(sha256_of(new_secret(key.id))), datetime.now(UTC) + timedelta(hours=1))
    assert refusal(KeyRing(store), first) == "api-key-expired"


def test_what_another_process_changes_is_seen_by_a_ring_that_follows(opened):
    ring, elsewhere = KeyRing(opened()), opened()
    key, secret = made()

    async def follow() -> None:
        async with ring.following():
            elsewhere.add(key, KeptSecret(sha256_of(secret)))
            await reached(lambda: refusal(ring, secret) is None)
            elsewhere.revoke(key.id)
            await reached(lambda: refusal(ring, secret) == "api-key-revoked")

    assert refusal(ring, secret) == "api-key-unknown"
    anyio.run(follow)


async def reached(condition) -> None:
    with anyio.fail_after(60):
        while not condition():
            await anyio.sleep(0.05)


def test_while_the_database_is_away_the_keys_known_last_are_used(monkeypatch, opened, caplog):
    store = opened()
    key, secret = add(store)
    ring = KeyRing(store)
    asked = []

    def away() -> int:
        asked.append(1)
        if len(asked) < 3:
            raise StateUnavailableError("The database does not answer.")
        return KeyStore.revision(store)

    monkeypatch.setattr(store, "revision", away)

    async def follow() -> None:
        async with ring.following():
            await reached(lambda: len(asked) > 1)
            assert ring.holder(secret) == key
            store.revoke(key.id)
            await reached(lambda: refusal(ring, secret) == "api-key-revoked")

    anyio.run(follow)


def test_of_gateways_that_start_together_one_makes_the_first_key(opened):
    stores = [opened() for _ in range(4)]
    makers = []

    def make_for(number: int):
        def make() -> list[tuple[ApiKey, KeptSecret]]:
            makers.append(number)
            key, secret = made()
            return [(key, KeptSecret(sha256_of(secret)))]

        return make

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda number: stores[number].add_first(make_for(number)), range(4)))
    assert len(makers) == 1
    assert len(stores[0].all()[1]) == 1


WRITER = """
import sys
from pathlib import Path
from datetime import UTC, datetime
from gateway.database import open_database
from gateway.key_store import KeyStore
from gateway.keys import ApiKey, KeptSecret, new_id
store = KeyStore(open_database(Path(sys.argv[1])))
for number in range(100_000):
    key = ApiKey(new_id(), "writer", "office", frozenset(), datetime.now(UTC))
    store.add(key, KeptSecret(f"{number:064}"))
    print(key.id, flush=True)
"""


def test_a_key_that_was_shown_is_there_after_a_kill(tmp_path):
    with subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path)], stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        shown = [writer.stdout.readline().strip() for _ in range(20)]
        os.kill(writer.pid, signal.SIGKILL)
        shown += writer.stdout.read().split("\n")[:-1]
    store = KeyStore(open_database(tmp_path))
    kept = {key.id for key, _ in store.all()[1]}
    store.close()
    assert set(shown) <= kept
