"""What the stack makes of bad input, and of too much: a clear problem or a sensible answer each, nothing in a log."""

import json
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from services.translate.schemas import MOST_CHARACTERS, MOST_TEXTS
from tests.integration.import_service import wait_until
from tests.integration.translate_stack import running
from tests.office_files import docx_parts, packed

pytestmark = pytest.mark.integration

PATH = "/api/v1/translate"
SECRET = "Quagga-Zephyr-4711"
JSON = {"content-type": "application/json"}
# What took minutes while its time grew by the square takes less than a second now; the machine may be busy.
SECONDS = 20
CALLERS = 90


@pytest.fixture(scope="module")
def stack(tmp_path_factory, artifacts_dir):
    with running(tmp_path_factory.mktemp("stack"), artifacts_dir) as started:
        yield started


@pytest.fixture
def client(stack):
    """Give a client; at the end neither process may have logged a failure, or anything of a text."""
    seen = len(stack.log.read_text())
    yield stack.client
    # A call is logged when it is over, which the client may know first.
    wait_until(lambda: PATH in stack.log.read_text()[seen:], SECONDS)
    logged = stack.log.read_text()[seen:]
    for unwanted in (SECRET, "Quagga", "valve", "Traceback", '"trace"', '"level": "error"'):
        assert unwanted not in logged


def post(client, *texts, **members):
    body = {"texts": list(texts), "sourceLanguage": "en", "targetLanguage": "pt", **members}
    return client.post(PATH, content=json.dumps(body), headers=JSON)


def translated(client, text, **members):
    answer = post(client, text, **members)
    assert answer.status_code == 200, answer.text[:300]
    return answer.json()["translations"][0]


def problem(answer):
    assert answer.headers["content-type"] == "application/problem+json"
    assert SECRET not in answer.text
    found = answer.json()
    assert found["correlationId"] == answer.headers["correlation-id"]
    assert found["detail"]
    return answer.status_code, found["code"]


RUNS = [
    "x",
    "ã",
    "γ",
    "中文",
    "1",
    ".",
    "-",
    "_",
    "a-",
    "a1-",
    "a.",
    "X31",
    "X31 ",
    "γ ",
    "+=~ ",
    "1 ",
    "(",
    "<",
    "\u200b",
]


