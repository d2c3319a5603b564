"""Serving in the foreground: what is announced, and how it ends."""

import io
from contextlib import contextmanager

import pytest
from rich.console import Console

from stack import serve
from stack.screen import Screen
from stack.settings import StackSettings


class InterruptedWatch:
    """Tells of one crash, then is interrupted as by Ctrl-C."""

    def watch(self, say):
        say("translate stopped unexpectedly (signal 9); restarted, ready again in 1.2 s")
        raise KeyboardInterrupt


@contextmanager
def starts(layout, port, screen):
    layout.api_key.write_text("exk_secret\n")
    yield InterruptedWatch()


@pytest.fixture
def served(tmp_path, monkeypatch):
    def run() -> str:
        output = io.StringIO()
        monkeypatch.setattr(serve, "started", starts)
        serve.serve(StackSettings(home=tmp_path, port=8080), Screen(Console(file=output, width=40)))
        return output.getvalue()

    return run


def test_it_tells_where_it_answers_what_happens_and_that_it_stops(served, tmp_path):
    lines = served().splitlines()
    assert lines[0] == f"Examkit is ready on http://127.0.0.1:8080 - API key in {tmp_path / 'api_key'}"
    assert "translate stopped unexpectedly (signal 9); restarted, ready again in 1.2 s" in lines
    assert lines[-2:] == ["Stopping: the gateway first, then the services", "Stopped"]


def test_where_the_gateway_has_keys_already_it_tells_how_to_make_another(tmp_path, monkeypatch):
    @contextmanager
    def starts_without_a_key(layout, port, screen):
        yield InterruptedWatch()

    output = io.StringIO()
    monkeypatch.setattr(serve, "started", starts_without_a_key)
    serve.serve(StackSettings(home=tmp_path, port=8080), Screen(Console(file=output, width=40)))
    assert output.getvalue().splitlines()[:2] == [
        "Examkit is ready on http://127.0.0.1:8080",
        f"There is no API key in {tmp_path / 'api_key'}: the gateway has keys already. Make another with "
        "`python -m gateway keys create NAME --scope classify --scope translate --scope marks:read`.",
    ]


def test_the_key_is_shown_at_the_first_start_only(served):
    assert "exk_secret" in served()
    assert "exk_secret" not in served()
