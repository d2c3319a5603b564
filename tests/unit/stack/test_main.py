"""The command's exit status and what it says when it ends early."""

import sys

import pytest

from examkit.errors import StartError
from stack import __main__ as command
from stack.client import CallError


def raising(error):
    def run(*_):
        raise error

    return run


@pytest.fixture
def run(monkeypatch):
    def run(name, replacement):
        monkeypatch.setattr(sys, "argv", ["stack", name])
        monkeypatch.setattr(command, {"up": "serve", "demo": "demonstrate"}[name], replacement)
        return command.main()

    return run


@pytest.mark.parametrize("name", ["up", "demo"])
def test_a_good_end_is_0(run, name):
    assert run(name, lambda *_: None) == 0


@pytest.mark.parametrize("error", [StartError("It is full."), CallError("It is full.")])
def test_a_known_failure_is_1_and_its_sentence(run, capsys, error):
    assert run("demo", raising(error)) == 1
    assert capsys.readouterr().err == "It is full.\n"


def test_an_interruption_while_starting_is_130(run, capsys):
    assert run("up", raising(KeyboardInterrupt())) == 130
    assert "everything that was started is stopped" in capsys.readouterr().out


def test_an_unusable_setting_is_1(run, capsys, monkeypatch):
    monkeypatch.setenv("EXAMKIT_PORT", "eighty")
    assert run("up", lambda *_: None) == 1
    assert capsys.readouterr().err.startswith("EXAMKIT_PORT cannot be used: ")