@pytest.mark.parametrize("run", RUNS)
def test_the_longest_text_without_a_word_comes_back_as_it_was_and_soon(client, run):
    text = run * (MOST_CHARACTERS // len(run))
    started = time.monotonic()
    assert translated(client, text)["text"] == text
    assert time.monotonic() - started < SECONDS


def test_one_word_of_twenty_thousand_letters_leaves_its_sentence_translated(client):
    word = "x" * 20_000
    found = translated(client, f"The valve (12) {word} is closed by the spring (14).")
    assert word in found["text"]
    assert all(each in found["text"] for each in ("válvula (12)", "mola (14)"))


@pytest.mark.parametrize(
    "strange",
    [
        "\x00\x01\x07\x1b\x7f\x85",
        "\u202e\u202c\u2066\u2069",
        "\u0378\U000e0fff\ufdd0\uffff\U0010ffff",
        "\ue000\uf8ff\U000f0000",
        "\U0001f600\u2764",
        "\ufffd",
    ],
    ids=["control", "bidirectional", "unassigned", "private", "pictures", "replacement"],
)
def test_strange_characters_are_kept_where_they_stood(client, strange):
    found = translated(client, f"The valve (12) is closed. {strange} The spring (14) is open.")["text"]
    assert found == f"A válvula (12) está fechada. {strange} A mola (14) está aberta."
    inside = translated(client, " ".join(f"the {character} valve" for character in strange))["text"]
    assert all(character in inside for character in strange if not character.isspace())


@pytest.mark.parametrize(
    ("source", "target"),
    [
        (
            "The \u200evalve\u200e (12) is closed\u200b by the \u202aspring\u202c (14).",
            "A \u200eválvula\u200e (12) é fechada\u200b pela \u202amola\u202c (14).",
        ),
        (
            "The \x07valve (12) is closed by the spring\x01 (14).\n",
            "A \x07válvula (12) é fechada pela mola\x01 (14).\n",
        ),
    ],
)
def test_unseen_characters_keep_no_word_from_being_translated(client, source, target):
    for kind in ("text", "html"):
        found = translated(client, source, format=kind, segments=True)
        assert found["text"] == target
        assert found["segments"][0]["sourceEnd"] == len(source.rstrip())
    other = post(client, source, "The valve is closed.").json()["translations"][1]
    assert other["text"] == "A válvula está fechada."
    assert [each["text"] for each in post(client, source, "\u200b").json()["translations"]][1] == "\u200b"


def test_only_symbols_come_back_with_the_best_score(client):
    found = translated(client, "≥ 12.5 % ± (14) → +++")
    assert (found["text"], found["quality"]) == ("≥ 12.5 % ± (14) → +++", {"score": 1.0, "flags": []})


@pytest.mark.parametrize(
    ("text", "flag"),
    [
        ("A válvula (12) é fechada por uma mola (14) e a tampa (16) está aberta durante a operação.", "untranslated"),
        ("Das Ventil wird durch eine Feder geschlossen, die in dem Gehäuse angeordnet ist.", "language-wrong"),
        ("阀门(12)由弹簧(14)关闭。", "untranslated"),
    ],
)
def test_a_wrong_language_is_flagged_and_keeps_its_signs(client, text, flag):
    for kind, source in (("text", text), ("html", f"<p>{text}</p>")):
        found = translated(client, source, format=kind)
        assert flag in found["quality"]["flags"]
        assert all(sign in found["text"] for sign in ("12", "14", "16") if sign in text)
    unread = translated(client, "阀门由弹簧关闭。")
    assert (unread["text"], unread["quality"]["score"]) == ("阀门由弹簧关闭。", 0)


def test_an_unsupported_pair_names_the_routes_that_would_work(client):
    answer = post(client, SECRET, targetLanguage="ja")
    assert problem(answer) == (422, "unsupported-language-pair")
    messages = [detail["message"] for detail in answer.json()["details"]]
    pairs = client.get(f"{PATH}/languages?limit=200").json()["items"]
    ready = {f"{each['sourceLanguage']} to {each['targetLanguage']}" for each in pairs if each["status"] == "ready"}
    assert {message.removesuffix(" is supported") for message in messages} == ready
    assert messages[0].startswith("en to ")


BOMB = '<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;">]><a>&c;</a>'
OUTSIDE = '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({"texts": ["The valve is closed. " * 50_000]}, (413, "text-too-long")),
        ({"texts": [SECRET * 300_000]}, (413, "body-too-large")),
        ({"texts": [SECRET * 600], "alternatives": 1}, (413, "text-too-long")),
        ({"texts": [SECRET, " \t\n\u00a0\u2003"]}, (422, "blank-text")),
        ({"texts": [SECRET, ""]}, (422, "blank-text")),
        ({"texts": []}, (422, "invalid-input")),
        ({"texts": [SECRET] * (MOST_TEXTS + 1)}, (422, "invalid-input")),
        ({"texts": [{"text": SECRET}]}, (422, "invalid-input")),
        ({"texts": [f"{SECRET} \ud800"]}, (422, "invalid-input")),
        ({"texts": [SECRET], "targetLanguage": "\udfff"}, (422, "invalid-input")),
        ({"texts": [SECRET], "title": SECRET}, (422, "invalid-input")),
        ({"texts": [SECRET], "\ud800": 1}, (422, "invalid-input")),
        ({"texts": [SECRET], "glossaryId": "0" * 32}, (404, "unknown-glossary")),
        ({"texts": [SECRET], "glossaryId": SECRET}, (422, "invalid-input")),
        ({"texts": [SECRET], "targetLanguage": SECRET}, (422, "malformed-language-tag")),
        ({"texts": ["<p><br></p><!-- the valve -->"], "format": "html"}, (422, "blank-text")),
        ({"texts": [f"<p>{SECRET}<b></p>"], "format": "xml"}, (422, "malformed-markup")),
        ({"texts": [f"{SECRET} & \x00"], "format": "xml"}, (422, "malformed-markup")),
        ({"texts": [BOMB], "format": "xml"}, (422, "xml-entities")),
        ({"texts": [OUTSIDE], "format": "xml"}, (422, "xml-entities")),
        ({"texts": ["<p>" * 6_000 + SECRET + "</p>" * 6_000], "format": "xml"}, (413, "xml-too-deep")),
    ],
    ids=range(21),
)
def test_what_cannot_be_translated_gets_a_clear_problem(client, members, expected):
    assert problem(post(client, **members)) == expected


@pytest.mark.parametrize(
    ("body", "media_type", "expected"),
    [
        (f"texts={SECRET}&targetLanguage=pt", "application/x-www-form-urlencoded", (415, "unsupported-media-type")),
        (f"<a>{SECRET}</a>", "application/xml", (415, "unsupported-media-type")),
        (SECRET, "", (415, "unsupported-media-type")),
        (f'{{"texts": ["{SECRET}"', "application/json", (400, "malformed-json")),
        (f'{{"texts": ["{SECRET} ã"]}}'.encode("latin-1"), "application/json", (400, "malformed-request")),
        ('{"texts": ' + "[" * 100_000 + "]" * 100_000 + "}", "application/json", (400, "malformed-request")),
        ("null", "application/json", (422, "invalid-input")),
        ("", "application/json", (422, "invalid-input")),
    ],
    ids=range(8),
)
def test_a_body_of_another_kind_gets_a_clear_problem(client, body, media_type, expected):
    assert problem(client.post(PATH, content=body, headers={"content-type": media_type})) == expected


