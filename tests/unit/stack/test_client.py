"""Calls of the public interface, and what a person is told when one fails."""

import json

import httpx2
import pytest

from stack.client import CallError, Gateway
from stack.inputs import MARK_IMAGE
from tests.unit.stack import answers


def gateway(answer) -> Gateway:
    return Gateway("http://127.0.0.1:8080", "exk_key", httpx2.MockTransport(answer))


def test_classify_asks_for_evidence_and_neighbours():
    seen = []

    def answer(request):
        seen.append(request)
        return httpx2.Response(200, json=answers.classification(answers.H04L))

    classification = gateway(answer).classify("T", "A", "subclass", 5)
    (request,) = seen
    assert (request.method, request.url.path, request.headers["API-Key"]) == ("POST", "/api/v1/classify", "exk_key")
    assert json.loads(request.content) == {
        **{"title": "T", "abstract": "A", "language": "en"},
        **{"level": "subclass", "limit": 5, "explain": True, "similarDocuments": 3},
    }
    assert classification.predictions[0].evidence[0].term == "ciphertext"


def test_search_marks_sends_the_image_as_a_form():
    def answer(request):
        assert request.headers["content-type"].startswith("multipart/form-data")
        assert MARK_IMAGE.read_bytes() in request.read()
        return httpx2.Response(200, json=answers.mark_search())

    assert gateway(answer).search_marks(MARK_IMAGE, 8).hits[0].metadata.nice_classes == (9, 42)


def test_marks_are_searched_by_words_as_json():
    def answer(request):
        assert json.loads(request.content) == {"text": "a crown", "limit": 5}
        return httpx2.Response(200, json=answers.mark_search())

    assert gateway(answer).search_marks_by_words("a crown", 5).count == 2300


def refuse(request):
    raise httpx2.ConnectError("refused")


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (lambda _: httpx2.Response(503, json={"detail": "Try again."}), r"refused with status 503: Try again\.$"),
        (lambda _: httpx2.Response(502, text="<html>"), r"refused with status 502: no reason was given$"),
        (lambda _: httpx2.Response(200, json={"texts": []}), "not of the form that its interface promises"),
        (refuse, "did not answer"),
    ],
)
def test_a_failed_call_is_one_sentence(answer, sentence):
    with pytest.raises(CallError, match=sentence):
        gateway(answer).translate(["text"], "en", "pt")
