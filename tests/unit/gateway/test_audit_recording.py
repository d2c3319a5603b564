"""What goes out before its record is on the disk, and what does not."""

import anyio
import pytest
from starlette.types import Message, Receive, Scope, Send

from examkit.web.observe import Exchange
from gateway.audit.entry import Entry
from gateway.audit.recording import Recording, is_change
from gateway.audit.store import AuditUnavailableError
from gateway.audit.trail import AuditTrail

LONG = b"x" * 100_000


class Trail(AuditTrail):
    """Notes what was sent to the client by the time an entry is taken in."""

    def __init__(self, sent: list[Message]) -> None:
        super().__init__(self)
        self.sent = sent
        self.entries: list[tuple[Entry, int, bool]] = []
        self.trouble: AuditUnavailableError | None = None

    def append(self, _) -> None:
        raise AssertionError("nothing is written in this test")

    def close(self) -> None:
        raise AssertionError("nothing is closed in this test")

    def add(self, entry: Entry) -> None:
        self.entries.append((entry, len(self.sent), False))

    async def add_and_wait(self, entry: Entry) -> None:
        self.entries.append((entry, len(self.sent), True))
        if self.trouble is not None:
            raise self.trouble


def answering(*bodies: bytes, status: int = 200):
    async def app(_: Scope, __: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": status, "headers": []})
        for number, body in enumerate(bodies, start=1):
            await send({"type": "http.response.body", "body": body, "more_body": number < len(bodies)})

    return app


def serve(app, method: str = "PUT", path: str = "/api/v1/marks/M-1", trouble=None) -> tuple[list[Message], Trail]:
    sent: list[Message] = []
    trail = Trail(sent)
    trail.trouble = trouble
    state = {"correlation_id": "c-1", "exchange": Exchange()}
    scope = {"type": "http", "method": method, "path": path, "headers": [], "state": state}

    async def receive() -> Message:
        raise AssertionError("nobody reads")

    async def send(message: Message) -> None:
        sent.append(message)

    anyio.run(Recording(app, trail), scope, receive, send)
    return sent, trail


def test_of_a_change_nothing_goes_out_before_it_is_recorded():
    sent, trail = serve(answering(b"a", b"b"))
    ((entry, out, is_waited_for),) = trail.entries
    assert (out, is_waited_for, entry.is_complete) == (0, True, True)
    assert (entry.response_bytes, len(sent)) == (2, 3)


def test_of_a_long_answer_to_a_change_the_end_waits():
    sent, trail = serve(answering(LONG, b"b", b""))
    ((entry, out, is_waited_for),) = trail.entries
    assert (out, is_waited_for, entry.response_bytes) == (3, True, 100_001)
    assert [message.get("more_body") for message in sent] == [None, True, True, False]


def test_a_change_that_is_not_recorded_is_not_acknowledged():
    sent, _ = serve(answering(b"done"), trouble=AuditUnavailableError("away", retry_after_seconds=5))
    assert (sent[0]["status"], b"audit-unavailable" in sent[1]["body"]) == (503, True)
    with pytest.raises(AuditUnavailableError):
        serve(answering(LONG, b"b", b""), trouble=AuditUnavailableError("away"))


def test_a_refused_change_acknowledges_nothing_and_waits_for_nothing():
    sent, trail = serve(answering(b"no", status=422))
    assert [(out, is_waited_for) for _, out, is_waited_for in trail.entries] == [(0, False)]
    assert [message.get("status") for message in sent] == [422, None]


def test_a_reading_goes_out_as_it_comes():
    sent, trail = serve(answering(b"a", b"b"), method="GET")
    assert [(out, is_waited_for) for _, out, is_waited_for in trail.entries] == [(3, False)]
    assert len(sent) == 3


@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_what_breaks_off_is_recorded_as_incomplete(method):
    entries = []

    def failing(*arguments, **keywords):
        raise AssertionError

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"half", "more_body": True})
        raise ValueError("half an answer")

    class Noting(Trail):
        def add(self, entry: Entry) -> None:
            entries.append(entry)

    state = {"correlation_id": "c-1", "exchange": Exchange()}
    scope = {"type": "http", "method": method, "path": "/x", "headers": [], "state": state}

    async def send(_: Message) -> None:
        """Take it."""

    with pytest.raises(ValueError, match="half an answer"):
        anyio.run(Recording(app, Noting([])), scope, failing, send)
    (entry,) = entries
    assert (entry.is_complete, entry.status, entry.response_bytes) == (False, 200, 4)


@pytest.mark.parametrize(
    "path", ["/livez", "/readyz", "/version", "/metrics", "/openapi.json", "/docs", "/docs/assets/a"]
)
def test_probes_and_documentation_are_not_recorded(path):
    sent, trail = serve(answering(b""), method="GET", path=path)
    assert trail.entries == []
    assert len(sent) == 2


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", "/api/v1/marks/M-1", False),
        ("HEAD", "/api/v1/marks/M-1", False),
        ("POST", "/api/v1/classify", False),
        ("POST", "/api/v1/marks/search", False),
        ("POST", "/api/v1/marks/feedback", True),
        ("POST", "/api/v1/translate/documents", True),
        ("PUT", "/api/v1/classify", True),
        ("DELETE", "/api/v1/marks/M-1", True),
        ("POST", "/search\u20ac", True),
        ("STRANGE", "/anything", True),
    ],
)
def test_what_counts_as_a_change(method, path, expected):
    assert is_change(method, path) == expected
