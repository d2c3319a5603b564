"""Reports of searches, through the real service: read again, by a reader of PDF and by a parser of HTML."""

import io
import json
import re

import pytest
from lxml import html
from pypdf import PageObject, PdfReader

from services.image_search.titles import Language
from tests.drawings import draw_mark, encode
from tests.integration.marks_service import MARKS, METADATA, SECRET, opened, problem, put

pytestmark = pytest.mark.integration

REPORT = f"{MARKS}/report"
OFFICE = "Oficina Nacional de la Propiedad Industrial"
HOSTILE: dict[str, str | None] = {
    "H-HTML": '<script>alert("1")</script><img src=x onerror=alert(2)> & Co',
    "H-RTL": "evil\u202egpj.exe \u05e9\u05dc\u05d5\u05dd",
    "H-LONG": "Wm" * 250,
    "H-SIGNS": "\u65e5\u672c Ελλάδα Россия \u0007\u2028bell",
    "H-NONE": None,
}
QUERY = encode(draw_mark("cross", "red"))
MACHINE = {
    "en": "Found and ranked by a machine. The examiner decides.",
    "es": "Encontrado y ordenado por una máquina. Quien examina decide.",
    "fr": "Trouvé et classé par une machine. L'examinateur décide.",
    "pt": "Encontrado e ordenado por uma máquina. Quem examina decide.",
}


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    folder = tmp_path_factory.mktemp("reports")
    (folder / "token").write_text("t" * 40)
    with opened(folder, folder / "token", office_name=OFFICE, log_level="info") as client:
        put(client, "A", "cross", "red", METADATA)
        put(client, "B", "stairs", "blue", {"name": "Ação Ñandú Œuvre Łódź", "niceClasses": [9], "status": "filed"})
        for mark_id, name in HOSTILE.items():
            put(client, mark_id, "disc", "black", {"name": name, "applicant": name}, format="TIFF")
        yield client


def ask(client, media_type, image=None, **told):
    headers = {"Accept": media_type}
    if image is None:
        return client.post(REPORT, json=told, headers=headers)
    return client.post(REPORT, files={"image": ("query", image)}, data=told, headers=headers)


def read_pdf(answer) -> PdfReader:
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"] == 'attachment; filename="mark-search-report.pdf"'
    return PdfReader(io.BytesIO(answer.content), strict=True)


def text_of(reader: PdfReader) -> str:
    return re.sub(r"\s+", " ", " ".join(page.extract_text() for page in reader.pages))


def pictures_on(page: PageObject) -> int:
    contents = page.get_contents()
    assert contents is not None
    return bytes(contents.get_data()).count(b" Do")


def read_html(answer):
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="mark-search-report.html"'
    return html.document_fromstring(answer.content.decode())


def facts(page, path=".//section[1]/dl") -> dict[str, str]:
    (listed,) = page.findall(path)
    return {row.findtext("dt"): row.find("dd").text_content() for row in listed}


JUDGED = {
    "reference": "2026/004711",
    "judgements": json.dumps({"A": True, "B": False}),
    "box": json.dumps({"x": 20, "y": 20, "width": 160, "height": 160}),
    "like": ["A"],
    "weights": json.dumps({"shape": 3, "color": 1}),
}


def test_a_pdf_tells_what_was_asked_found_and_judged(client):
    reader = read_pdf(ask(client, "application/pdf", QUERY, **JUDGED))
    text = text_of(reader)
    for said in (
        "Mark search report",
        OFFICE,
        "2026/004711",
        MACHINE["en"],
        "a part of an image (framed)",
        "160 × 160 pixels from (20, 20)",
        "Shape 75 %, Color 25 %",
        "More like these A",
        "7 of 7 in the register",
        "hits 1 to 7",
        "relevant: 1, not relevant: 1, not judged: 5",
        "mark-embedder 2.0.0, concept-encoder 1.1.0",
        "Rising Cross",
        "Applicant: Fern Foods Ltd",
        "Filed: 2021-03-04",
        "29 Meat, fish, dairy, preserved food; 30 Coffee, tea",
        "05.03.13 Leaves, branches with leaves",
        "Ação Ñandú Œuvre Łódź",
        "(no name)",
    ):
        assert said in text
    assert re.search(r"\d{4}-\d\d-\d\d \d\d:\d\d UTC", text)
    pages = len(reader.pages)
    assert pages > 1
    for number, page in enumerate(reader.pages, 1):
        assert f"Page {number} of {pages}" in page.extract_text()
        assert MACHINE["en"] in page.extract_text()
    assert sum(map(pictures_on, reader.pages)) == 8
    assert reader.metadata is not None
    assert reader.metadata.title == "Mark search report"
    assert str(reader.root_object["/Lang"]) == "en"


