"""Calls to a gateway that answers, refuses, waits, is another program, or is not there."""

import json
import ssl
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from examkit_office.gateway import MOST_CHARACTERS, MOST_TEXTS, Gateway, Languages, batches
from examkit_office.refusal import RefusedError
from examkit_office.wire import CancelledError, Wire

from stack.ports import free_ports
from tests.told_server import Answer, ToldServer, answered, told_server

KEY = "exk_test"


@pytest.fixture
def server() -> Iterator[ToldServer]:
    with told_server() as server:
        yield server


def wire_to(server: ToldServer, path: str = "", timeout_seconds: int = 30) -> Wire:
    return Wire(server.url + path, KEY, timeout_seconds=timeout_seconds)


def refusal_of(action: Callable[[], object]) -> RefusedError:
    with pytest.raises(RefusedError) as caught:
        action()
    return caught.value


def test_the_key_goes_along_and_an_address_may_have_a_path(server):
    server.answer = lambda method, path, body: answered({"predictions": []})
    Gateway(wire_to(server, "/examkit/")).classify("a text", level="class", limit=3, start_from="A46")
    ((method, path, body),) = server.asked
    assert (method, path) == ("POST", "/examkit/api/v1/classify")
    assert json.loads(body) == {"text": "a text", "level": "class", "limit": 3, "explain": True, "startFrom": "A46"}
    assert server.keys == [KEY]


@pytest.mark.parametrize(
    ("status", "code", "reason"),
    [
        (401, "api-key-unknown", "key-refused"),
        (403, "missing-scope", "scope-missing"),
        (413, "body-too-large", "too-long"),
        (422, "text-too-short", "text-too-short"),
        (422, "same-language", "same-language"),
        (429, "quota-exceeded", "limit-reached"),
        (503, "upstream-unavailable", "gateway-busy"),
        (418, "something-new", "refused"),
    ],
)
def test_a_problem_is_told_in_the_examiner_s_words_with_its_number(server, status, code, reason):
    problem = {"code": code, "detail": "Why.", "target": "classify", "correlationId": "c-1"}
    server.answer = lambda method, path, body: answered(problem, status)
    refusal = refusal_of(lambda: wire_to(server).send("GET", "/"))
    assert (refusal.reason, refusal.detail) == (reason, "Why.")
    assert (refusal.target, refusal.correlation_id) == ("classify", "c-1")


def test_a_redirection_is_not_followed_with_the_key(server):
    server.answer = lambda method, path, body: answered({}, 302, Location="/elsewhere")
    assert refusal_of(lambda: wire_to(server).send("GET", "/here")).reason == "not-examkit"
    assert server.paths() == ["GET /here"]


def test_another_program_at_the_address_is_told_of(server):
    server.answer = lambda method, path, body: (404, b"<html>", {})
    assert refusal_of(lambda: wire_to(server).send("GET", "/")).reason == "not-examkit"
    server.answer = lambda method, path, body: (200, b"<html>", {})
    assert refusal_of(lambda: Gateway(wire_to(server)).classify("x", level="class", limit=1)).reason == "not-examkit"


def test_a_gateway_that_is_away_is_told_of():
    (port,) = free_ports(1)
    away = Wire(f"http://127.0.0.1:{port}", KEY, timeout_seconds=30)
    assert refusal_of(lambda: away.send("GET", "/")).reason == "gateway-away"


def test_certificates_that_are_not_there_are_told_of(server, tmp_path):
    missing = str(tmp_path / "missing.pem")
    secure = server.url.replace("http:", "https:")
    wire = Wire(secure, KEY, timeout_seconds=30, certificate_file=missing)
    assert refusal_of(lambda: wire.send("GET", "/")).reason == "certificate-file-missing"
    assert refusal_of(lambda: Wire(secure, KEY, timeout_seconds=30).send("GET", "/")).reason == "certificate-refused"
    assert server.asked == []


def test_the_office_s_own_certificates_open_the_way(server, tmp_path):
    authority = tmp_path / "office.pem"
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*written_certificate(authority, tmp_path / "key.pem"))
    server.socket = context.wrap_socket(server.socket, server_side=True)
    secure = server.url.replace("http:", "https:")
    assert Wire(secure, KEY, timeout_seconds=30, certificate_file=str(authority)).send("GET", "/") == b"{}"
    assert refusal_of(lambda: Wire(secure, KEY, timeout_seconds=30).send("GET", "/")).reason == "certificate-refused"
    assert server.keys == [KEY]


