"""What goes wrong is said in words, and the document stays as it was."""

import json
import threading
from collections.abc import Iterator

import pytest

from stack.ports import free_ports
from tests.e2e.conftest import Deployment
from tests.libreoffice.conftest import set_gateway
from tests.libreoffice.documents import flat, paragraph
from tests.libreoffice.writer import Writer
from tests.told_server import Answer, answered, told_server

pytestmark = pytest.mark.e2e

PARAGRAPHS = ["The pump is red.", "The lamp is red."]
CASE = flat("".join(paragraph(text) for text in PARAGRAPHS))
DIALOG = "Examkit: translate"


class Waiting:
    """What a gateway answers that waits until it is told to, and then translates into capitals."""

    def __init__(self) -> None:
        self.arrived, self.may_answer = threading.Event(), threading.Event()

    def __call__(self, method: str, path: str, body: bytes) -> Answer:
        self.arrived.set()
        self.may_answer.wait(60)
        texts = json.loads(body)["texts"]
        return answered({"translations": [{"text": text.upper(), "sourceLanguage": "en"} for text in texts]})


@pytest.fixture
def slow(writer: Writer, deployment: Deployment) -> Iterator[Waiting]:
    """A slow gateway in place of the real one."""
    with told_server() as server:
        server.answer = waiting = Waiting()
        set_gateway(writer, server.url, "exk_any")
        yield waiting
        waiting.may_answer.set()
        writer.do("dismiss")
    set_gateway(writer, deployment.url, deployment.api_key)


def start_translation(writer: Writer) -> None:
    writer.open("case.fodt", CASE)
    writer.do("choose", "translate")
    writer.do("type", DIALOG, "Translate from", "en")
    writer.do("press", DIALOG, "In place of the text")
    writer.do("press", DIALOG, "Translate")
    writer.do("wait_until_gone", DIALOG)


def assert_unchanged(writer: Writer) -> None:
    assert writer.do("paragraphs") == PARAGRAPHS
    assert writer.do("count_steps") == 0


def test_the_window_stays_free_and_what_was_changed_meanwhile_is_left(writer: Writer, slow: Waiting):
    start_translation(writer)
    assert slow.arrived.wait(60)
    assert "Asking the gateway …" in writer.do("read", "Examkit")
    writer.do("write", " And green.")
    slow.may_answer.set()
    writer.do("wait_until_said", "Examkit", "and so left as they are: 1")
    writer.do("dismiss")
    assert writer.do("paragraphs") == ["THE PUMP IS RED.", "The lamp is red. And green."]


def test_a_call_is_cancelled(writer: Writer, slow: Waiting):
    start_translation(writer)
    assert slow.arrived.wait(60)
    writer.do("press", "Examkit", "Cancel")
    writer.do("wait_until_gone", "Examkit")
    slow.may_answer.set()
    assert_unchanged(writer)


def test_a_document_that_is_closed_meanwhile_is_no_trouble(writer: Writer, slow: Waiting):
    start_translation(writer)
    assert slow.arrived.wait(60)
    writer.open("empty.txt", "Another document.")
    slow.may_answer.set()
    writer.do("wait_until_gone", "Examkit")
    assert writer.do("paragraphs") == ["Another document."]


def test_a_gateway_that_is_away_is_told_of(writer: Writer, deployment: Deployment):
    (port,) = free_ports(1)
    set_gateway(writer, f"http://127.0.0.1:{port}", "exk_any")
    start_translation(writer)
    (message, _) = writer.do("wait_until_said", "Examkit", "cannot be reached")
    assert f"http://127.0.0.1:{port}" in message
    writer.do("dismiss")
    assert_unchanged(writer)
    set_gateway(writer, deployment.url, deployment.api_key)


def test_a_wrong_key_is_told_of_with_the_number_for_the_operator(writer: Writer, deployment: Deployment):
    set_gateway(writer, deployment.url, "exk_wrong")
    writer.open("case.fodt", CASE)
    writer.do("choose", "classify")
    (message, _) = writer.do("wait_until_said", "Examkit", "does not accept your key")
    assert "Number for the operator: " in message
    writer.do("dismiss")
    assert_unchanged(writer)
    set_gateway(writer, deployment.url, deployment.api_key)


@pytest.mark.parametrize("command", ["classify", "translate"])
def test_without_text_it_says_so(writer: Writer, command):
    writer.open("case.fodt", flat(paragraph("12 / 34")))
    writer.do("choose", command)
    writer.do("wait_until_said", "Examkit", "There is no text here.")


def test_a_text_that_says_too_little_is_told_of(writer: Writer):
    writer.open("case.fodt", flat(paragraph("Thing")))
    writer.do("choose", "classify")
    writer.do("wait_until_said", "Examkit", "The text is too short.")


def test_a_document_for_reading_only_stays_as_it_is(writer: Writer):
    writer.open("case.fodt", CASE, ReadOnly=True)
    writer.do("choose", "classify")
    writer.do("press", "Examkit: IPC symbols", "Insert")
    writer.do("wait_until_said", "Examkit", "The document is open for reading only.")
    writer.do("dismiss")
    assert_unchanged(writer)
