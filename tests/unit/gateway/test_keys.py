"""Is a key made once, kept as a hash, found again, and a damaged file told of in one sentence?"""

import json

import pytest

from examkit.errors import StartError
from gateway.keys import open_keys
from gateway.routes import Scope


@pytest.fixture
def paths(tmp_path):
    return tmp_path / "gateway", tmp_path / "api_key"


def test_the_first_key_has_every_scope_and_is_found_again(paths):
    folder, file = paths
    open_keys(folder, file)
    secret = file.read_text().strip()
    key = open_keys(folder, file).find(secret)
    assert key is not None
    assert set(key.scopes) == set(Scope)
    assert secret.startswith(key.id)
    assert open_keys(folder, file).find(secret + "x") is None


def test_neither_file_can_be_read_by_others(paths):
    folder, file = paths
    open_keys(folder, file)
    assert {path.stat().st_mode & 0o777 for path in (file, folder / "keys.json")} == {0o600}


def test_a_start_that_ended_between_the_two_files_makes_another_pair(paths):
    folder, file = paths
    open_keys(folder, file)
    (folder / "keys.json").unlink()
    assert open_keys(folder, file).find(file.read_text().strip()) is not None


@pytest.mark.parametrize(
    "text", ["", "{", "[1]", '[{"id": "a"}]', json.dumps([{"id": 1, "sha256": 2, "scopes": None}])]
)
def test_a_damaged_file_stops_the_start(paths, text):
    folder, file = paths
    folder.mkdir()
    (folder / "keys.json").write_text(text)
    with pytest.raises(StartError, match="is damaged"):
        open_keys(folder, file)


def test_a_file_that_cannot_be_written_stops_the_start(paths, tmp_path):
    (tmp_path / "blocked").write_text("a file where a folder should be")
    with pytest.raises(StartError, match="cannot be opened"):
        open_keys(tmp_path / "blocked" / "gateway", tmp_path / "blocked" / "api_key")
