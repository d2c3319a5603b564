"""Who is let in, who is refused at once, and what a body must do to be worked on."""

import time
from collections.abc import Sequence
from typing import Any

import anyio
import pytest
from prometheus_client import CollectorRegistry, generate_latest
from starlette.types import Message, Receive, Scope, Send

from examkit.errors import NotReadyError, OverloadedError
from gateway import admission as module
from gateway.admission import Admission, Admitted


def scope(path: str = "/api/v1/classify", **headers: str) -> Scope:
    pairs = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return {"type": "http", "path": path, "headers": pairs, "state": {"correlation_id": "c"}}


class Application:
    """Reads a body and answers."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body, more = b"", bool(scope["headers"])
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        self.bodies.append(body)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})


def ask(app: Admitted, asked: Scope, pieces: Sequence[bytes] = ()) -> list[Message]:
    """Ask; after the pieces nothing more arrives."""
    messages: list[Message] = [{"type": "http.request", "body": piece, "more_body": True} for piece in pieces]
    sent: list[Message] = []

    async def receive() -> Message:
        if not messages:
            await anyio.sleep_forever()
        message = messages.pop(0)
        return message if message["body"] else {**message, "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    anyio.run(app, asked, receive, send)
    return sent


def headers_of(sent: Sequence[Message]) -> dict[bytes, bytes]:
    return dict(sent[0]["headers"])


def test_a_whole_body_is_handed_on_as_it_came():
    application = Application()
    pieces = [b"a" * 40_000, b"b" * 40_000, b"c" * 40_000, b""]
    ask(Admitted(application, Admission()), scope(content_length="120000"), pieces)
    ask(Admitted(application, Admission()), scope(transfer_encoding="chunked"), pieces)
    assert application.bodies == [b"".join(pieces)] * 2


def test_a_request_without_a_body_is_not_waited_for():
    application = Application()
    assert ask(Admitted(application, Admission()), scope())[0]["status"] == 200


def test_one_more_than_there_may_be_is_refused_and_later_taken():
    admission = Admission()
    admission.running = 256
    app = Admitted(Application(), admission)
    sent = ask(app, scope())
    assert (sent[0]["status"], headers_of(sent)[b"retry-after"]) == (503, b"1")
    admission.running = 255
    assert ask(app, scope())[0]["status"] == 200
    assert admission.running == 255


def test_probes_are_always_answered():
    admission = Admission()
    admission.running = 256
    admission.is_draining = True
    assert ask(Admitted(Application(), admission), scope("/readyz"))[0]["status"] == 200


def test_a_stopping_gateway_refuses_and_closes_the_connection():
    admission = Admission()
    admission.is_draining = True
    sent = ask(Admitted(Application(), admission), scope())
    assert (sent[0]["status"], headers_of(sent)[b"connection"]) == (503, b"close")
    assert b'"stopping"' in sent[1]["body"]
    with pytest.raises(NotReadyError), admission.one():
        pass


def test_a_body_that_stops_takes_no_place_and_is_refused(monkeypatch):
    monkeypatch.setattr(module, "_ARRIVAL_SECONDS", 0.05)
    admission, application = Admission(), Application()
    admission.running = 255
    sent = ask(Admitted(application, admission), scope(content_length="9"), [b"a"])
    assert (sent[0]["status"], headers_of(sent)[b"connection"]) == (408, b"close")
    assert application.bodies == []
    assert (admission.running, admission.arriving_bytes) == (255, 0)


def test_bodies_that_arrive_are_bounded_all_together():
    admission = Admission()
    with admission.arriving(64 * 1024**2 - 10):
        assert ask(Admitted(Application(), admission), scope(content_length="11"), [b"x" * 11, b""])[0]["status"] == 503
        with pytest.raises(OverloadedError), admission.arriving(11):
            pass
    assert admission.arriving_bytes == 0


def test_a_place_is_given_back_whatever_happens():
    async def failing(scope: Scope, receive: Receive, send: Send) -> None:
        raise ValueError

    admission = Admission()
    with pytest.raises(ValueError):
        ask(Admitted(failing, admission), scope())
    assert admission.running == 0


def test_few_requests_are_never_too_many_and_many_only_when_late(monkeypatch):
    now = 100.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    admission = Admission()
    now += 1
    admission.running = 23
    assert not admission.is_overloaded
    admission.running = 24
    assert admission.is_overloaded
    now -= 1
    assert not admission.is_overloaded
    admission.running = 256
    assert admission.is_overloaded


def test_requests_count_from_their_heads_on():
    admission = Admission()
    state: dict[str, Any] = {}
    admission.running = 255
    admission.enter(state)
    assert admission.is_overloaded
    admission.begin(state)
    admission.begin(state)
    assert admission.entering == 0


def test_what_was_shed_is_told():
    async def run(admission: Admission) -> None:
        async with anyio.create_task_group() as group:
            group.start_soon(admission.keep_time)
            while b"examkit_shed_requests_total 2.0" not in generate_latest(registry):
                await anyio.sleep(0.01)
            group.cancel_scope.cancel()

    registry = CollectorRegistry()
    admission = Admission()
    admission.tell(registry)
    admission.shed()
    admission.shed()
    anyio.run(run, admission)
    assert b"examkit_running_requests 0.0" in generate_latest(registry)