def written_certificate(file: Path, key_file: Path) -> tuple[Path, Path]:
    """Write a certificate of this machine, which is its own authority, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "gateway")])
    names = x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, now - timedelta(days=1), now + timedelta(days=1))
    certificate = builder.add_extension(names, critical=False).sign(key, hashes.SHA256())
    file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    key_file.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain))
    return file, key_file


def test_what_waits_is_broken_off(server):
    arrived, leave = threading.Event(), threading.Event()

    def wait(method: str, path: str, body: bytes) -> Answer:
        arrived.set()
        leave.wait(30)
        return answered({})

    server.answer = wait
    wire = wire_to(server)
    ended: list[type[BaseException]] = []

    def call() -> None:
        try:
            wire.send("GET", "/")
        except CancelledError as ending:
            ended.append(type(ending))

    thread = threading.Thread(target=call)
    thread.start()
    assert arrived.wait(30)
    wire.cancel()
    thread.join(30)
    leave.set()
    assert ended == [CancelledError]
    with pytest.raises(CancelledError):
        wire.send("GET", "/")


def test_a_gateway_that_does_not_answer_in_time_is_told_of(server):
    leave = threading.Event()

    def wait(method: str, path: str, body: bytes) -> Answer:
        leave.wait(30)
        return answered({})

    server.answer = wait
    assert refusal_of(lambda: wire_to(server, timeout_seconds=1).send("GET", "/")).reason == "gateway-slow"
    leave.set()


def test_texts_go_in_several_calls_in_the_language_of_the_longest(server):
    def translate(method: str, path: str, body: bytes) -> Answer:
        asked = json.loads(body)
        known = {"sourceLanguage": asked.get("sourceLanguage", "en")}
        return answered({"translations": [{"text": text.upper(), **known} for text in asked["texts"]]})

    server.answer = translate
    texts = [f"text {number}" for number in range(MOST_TEXTS)] + ["the longest of the texts"]
    shares: list[float] = []
    assert Gateway(wire_to(server)).translate(texts, Languages("", "pt"), shares.append) == [
        text.upper() for text in texts
    ]
    sent = [json.loads(body) for _, _, body in server.asked]
    assert [len(body["texts"]) for body in sent] == [1, MOST_TEXTS, 1]
    assert [body.get("sourceLanguage") for body in sent] == [None, "en", "en"]
    assert shares == [0, MOST_TEXTS / len(texts)]


def test_no_call_is_longer_than_is_taken():
    half = "a" * (MOST_CHARACTERS // 2)
    assert [len(share) for share in batches([half, half, "a"])] == [2, 1]
    assert batches([]) == []
    assert refusal_of(lambda: batches(["a" * (MOST_CHARACTERS + 1)])).reason == "paragraph-too-long"


def job(status: str, **members: object) -> Answer:
    return answered({"id": "translate-1", "status": status, "progress": 0.5, **members})


def test_a_document_is_followed_fetched_and_removed(server):
    states = iter(["queued", "running", "succeeded"])

    def carry_out(method: str, path: str, body: bytes) -> Answer:
        if path.endswith("/result"):
            return 200, b"translated", {}
        return job(next(states) if method == "GET" else "queued")

    server.answer = carry_out
    shares: list[float] = []
    translated = Gateway(wire_to(server)).translate_document(b"document", Languages("en", "pt"), shares.append)
    assert translated == b"translated"
    assert shares == [0.5, 0.5]
    paths = server.paths()
    assert paths[0] == "POST /api/v1/translate/documents"
    assert paths[-2:] == ["GET /api/v1/jobs/translate-1/result", "DELETE /api/v1/jobs/translate-1"]
    form = server.asked[0][2]
    assert b'name="sourceLanguage"\r\n\r\nen\r\n' in form
    assert b"\r\n\r\ndocument\r\n--" in form


def test_a_document_that_fails_is_removed_too(server):
    server.answer = lambda method, path, body: job(
        "failed" if method == "GET" else "queued", problem={"code": "empty-document", "detail": "It is empty."}
    )
    refusal = refusal_of(
        lambda: Gateway(wire_to(server)).translate_document(b"", Languages("", "pt"), lambda share: None)
    )
    assert (refusal.reason, refusal.detail) == ("document-failed", "It is empty.")
    assert server.paths()[-1] == "DELETE /api/v1/jobs/translate-1"


def test_a_document_that_is_no_longer_wanted_is_removed_from_the_server(server):
    wire = wire_to(server)
    server.answer = lambda method, path, body: job("running")
    with pytest.raises(CancelledError):
        Gateway(wire).translate_document(b"", Languages("", "pt"), lambda share: wire.cancel())
    assert server.paths()[-1] == "DELETE /api/v1/jobs/translate-1"
