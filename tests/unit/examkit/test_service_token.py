"""Is the service token private, kept, and refused when unusable?"""

import pytest

from examkit.errors import StartError
from examkit.service_token import read_service_token, write_service_token


def test_a_token_is_private_long_and_kept(tmp_path):
    file = tmp_path / "run" / "token"
    write_service_token(file)
    token = read_service_token(file)
    assert len(token) >= 32
    assert file.stat().st_mode & 0o777 == 0o600
    write_service_token(file)
    assert read_service_token(file) == token


def test_a_write_that_was_killed_halfway_leaves_no_token_and_the_next_makes_one(tmp_path, monkeypatch):
    file = tmp_path / "token"

    def killed(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr("os.fsync", killed)
        write_service_token(file)
    assert not file.exists()
    write_service_token(file)
    assert len(read_service_token(file)) >= 32


def test_two_tokens_differ(tmp_path):
    write_service_token(tmp_path / "a")
    write_service_token(tmp_path / "b")
    assert read_service_token(tmp_path / "a") != read_service_token(tmp_path / "b")


def test_a_missing_or_short_token_stops_the_start(tmp_path):
    with pytest.raises(StartError, match="cannot be read"):
        read_service_token(tmp_path / "none")
    (tmp_path / "short").write_text("abc")
    with pytest.raises(StartError, match="shorter than"):
        read_service_token(tmp_path / "short")