def test_an_html_file_tells_the_same_and_fetches_and_runs_nothing(client):
    answer = ask(client, "text/html", QUERY, **JUDGED)
    page = read_html(answer)
    told = facts(page)
    assert (told["File"], told["Mix"], told["More like these"]) == ("2026/004711", "Shape 75 %, Color 25 %", "A")
    assert told["Judged"] == "relevant: 1, not relevant: 1, not judged: 5"
    assert not page.xpath("//script | //link | //iframe | //object | //@onerror | //@onload")
    pictures = page.xpath("//*[local-name()='image']/@href")
    assert len(pictures) == 8
    assert all(each.startswith("data:image/webp;base64,") for each in pictures)
    assert not page.xpath("//@src")
    (policy,) = page.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    assert policy == "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
    (box,) = page.xpath("//*[local-name()='rect']")
    assert [box.get(name) for name in ("x", "y", "width", "height")] == ["20", "20", "160", "160"]


def test_hits_are_those_of_the_search_in_its_order_with_its_scores(client):
    options = {"limit": "3", "offset": "1", "strategy": "shape"}
    found = client.post(f"{MARKS}/search", files={"image": ("query", QUERY)}, data=options).json()["hits"]
    page = read_html(ask(client, "text/html", QUERY, **options, judgements=json.dumps({found[0]["markId"]: False})))
    hits = page.findall(".//ol/li")
    assert [hit.findtext("div/p") for hit in hits] == [hit["markId"] for hit in found]
    assert [hit.findtext("span") for hit in hits] == ["2", "3", "4"]
    shown = [hit.find_class("score")[0].text for hit in hits]
    assert shown == [f"{hit['score']:.2f}" for hit in found]
    assert [facts(hit, "div/dl[@class='scores']")["Color"] for hit in hits] == [
        f"{hit['scores']['color']:.2f}" for hit in found
    ]
    assert [hit.find_class("verdict")[0].text for hit in hits] == ["Not relevant", "Not judged", "Not judged"]


@pytest.mark.parametrize("language", Language)
def test_a_report_is_written_in_each_language(client, language):
    told = {
        "markId": "A",
        "language": language,
        "niceClass": 30,
        "viennaCode": "05",
        "limit": 1,
        "dateTo": "2022-01-01",
    }
    page = read_html(ask(client, "text/html", **told))
    assert page.get("lang") == language
    text = page.text_content()
    assert MACHINE[language] in text
    assert {"en": "30 Coffee, tea", "es": "30 Café, té", "fr": "30 Café, thé", "pt": "30 Café, chá"}[language] in text
    assert {"en": "05 Plants", "es": "05 Plantas", "fr": "05 Plantes", "pt": "05 Plantas"}[language] in text
    assert ("1.00" if language == "en" else "1,00") in text
    printed = text_of(read_pdf(ask(client, "application/pdf", **told)))
    assert page.findtext(".//h1") in printed
    assert MACHINE[language] in printed


def test_a_report_tells_by_which_mark_colors_or_words_was_searched(client):
    by_mark = facts(read_html(ask(client, "text/html", markId="A")))
    assert (by_mark["Searched by"], by_mark["Mark"]) == ("a registered mark", "A Rising Cross")
    assert (by_mark["Strategy"], by_mark["Filters"]) == ("Combined", "none")
    palette = read_html(ask(client, "text/html", palette=["#003366", "#ffcc00"]))
    assert facts(palette)["Colors"] == "#003366, #ffcc00"
    assert palette.xpath("//*[local-name()='rect']/@fill") == ["#003366", "#ffcc00"]
    words = facts(read_html(ask(client, "text/html", text="a cross")))
    assert (words["Words"], words["Understood as"], words["Strategy"]) == ("a cross", "cross", "Concept")
    for told in ({"palette": ["#003366"]}, {"text": "a cross"}):
        assert "Rising Cross" in text_of(read_pdf(ask(client, "application/pdf", **told)))


def test_where_nothing_is_found_the_report_says_so(client):
    told = {"markId": "A", "office": "ZZ", "excludeMarkId": "B", "applicant": "Nobody"}
    page = read_html(ask(client, "text/html", **told))
    assert "No mark was found." in page.text_content()
    assert facts(page)["Filters"] == "Office ZZ; Applicant Nobody; Without B"
    assert "No mark was found." in text_of(read_pdf(ask(client, "application/pdf", **told)))