@pytest.mark.parametrize("closing", ["", "</b>"])
def test_tags_within_tags_stay_however_deep(client, closing):
    levels = 7_000 if closing else 10_000
    before, after = "<b>" * levels, closing * levels
    started = time.monotonic()
    assert translated(client, f"{before}The valve is closed.{after}", format="html")["text"] == (
        f"{before}A válvula está fechada.{after}"
    )
    words = translated(client, "<b>the valve " * 2_500 + "</b>" * 2_500, format="html")["text"]
    assert (words.count("<b>"), words.count("</b>"), words.count("válvula")) == (2_500, 2_500, 2_500)
    assert time.monotonic() - started < SECONDS


def test_malformed_html_loses_nothing(client):
    text = "<p>the <b>valve <3 & <a href='x>the spring</i></p></p> </> <!-- open"
    found = translated(client, text, format="html")["text"]
    assert "válvula" in found
    assert all(tag in found for tag in ("<p>", "<b>", "</p></p>", "<!-- open"))
    assert "&lt;3" in found


def outcome(client, data, name):
    form = {"sourceLanguage": "en", "targetLanguage": "pt"}
    answer = client.post(f"{PATH}/documents", files={"file": (name, data)}, data=form)
    assert answer.status_code == 202
    url = answer.headers["location"]
    return wait_until(lambda: (job := client.get(url).json())["status"] in ("succeeded", "failed") and job)


def with_document(content):
    return packed(docx_parts() | {"word/document.xml": content})


@pytest.mark.parametrize(
    ("document", "name", "code"),
    [
        (lambda: packed(docx_parts() | {"word/vbaProject.bin": b"x"}), "a.docm", "document-with-macros"),
        (lambda: with_document(b"\0" * 60_000_000), "a.docx", "document-too-large"),
        (lambda: b"\xd0\xcf\x11\xe0" + bytes(600), f"{SECRET}.docx", "unsupported-document"),
        (lambda: with_document(BOMB), "a.docx", "xml-entities"),
        (lambda: with_document(b"<a>" * 300 + SECRET.encode() + b"</a>" * 300), "a.docx", "xml-too-deep"),
        (lambda: with_document(f"<w:p>{SECRET}"), "a.docx", "malformed-markup"),
        (lambda: SECRET.encode() + b"\xff\xfe", "a.txt", "unreadable-document"),
        (lambda: packed({SECRET: SECRET}), "a.zip", "unsupported-document"),
    ],
    ids=["macros", "bomb", "encrypted", "entities", "deep", "malformed", "encoding", "archive"],
)
def test_a_hostile_document_ends_its_job_with_a_clear_problem(client, document, name, code):
    job = outcome(client, document(), name)
    assert (job["status"], job["problem"]["code"]) == ("failed", code)
    assert SECRET not in json.dumps(job)


def test_ten_thousand_tags_within_each_other_are_no_harm_in_a_document(client):
    source = "<p>" + "<b>" * 10_000 + "The valve is closed." + "</b>" * 10_000 + "</p>"
    job = outcome(client, source.encode(), "a.html")
    assert job["status"] == "succeeded"
    assert client.get(job["resultUrl"]).text == source.replace("The valve is closed.", "A válvula está fechada.")


def test_when_full_it_refuses_at_once_and_works_on(client):
    def call(number):
        started = time.monotonic()
        answer = post(client, *[f"The valve ({number}{n}) is closed by a spring." for n in range(60)])
        return answer, time.monotonic() - started

    with ThreadPoolExecutor(CALLERS) as callers:
        calls = list(callers.map(call, range(CALLERS)))
    answers = [answer for answer, _ in calls]
    refused = [(answer, seconds) for answer, seconds in calls if answer.status_code != 200]
    taken = [seconds for answer, seconds in calls if answer.status_code == 200]
    assert len(taken) >= 18
    assert len(refused) >= 20
    for answer, _ in refused:
        assert problem(answer) == (503, "overloaded")
        assert answer.headers["retry-after"] == "1"
    assert max(seconds for _, seconds in refused) < max(taken)
    assert all("válvula" in each["text"] for a in answers if a.status_code == 200 for each in a.json()["translations"])
    assert translated(client, "The valve is closed.")["text"] == "A válvula está fechada."


def test_many_large_imports_are_taken_or_refused_and_the_service_works_on(client):
    """A refusal comes before a file is read; the client that still sends it reads the answer all the same."""
    tmx = b"<tmx><!--" + b"x" * 20_000_000 + b"--></tmx>"

    def send(_):
        return client.post(f"{PATH}/memory", content=tmx, headers={"content-type": "application/x-tmx+xml"})

    with ThreadPoolExecutor(12) as callers:
        answers = list(callers.map(send, range(12)))
    refused = [answer for answer in answers if answer.status_code != 200]
    assert 4 <= len(answers) - len(refused) < 12
    assert {problem(answer) for answer in refused} == {(503, "overloaded")}
    assert translated(client, "The valve is closed.")["text"] == "A válvula está fechada."
