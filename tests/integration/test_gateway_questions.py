"""The gateway asks a service itself: what it sends, what it makes of the answer."""

from collections.abc import AsyncIterator, Callable

import anyio
import httpx2
import pytest
from fastapi import Request

from examkit.errors import ExamError, UpstreamFailedError
from gateway.caller import Caller
from gateway.routes import Upstream
from gateway.upstream.question import Answer, Question
from gateway.upstream.service import Limits
from gateway.upstream.upstreams import Upstreams

pytestmark = pytest.mark.integration

SENT_BY_THE_CLIENT = {
    "api-key": "exk_1",
    "accept": "text/html",
    "content-length": "12",
    "content-type": "application/x-www-form-urlencoded",
    "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    "examkit-service-token": "mine",
    "examkit-tenant": "theirs",
}
CALLER = Caller(id="exk_1", name="A department", tenant="ours", scopes=frozenset())
STATE = {"correlation_id": "file-42", "caller": CALLER}


class Service(httpx2.AsyncBaseTransport):
    """Stands in for a service: notes what reaches it, answers as a test says."""

    def __init__(self, answer: Callable[[], httpx2.Response]) -> None:
        self.requests: list[httpx2.Request] = []
        self._answer = answer

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        await request.aread()
        self.requests.append(request)
        return self._answer()


def ask(service: Service, *questions: Question) -> list[Answer]:
    async def run() -> list[Answer]:
        headers = [(name.encode(), value.encode()) for name, value in SENT_BY_THE_CLIENT.items()]
        scope = {"type": "http", "method": "POST", "headers": headers, "state": STATE}
        upstreams = Upstreams({Upstream.TRANSLATE: "http://translate.test"}, "token", Limits(5, 0), service)
        async with upstreams:
            return [await upstreams.ask(Upstream.TRANSLATE, Request(scope), question) for question in questions]

    return anyio.run(run)


def test_a_question_is_sent_as_the_gateway_words_it():
    service = Service(lambda: httpx2.Response(200, json={"ok": True}))
    question = Question("POST", "/api/v1/translate?a=%20b", b'{"texts": []}', "application/json")
    (answer,) = ask(service, question)
    (sent,) = service.requests
    assert sent.url.raw_path == b"/api/v1/translate?a=%20b"
    assert sent.content == b'{"texts": []}'
    assert (sent.headers["content-type"], sent.headers["accept"]) == ("application/json", "application/json")
    assert sent.headers["content-length"] == "13"
    assert sent.headers["examkit-service-token"] == "token"
    assert sent.headers["correlation-id"] == "file-42"
    assert sent.headers.get_list("examkit-tenant") == ["ours"]
    assert sent.headers["traceparent"] == SENT_BY_THE_CLIENT["traceparent"]
    assert "api-key" not in sent.headers
    assert (answer.status, answer.json(), answer.is_problem) == (200, {"ok": True}, False)


def test_a_question_may_have_no_body_or_one_that_arrives_in_pieces():
    async def pieces() -> AsyncIterator[bytes]:
        yield b"one "
        yield b"two"

    service = Service(lambda: httpx2.Response(200, json=[]))
    ask(service, Question("GET", "/a", accept="text/csv"), Question("POST", "/b", pieces()))
    without, streamed = service.requests
    assert without.headers["accept"] == "text/csv"
    assert not {"content-length", "content-type", "transfer-encoding"} & set(without.headers)
    assert streamed.content == b"one two"


def test_a_problem_of_the_service_is_an_answer():
    problem = {"code": "blank-text"}
    headers = {"Content-Type": "application/problem+json"}
    service = Service(lambda: httpx2.Response(422, json=problem, headers=headers))
    (answer,) = ask(service, Question("POST", "/api/v1/translate"))
    assert (answer.status, answer.is_problem, answer.json()) == (422, True, problem)


@pytest.mark.parametrize("answer", [httpx2.Response(500, text="Traceback"), httpx2.Response(401, json={})])
def test_trouble_of_the_service_is_an_error(answer):
    service = Service(lambda: answer)
    with pytest.raises(UpstreamFailedError):
        ask(service, Question("GET", "/api/v1/translate"))


def test_an_answer_without_end_is_not_held():
    taken = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal taken
        while True:
            taken += 1
            yield bytes(1024**2)

    service = Service(lambda: httpx2.Response(200, content=endless()))
    with pytest.raises(ExamError, match="without end"):
        ask(service, Question("GET", "/api/v1/translate"))
    assert taken < 80
