"""What the environment says, and what of it goes on."""

import pytest

from examkit.errors import StartError
from stack.settings import deployable_environment, read_settings


def test_defaults_are_a_folder_in_the_checkout_and_port_8080(monkeypatch):
    monkeypatch.delenv("EXAMKIT_HOME", raising=False)
    monkeypatch.delenv("EXAMKIT_PORT", raising=False)
    settings = read_settings()
    assert settings.port == 8080
    assert settings.home.name == ".examkit"
    assert (settings.home.parent / "stack" / "settings.py").exists()


@pytest.mark.parametrize("port", ["eighty", "0", "65536", ""])
def test_an_unusable_port_is_one_sentence_with_its_variable(monkeypatch, port):
    monkeypatch.setenv("EXAMKIT_PORT", port)
    with pytest.raises(StartError, match=r"^EXAMKIT_PORT cannot be used: [^\n]+$"):
        read_settings()


def test_deployables_get_essentials_and_their_own_settings_only(monkeypatch):
    monkeypatch.setenv("CLASSIFY_LOG_LEVEL", "debug")
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy:3128")
    monkeypatch.setenv("SOME_SECRET", "x")
    environment = deployable_environment()
    assert environment["CLASSIFY_LOG_LEVEL"] == "debug"
    assert environment["OMP_NUM_THREADS"] == "1"
    assert "PATH" in environment
    assert not {"HTTPS_PROXY", "SOME_SECRET"} & environment.keys()
