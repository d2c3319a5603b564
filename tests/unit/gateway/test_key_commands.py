"""Do the commands make, show, renew and withdraw keys, show each secret once, and fail in one sentence?"""

import pytest
from typer.testing import CliRunner

from examkit.errors import UnauthorizedError
from gateway.__main__ import app
from gateway.allowances import Allowance
from gateway.database import open_database
from gateway.key_ring import KeyRing
from gateway.key_store import KeyStore
from gateway.keys import ApiKey
from gateway.routes import Scope


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("EXAMKIT_HOME", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "200")
    return tmp_path / "gateway"


def run(*arguments: str, fails: bool = False):
    result = CliRunner().invoke(app, ["keys", *arguments])
    assert result.exit_code == fails, result.output
    return result


def holder(folder, secret: str) -> ApiKey:
    store = KeyStore(open_database(folder))
    try:
        return KeyRing(store).holder(secret)
    finally:
        store.close()


def test_a_key_is_made_as_asked_and_stands_alone_on_standard_output(folder):
    limits = ("--requests-per-minute", "5", "--characters-per-day", "1000", "--images-per-day", "0")
    scopes = ("--scope", "classify", "--scope", "marks:read")
    result = run("create", "Marks desk", *scopes, "--tenant", "marks", "--days", "30", *limits)
    key = holder(folder, result.stdout.strip())
    assert (key.name, key.tenant, set(key.scopes)) == ("Marks desk", "marks", {Scope.CLASSIFY, Scope.MARKS_READ})
    assert key.allowance == Allowance(5, 1000, 0)
    assert key.expires_at is not None
    assert (key.expires_at - key.created_at).days == 30
    assert "only time" in result.stderr


def test_lists_show_what_is_known_and_never_a_secret(folder):
    secret = run("create", "Desk", "--scope", "admin", "--certificate", "0F" * 32).stdout.strip()
    key_id = holder(folder, secret).id
    for shown in (run("list").output, run("show", key_id).output):
        assert key_id in shown
        assert "Desk" in shown
        assert "valid" in shown
        assert secret[len(key_id) :] not in shown
    assert "0f" * 32 in run("show", key_id).output


def test_a_renewed_key_has_two_secrets_and_a_revoked_one_none(folder):
    first = run("create", "Desk", "--scope", "classify").stdout.strip()
    key_id = holder(folder, first).id
    second = run("rotate", key_id, "--grace-hours", "1").stdout.strip()
    assert holder(folder, first) == holder(folder, second)
    third = run("rotate", key_id, "--grace-hours", "0").stdout.strip()
    with pytest.raises(UnauthorizedError, match="expired"):
        holder(folder, second)
    assert holder(folder, third).id == key_id
    run("revoke", key_id)
    with pytest.raises(UnauthorizedError, match="revoked"):
        holder(folder, third)
    assert "revoked" in run("list").output


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("show", "exk_nobody"), "There is no key exk_nobody."),
        (("rotate", "exk_nobody"), "There is no key exk_nobody."),
        (("revoke", "exk_nobody"), "There is no key exk_nobody."),
        (("create", "", "--scope", "classify"), "printable characters"),
        (("create", "Desk", "--scope", "classify", "--tenant", "../marks"), "small letters, digits and hyphens"),
        (("create", "Desk", "--scope", "classify", "--certificate", "12"), "64 hexadecimal digits"),
    ],
)
def test_what_cannot_be_done_is_told_in_a_sentence(folder, arguments, sentence):
    result = run(*arguments, fails=True)
    assert sentence in result.stderr
    assert result.stdout == ""


def test_a_state_that_cannot_be_opened_is_told_in_a_sentence(folder, monkeypatch):
    monkeypatch.setenv("GATEWAY_DATABASE_URL", "mysql://secret-word@db/keys")
    result = run("list", fails=True)
    assert "must begin with postgresql://" in result.stderr
    assert "secret-word" not in result.output