def test_hostile_names_are_words_and_nothing_else(client):
    page = read_html(ask(client, "text/html", markId="H-HTML"))
    names = {hit.findtext("div/p"): hit.find("div/h3").text_content() for hit in page.findall(".//ol/li")}
    assert names["H-HTML"] == HOSTILE["H-HTML"]
    assert names["H-RTL"] == "evilgpj.exe \u05e9\u05dc\u05d5\u05dd"
    assert names["H-SIGNS"] == "\u65e5\u672c Ελλάδα Россия bell"
    assert names["H-LONG"] == HOSTILE["H-LONG"]
    assert not page.xpath("//ol//script | //ol//img")


def test_hostile_names_leave_a_pdf_whole(client):
    text = text_of(read_pdf(ask(client, "application/pdf", markId="H-HTML")))
    assert str(HOSTILE["H-HTML"]) in text
    assert "�� Ελλάδα Россия bell" in text
    assert "Signs that no font of this file has are shown as �." in text
    assert "evilgpj.exe" in text
    assert "Wm" * 10 in text
    assert "Rising Cross" in text


def test_the_better_liked_form_is_given_and_pdf_where_both_are(client):
    def type_of(accept):
        return ask(client, accept, markId="A", limit=1).headers["content-type"].partition(";")[0]

    assert type_of("*/*") == "application/pdf"
    assert type_of("application/pdf, text/html") == "application/pdf"
    assert type_of("application/pdf;q=0.5, text/html") == "text/html"
    assert problem(ask(client, "application/json", markId="A"), 406) == "not-acceptable"
    assert problem(ask(client, "image/png", markId="A"), 406) == "not-acceptable"


@pytest.mark.parametrize(
    ("told", "status", "code"),
    [
        ({"markId": "NONE"}, 404, "unknown-mark"),
        ({"markId": "A", "language": "de"}, 422, "invalid-input"),
        ({"markId": "A", "reference": "x" * 201}, 422, "invalid-input"),
        ({"markId": "A", "judgements": {"A": "yes"}}, 422, "invalid-input"),
        ({"markId": "A", "judgements": {"../A": True}}, 422, "invalid-input"),
        ({"markId": "A", "judgements": {f"M{n}": True for n in range(1001)}}, 422, "invalid-input"),
        ({"markId": "A", "limit": 201}, 422, "invalid-input"),
        ({"markId": "A", "surprise": 1}, 422, "invalid-input"),
        ({}, 422, "invalid-input"),
    ],
)
def test_what_cannot_be_reported_is_refused(client, told, status, code):
    assert problem(ask(client, "application/pdf", **told), status) == code


def test_what_is_no_image_or_no_judgement_is_refused_in_a_form(client):
    assert problem(ask(client, "application/pdf", b"text"), 422) == "unreadable-image"
    assert problem(ask(client, "application/pdf", QUERY, judgements="{"), 400) == "malformed-json"
    assert problem(ask(client, "application/pdf", QUERY, judgements="[]"), 422) == "invalid-input"
    assert problem(client.post(REPORT, files={"a": b""}), 422) == "missing-part"
    assert problem(client.post(REPORT, content=b"x", headers={"Content-Type": "text/plain"}), 415)


@pytest.fixture
def talkative(tmp_path, service_token_file):
    with opened(tmp_path, service_token_file) as client:
        put(client, "A", metadata={"name": f"{SECRET} \u65e5\u672c", "applicant": SECRET})
        yield client


def test_nothing_of_a_report_is_logged(talkative, caplog):
    for media_type in ("application/pdf", "text/html"):
        told = {"reference": SECRET, "judgements": json.dumps({"A": True, SECRET: False})}
        answer = ask(talkative, media_type, QUERY, **told)
        assert SECRET in (text_of(read_pdf(answer)) if "pdf" in media_type else answer.text)
        assert ask(talkative, media_type, text=SECRET, reference=SECRET).status_code == 200
        assert ask(talkative, media_type, QUERY, language=SECRET).status_code == 422
    assert not {record.name.partition(".")[0] for record in caplog.records} & {"fpdf", "fontTools"}
    logged = [record.getMessage() for record in caplog.records]
    assert sum("'event': 'request'" in line for line in logged) == 6
    assert not [line for line in logged if SECRET in line or "\u65e5" in line or "65e5" in line]
