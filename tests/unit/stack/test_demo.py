"""The demo's way through the main job, with a gateway that answers from memory."""

import io
import json
from contextlib import contextmanager

import httpx2
import pytest
from PIL import Image
from rich.console import Console

from examkit.errors import StartError
from stack import demo
from stack.client import Gateway
from stack.inputs import MARK_IMAGE
from stack.lock import AlreadyRunningError
from stack.screen import Screen
from stack.settings import StackSettings
from tests.unit.stack import answers


def answer(request):
    path = request.url.path
    if path == "/api/v1/classify":
        level = json.loads(request.content)["level"]
        return httpx2.Response(
            200, json=answers.classification({"subclass": answers.H04L, "subgroup": answers.H04L_9_30}[level])
        )
    if path == "/api/v1/marks/search":
        return httpx2.Response(200, json=answers.mark_search())
    if path == "/api/v1/translate":
        body = json.loads(request.content)
        model = f"translator-{body['sourceLanguage']}-{body['targetLanguage']}"
        return httpx2.Response(200, json=answers.translations(body["texts"], model))
    assert path == answers.APPLE["imageUrl"]
    return httpx2.Response(200, content=MARK_IMAGE.read_bytes())


@pytest.fixture
def output():
    return io.StringIO()


@pytest.fixture
def screen(output):
    return Screen(Console(file=output, width=100))


@pytest.fixture
def settings(tmp_path, monkeypatch):
    monkeypatch.setattr(demo, "Gateway", lambda url, key: Gateway(url, key, httpx2.MockTransport(answer)))
    (tmp_path / "api_key").write_text("exk_key\n")
    return StackSettings(home=tmp_path)


@contextmanager
def starts(layout, port, screen):
    yield


@contextmanager
def runs_already(layout, port, screen):
    raise AlreadyRunningError(layout, "http://127.0.0.1:8080")
    yield


def test_it_shows_all_three_parts_and_draws_the_sheet(settings, screen, output, monkeypatch, tmp_path):
    monkeypatch.setattr(demo, "started", starts)
    demo.demonstrate(settings, screen, tmp_path / "sheet.png")
    text = output.getvalue()
    parts = ["IPC classification", "Mark image search", "Translation", "The examiner decides."]
    places = [text.index(part) for part in parts]
    assert places == sorted(places)
    assert "translator-en-pt 1.0.0, translator-pt-en 1.0.0" in " ".join(text.split())
    with Image.open(tmp_path / "sheet.png") as sheet:
        assert sheet.format == "PNG"


def test_where_it_runs_already_it_is_shown_there(settings, screen, output, monkeypatch):
    monkeypatch.setattr(demo, "started", runs_already)
    demo.demonstrate(settings, screen, None)
    assert "already runs on this home; this is shown at http://127.0.0.1:8080" in output.getvalue()
    assert "The examiner decides." in output.getvalue()


def test_a_sheet_without_a_folder_is_refused_before_anything_starts(settings, screen, tmp_path):
    with pytest.raises(StartError, match="folder for the contact sheet does not exist"):
        demo.demonstrate(settings, screen, tmp_path / "absent" / "sheet.png")
