"""What is done before a start, and what is left alone."""

import subprocess
import sys

import pytest

from examkit.artifact import Manifest, write_manifest
from examkit.errors import StartError
from stack import preparation
from stack.layout import Layout
from stack.preparation import are_installed, prepare, released_versions, write_fresh_token


@pytest.fixture
def layout(tmp_path):
    layout = Layout(tmp_path)
    layout.create()
    return layout


class Commands:
    """Stands in for the commands that install and import: notes them, and ends as the test says."""

    def __init__(self) -> None:
        self.modules: list[str] = []
        self.environments: list[dict[str, str]] = []
        self.status = 0

    def run(self, command, *, env, **_):
        assert command[:2] == (sys.executable, "-m")
        self.modules.append(command[2])
        self.environments.append(env)
        return subprocess.CompletedProcess(command, self.status)


@pytest.fixture
def commands(monkeypatch):
    commands = Commands()
    monkeypatch.setattr(subprocess, "run", commands.run)
    return commands


def install_all(layout, version=None):
    for name, released in released_versions(preparation._REGISTRY).items():
        folder = layout.artifacts / name
        folder.mkdir()
        write_manifest(folder, Manifest(name, version or released, "f", 1, "CC0", "a test", {}, {}))


def silence(_):
    pass


def test_a_new_home_is_filled_and_asks_with_the_operators_environment(layout, commands):
    said: list[str] = []
    prepare(layout, {"HTTPS_PROXY": "http://proxy:3128"}, said.append)
    assert commands.modules == ["models", "services.image_search.build"]
    assert commands.environments[0]["HTTPS_PROXY"] == "http://proxy:3128"
    assert commands.environments[1]["IMAGE_SEARCH_DATA_DIR"] == str(layout.marks)
    assert len(said) == 2


def test_a_filled_home_is_left_alone(layout, commands):
    install_all(layout)
    layout.mark_register.touch()
    prepare(layout, {}, silence)
    assert commands.modules == []


def test_another_release_of_an_artifact_is_for_the_installer_to_judge(layout):
    install_all(layout, version="0.0.1")
    assert not are_installed(layout, released_versions(preparation._REGISTRY))


def test_an_import_cut_short_is_done_again(layout, commands):
    install_all(layout)
    commands.status = 1
    with pytest.raises(StartError, match="demo marks could not be imported"):
        prepare(layout, {}, silence)
    layout.mark_register.touch()  # as far as it had come
    commands.status = 0
    prepare(layout, {}, silence)
    prepare(layout, {}, silence)
    assert commands.modules == ["services.image_search.build"] * 2


def test_a_failed_install_is_one_sentence(layout, commands):
    commands.status = 1
    with pytest.raises(StartError, match=r"^The models and data could not be installed\.$"):
        prepare(layout, {}, silence)


def test_the_token_is_fresh_and_private(layout):
    write_fresh_token(layout)
    first = layout.service_token.read_text()
    write_fresh_token(layout)
    assert layout.service_token.read_text() != first
    assert layout.service_token.stat().st_mode & 0o777 == 0o600
