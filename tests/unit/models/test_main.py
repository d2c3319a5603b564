"""The command speaks to a person: tables, one sentence when something is wrong, and an exit status for scripts."""

import hashlib
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from examkit.artifact import read_manifest
from models.__main__ import app
from models.settings import default_artifacts_dir
from tests.unit.models.forge import make_artifact, zip_folder


@pytest.fixture
def home(tmp_path, monkeypatch):
    """The state folder of this test's installation."""
    monkeypatch.setenv("EXAMKIT_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COLUMNS", "80")
    return tmp_path / "home"


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def bring(tmp_path: Path, name: str = "ipc-scheme", version: str = "2026.01") -> Result:
    return run("install", "--from", make_artifact(tmp_path / f"{name}-folder", name, version, "ipc-scheme"))


def row(output: str, name: str) -> list[str]:
    return next(line.split() for line in output.splitlines() if line.strip().startswith(f"{name} "))


def test_list_shows_what_there_is_within_the_width_of_a_terminal(home):
    result = run("list")
    assert result.exit_code == 0
    assert row(result.stdout, "translator-en-pt")[1:4] == ["2.0.0", "MPL-2.0", "35"]
    assert row(result.stdout, "demo-register")[-2:] == ["no", "yes"]
    assert "…" not in result.stdout
    assert max(len(line) for line in result.stdout.splitlines()) <= 80


def test_list_shows_what_an_office_brought_and_what_is_damaged(home, tmp_path):
    bring(tmp_path)
    bring(tmp_path, "office-scheme", "1.0")
    bring(tmp_path, "other-scheme", "1.0")
    for name in ("other-scheme", "ipc-scheme"):
        assert row(run("list").stdout, name)[-2] != "damaged"
        (home / "artifacts" / name / "manifest.json").write_text("{")
        assert row(run("list").stdout, name)[-2] == "damaged"
    assert row(run("list").stdout, "office-scheme")[-3:] == ["brought", "yes", "no"]


def test_install_goes_where_the_environment_or_the_option_says(home, tmp_path):
    result = bring(tmp_path)
    assert (result.exit_code, result.stdout) == (0, "ipc-scheme 2026.01 is installed.\n")
    assert read_manifest(home / "artifacts" / "ipc-scheme").version == "2026.01"
    result = run("install", "--artifacts", tmp_path / "there", "--from", tmp_path / "ipc-scheme-folder")
    assert result.exit_code == 0
    assert (tmp_path / "there" / "ipc-scheme").is_dir()


def test_without_an_environment_the_state_stands_in_the_checkout(tmp_path, monkeypatch):
    monkeypatch.delenv("EXAMKIT_HOME", raising=False)
    monkeypatch.chdir(tmp_path)
    assert default_artifacts_dir() == Path(__file__).resolve().parents[3] / ".examkit" / "artifacts"


@pytest.fixture
def web(tmp_path, monkeypatch):
    """A plain file server on loopback; gives its address."""
    (tmp_path / "web").mkdir()
    monkeypatch.setattr(SimpleHTTPRequestHandler, "log_message", lambda *_: None)
    handler = partial(SimpleHTTPRequestHandler, directory=str(tmp_path / "web"))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_an_artifact_is_installed_from_a_url(home, tmp_path, web):
    zip_folder(make_artifact(tmp_path / "made", "ipc-scheme", "2026.01", "ipc-scheme"), tmp_path / "web" / "s.zip")
    result = run("install", "ipc-scheme", "--from", f"{web}/s.zip")
    assert (result.exit_code, result.stdout) == (0, "ipc-scheme 2026.01 is installed.\n")
    assert list((home / "artifacts" / ".store").glob("downloads")) == []


def test_a_full_disk_is_one_sentence(home, tmp_path, web):
    zip_folder(make_artifact(tmp_path / "made"), tmp_path / "web" / "s.zip")
    downloads = home / "artifacts" / ".store" / "downloads"
    downloads.mkdir(parents=True)
    part = f"{hashlib.sha256(f'{web}/s.zip'.encode()).hexdigest()[:16]}.part"
    (downloads / part).symlink_to("/dev/full")
    result = run("install", "--from", f"{web}/s.zip")
    assert (result.exit_code, result.stderr) == (1, "The disk is full; make room and run the command again.\n")


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path):
    (tmp_path / "file").write_text("")
    make_artifact(tmp_path / "made", "ipc-scheme", "1", "ipc-scheme")
    result = run("install", "--artifacts", tmp_path / "file", "--from", tmp_path / "made")
    assert result.exit_code == 1
    assert result.stderr.endswith(f"Not a directory: '{tmp_path}/file/.store'.\n")
    assert result.stderr.count("\n") == 1


def test_what_is_installed_already_is_said_so(home, tmp_path):
    bring(tmp_path)
    (tmp_path / "mirror").mkdir()
    folder = make_artifact(tmp_path / "mirror" / "ipc-scheme", "ipc-scheme", "2020.01", "ipc-scheme")
    assert run("install", "ipc-scheme", "--from", folder.parent).stdout == "ipc-scheme 2020.01 is installed.\n"
    result = run("install", "ipc-scheme", "--from", folder.parent)
    assert (result.exit_code, result.stdout) == (0, "Everything asked for is installed and intact.\n")


def test_verify_counts_the_files_and_finds_a_flipped_byte(home, tmp_path):
    bring(tmp_path)
    result = run("verify")
    assert (result.exit_code, result.stdout) == (0, "ipc-scheme 2026.01 is what was released (2 files).\n")
    (home / "artifacts" / "ipc-scheme" / "lists" / "words.txt").write_text("damaged")
    result = run("verify", "ipc-scheme")
    assert result.exit_code == 1
    assert "words.txt is not the file that was released (SHA-256 differs)." in result.stderr


def test_verify_goes_on_after_a_failure(home, tmp_path):
    bring(tmp_path)
    result = run("verify", "absent", "ipc-scheme")
    assert result.exit_code == 1
    assert result.stderr == f"absent is not installed in {home}/artifacts.\n"
    assert "ipc-scheme 2026.01 is what was released" in result.stdout


def test_verify_fails_where_nothing_is_installed(home):
    result = run("verify")
    assert (result.exit_code, result.stderr) == (1, "No artifact is installed.\n")


def test_the_installed_card_is_shown_before_the_released_one(home, tmp_path):
    bring(tmp_path)
    result = run("card", "ipc-scheme")
    assert result.exit_code == 0
    assert "The card of ipc-scheme" in result.stdout
    assert "translator-en-pt" in run("card", "translator-en-pt").stdout


@pytest.mark.parametrize("command", [("card", "nothing"), ("install", "nothing"), ("install", "--from", "/nowhere")])
def test_what_does_not_exist_is_one_sentence(home, command):
    result = run(*command)
    assert result.exit_code == 1
    assert result.stderr.count("\n") == 1
    assert "Traceback" not in result.stderr
