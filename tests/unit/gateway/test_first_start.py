"""Does the first start leave one usable key, take over those of an earlier release, and say what stops it?"""

import hashlib
import json

import pytest

from examkit.errors import StartError
from gateway.database import open_database
from gateway.first_start import make_first_keys
from gateway.key_ring import KeyRing
from gateway.key_store import KeyStore
from gateway.routes import Scope


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "gateway"


@pytest.fixture
def file(tmp_path):
    return tmp_path / "api_key"


@pytest.fixture
def store(folder):
    opened = KeyStore(open_database(folder))
    yield opened
    opened.close()


def test_the_first_key_has_every_scope_and_stays(store, folder, file):
    make_first_keys(store, folder, file)
    secret = file.read_text().strip()
    key = KeyRing(store).holder(secret)
    assert key.scopes == set(Scope)
    assert secret.startswith(key.id)
    make_first_keys(store, folder, file)
    assert file.read_text().strip() == secret
    assert KeyRing(store).holder(secret) == key


def test_neither_file_can_be_read_by_others_nor_holds_the_database_the_key(store, folder, file):
    make_first_keys(store, folder, file)
    database = folder / "gateway.sqlite"
    assert {path.stat().st_mode & 0o777 for path in (file, database)} == {0o600}
    assert folder.stat().st_mode & 0o777 == 0o700
    secret = file.read_text().strip().encode()
    assert not any(secret in path.read_bytes() for path in folder.iterdir())


def test_a_start_that_ended_before_the_key_was_kept_makes_another(store, folder, file):
    file.write_text("exk_of_a_start_that_was_killed\n")
    make_first_keys(store, folder, file)
    assert KeyRing(store).holder(file.read_text().strip()).scopes == set(Scope)


def earlier(folder, entries: object) -> None:
    folder.mkdir(exist_ok=True)
    (folder / "keys.json").write_text(entries if isinstance(entries, str) else json.dumps(entries))


def test_keys_of_an_earlier_release_are_taken_over_once(store, folder, file):
    secret = "exk_AbCd-_12-of-an-earlier-release"
    sha256 = hashlib.sha256(secret.encode()).hexdigest()
    earlier(folder, [{"id": "exk_AbCd-_12", "sha256": sha256, "scopes": ["classify", "marks:read"]}])
    make_first_keys(store, folder, file)
    key = KeyRing(store).holder(secret)
    assert (key.id, set(key.scopes)) == ("exk_AbCd-_12", {Scope.CLASSIFY, Scope.MARKS_READ})
    assert not file.exists()
    store.revoke(key.id)
    make_first_keys(store, folder, file)
    assert [kept.revoked_at is None for kept, _ in store.all()[1]] == [False]
    assert [path.name for path in folder.glob("keys.json*")] == ["keys.json.taken-over"]


@pytest.mark.parametrize(
    "text", ["{", "[1]", '[{"id": "a"}]', '[{"id": "a", "sha256": "b", "scopes": ["all"]}]', '[{"id": 1, "scopes": 2}]']
)
def test_a_damaged_file_stops_the_start(store, folder, file, text):
    earlier(folder, text)
    with pytest.raises(StartError, match="is damaged"):
        make_first_keys(store, folder, file)
    assert store.all()[1] == []


def test_a_file_that_cannot_be_written_stops_the_start(store, folder, tmp_path):
    (tmp_path / "blocked").write_text("a file where a folder should be")
    with pytest.raises(StartError, match="first API key cannot be kept"):
        make_first_keys(store, folder, tmp_path / "blocked" / "api_key")
    assert store.all()[1] == []
