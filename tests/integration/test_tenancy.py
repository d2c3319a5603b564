"""Two departments of one office, each with its key: neither sees, changes or removes anything of the other."""

import json
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text

from examkit.tenants import DEFAULT_TENANT
from tests.archives import marks_of, zipped
from tests.drawings import draw_mark, encode
from tests.integration.departments import Department, office, wait_until
from tests.postgres import new_database, postgresql

pytestmark = pytest.mark.integration

MARKS, FEEDBACK, ON_MARKS = "/api/v1/marks", "/api/v1/classify/feedback", "/api/v1/marks/feedback"
GLOSSARIES, MEMORY, DOCUMENTS = "/api/v1/glossaries", "/api/v1/translate/memory", "/api/v1/translate/documents"
TMX, JSON_LINES = "application/x-tmx+xml", "application/x-ndjson"
SECRET = "Quagga-Zephyr-4711"
PAIR = {"sourceLanguage": "en", "targetLanguage": "pt"}


@dataclass(frozen=True)
class Departments:
    folder: Path
    ours: Department
    theirs: Department
    default: Department
    url: str | None

    @property
    def others(self) -> list[Department]:
        """All but ours."""
        return [self.theirs, self.default]


@pytest.fixture(scope="module")
def server():
    with postgresql() as server:
        yield server


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def departments(request, tmp_path_factory):
    is_server = request.param == "postgresql"
    url = new_database(request.getfixturevalue("server"), "tenants") if is_server else None
    folder = tmp_path_factory.mktemp("office")
    with office(folder, url, ("ours", "trade-marks", DEFAULT_TENANT)) as (ours, theirs, default):
        yield Departments(folder, ours, theirs, default, url)


def ok(answer, status=200):
    assert answer.status_code == status, answer.text
    return answer


def assert_hidden(answer, code):
    assert (answer.status_code, answer.json()["code"]) == (404, code)
    assert SECRET not in answer.text


def count(department, path):
    return ok(department.get(path)).json()["count"]


def put(department, mark_id, shape="cross", **metadata):
    files = {"image": ("mark.png", encode(draw_mark(shape)))}
    return department.put(f"{MARKS}/{mark_id}", files=files, data={"metadata": json.dumps(metadata)})


def found(department, shape="cross", **fields):
    answer = department.post(f"{MARKS}/search", files={"image": ("q.png", encode(draw_mark(shape)))}, data=fields)
    return [hit["markId"] for hit in ok(answer).json()["hits"]]


def test_a_mark_is_in_no_list_search_or_answer_of_another_department(departments):
    ours = departments.ours
    ok(put(ours, "M-1", "cross", name=SECRET, applicant=SECRET), 201)
    assert found(ours) == ["M-1"]
    assert [hit["markId"] for hit in ours.post(f"{MARKS}/search", json={"text": SECRET}).json()["hits"]] == ["M-1"]
    for other in departments.others:
        assert (count(other, MARKS), found(other)) == (0, [])
        assert count(other, f"{MARKS}?applicant={SECRET}") == 0
        assert ok(other.get(f"{MARKS}/status")).json()["count"] == 0
        for path in ("M-1", "M-1/image", "M-1/image?size=64"):
            assert_hidden(other.get(f"{MARKS}/{path}"), "unknown-mark")
        assert_hidden(other.delete(f"{MARKS}/M-1"), "unknown-mark")
        for path in ("search", "report"):
            assert_hidden(other.post(f"{MARKS}/{path}", json={"markId": "M-1"}), "unknown-mark")
        ok(put(other, "OWN", "ring"), 201)
        for example in ("like", "unlike"):
            assert_hidden(other.post(f"{MARKS}/search", json={"markId": "OWN", example: ["M-1"]}), "unknown-mark")
        assert found(other) == ["OWN"]
        ok(other.delete(f"{MARKS}/OWN"), 204)
        assert ok(other.post(f"{MARKS}/search", json={"text": SECRET})).json()["hits"] == []
    assert ok(ours.get(f"{MARKS}/M-1")).json()["metadata"]["name"] == SECRET
    ok(ours.delete(f"{MARKS}/M-1"), 204)


def test_departments_may_give_the_same_id_to_marks_of_their_own(departments):
    ours, theirs = departments.ours, departments.theirs
    ok(put(ours, "M-2", "disc", name="ours"), 201)
    ok(put(theirs, "M-2", "cross", name="theirs"), 201)
    ok(put(theirs, "M-2", "cross", name="theirs again"))
    assert ours.get(f"{MARKS}/M-2/image").content == encode(draw_mark("disc"))
    assert theirs.get(f"{MARKS}/M-2/image").content == encode(draw_mark("cross"))
    ok(theirs.delete(f"{MARKS}/M-2"), 204)
    assert ours.get(f"{MARKS}/M-2").json()["metadata"]["name"] == "ours"
    assert (found(ours, "disc"), found(theirs, "disc")) == (["M-2"], [])
    ok(ours.delete(f"{MARKS}/M-2"), 204)


def test_an_import_is_its_own_departments_from_the_job_to_the_marks(departments):
    ours = departments.ours
    job = ok(ours.post(f"{MARKS}/import", files={"archive": ("m.zip", zipped(marks_of(2)))}), 202)
    url = job.headers["location"]
    for other in departments.others:
        for path in (url, f"{url}/results"):
            assert_hidden(other.get(path), "unknown-job")
        assert_hidden(other.delete(url), "unknown-job")
    wait_until(lambda: ours.get(url).json()["status"] == "succeeded", 200)
    assert ok(ours.get(f"{url}/results")).json()["count"] == 2
    assert count(ours, MARKS) == 2
    for other in departments.others:
        assert_hidden(other.get(f"{url}/results"), "unknown-job")
        assert count(other, MARKS) == 0
    for mark_id in ("M0", "M1"):
        ok(ours.delete(f"{MARKS}/{mark_id}"), 204)


@pytest.mark.parametrize("path", [FEEDBACK, ON_MARKS])
def test_feedback_is_in_no_list_or_export_of_another_department(departments, path):
    ours = departments.ours
    body = {
        FEEDBACK: {"documentId": "D-1", "text": SECRET, "predicted": [], "assigned": ["A46B 9/02"]},
        ON_MARKS: {"markId": "M-1", "hitMarkId": SECRET, "relevant": True, "strategy": "shape"},
    }[path]
    own_id = ok(ours.post(path, json=body), 201).json()["id"]
    for other in departments.others:
        assert count(other, path) == 0
        assert ok(other.get(path, headers={"Accept": JSON_LINES})).text == ""
        assert_hidden(other.delete(f"{path}/{own_id}"), "unknown-feedback")
        again = ok(other.post(path, json=body), 201).json()["id"]  # new to them, though the same as ours
        ok(other.delete(f"{path}/{again}"), 204)
    assert count(ours, path) == 1
    assert SECRET in ours.get(path, headers={"Accept": JSON_LINES}).text
    ok(ours.delete(f"{path}/{own_id}"), 204)


def test_a_glossary_can_be_seen_used_and_removed_by_its_own_department_only(departments):
    ours = departments.ours
    body = {"name": SECRET, **PAIR, "terms": [{"source": SECRET, "target": "broche"}]}
    own_id = ok(ours.post(GLOSSARIES, json=body), 201).json()["id"]
    wanted = {"texts": ["A brush"], **PAIR, "glossaryId": own_id}
    ok(ours.post("/api/v1/translate", json=wanted))
    for other in departments.others:
        assert count(other, GLOSSARIES) == 0
        for path in (own_id, f"{own_id}/entries"):
            assert_hidden(other.get(f"{GLOSSARIES}/{path}"), "unknown-glossary")
        assert_hidden(other.delete(f"{GLOSSARIES}/{own_id}"), "unknown-glossary")
        assert_hidden(other.post("/api/v1/translate", json=wanted), "unknown-glossary")
        document = {"files": {"file": ("a.txt", b"A brush.")}, "data": {**PAIR, "glossaryId": own_id}}
        assert_hidden(other.post(DOCUMENTS, **document), "unknown-glossary")
    ok(ours.get(f"{GLOSSARIES}/{own_id}"))
    ok(ours.delete(f"{GLOSSARIES}/{own_id}"), 204)


def test_a_memory_can_be_read_and_emptied_by_its_own_department_only(departments):
    ours = departments.ours
    ok(ours.post(MEMORY, json={**PAIR, "segments": [{"source": SECRET, "target": "Zebra"}]}))
    (unit,) = ok(ours.get(MEMORY)).json()["items"]
    for other in departments.others:
        assert count(other, MEMORY) == 0
        assert SECRET not in ok(other.get(MEMORY, headers={"Accept": TMX})).text
        assert_hidden(other.delete(f"{MEMORY}/{unit['id']}"), "unknown-unit")
        assert ok(other.request("DELETE", MEMORY, params=PAIR)).json() == {"removed": 0}
    assert SECRET in ours.get(MEMORY, headers={"Accept": TMX}).text
    assert ok(ours.request("DELETE", MEMORY, params=PAIR)).json() == {"removed": 1}


def test_a_document_can_be_watched_fetched_and_removed_by_its_own_department_only(departments):
    ours = departments.ours
    job = ok(ours.post(DOCUMENTS, files={"file": ("a.txt", SECRET.encode())}, data=PAIR), 202)
    url = job.headers["location"]
    wait_until(lambda: ours.get(url).json()["status"] == "succeeded")
    for other in departments.others:
        for path in (url, f"{url}/result"):
            assert_hidden(other.get(path), "unknown-job")
        assert_hidden(other.delete(url), "unknown-job")
    assert SECRET in ok(ours.get(f"{url}/result")).text
    ok(ours.delete(url), 204)


@pytest.mark.parametrize("header", ["Examkit-Tenant", "examkit-tenant", "EXAMKIT-TENANT", "Examkit_Tenant"])
def test_no_client_can_name_a_department(departments, header):
    ours, theirs = departments.ours, departments.theirs
    ok(put(theirs, "M-3", "ring", name=SECRET), 201)
    for tenant in ("trade-marks", DEFAULT_TENANT, "../marks", "A"):
        answer = ours.get(f"{MARKS}/M-3", headers={header: tenant})
        assert_hidden(answer, "unknown-mark")
        assert ok(theirs.get(f"{MARKS}/M-3", headers={header: tenant})).json()["metadata"]["name"] == SECRET
    ok(theirs.delete(f"{MARKS}/M-3"), 204)


def test_what_is_shipped_is_everyones(departments):
    for department in (departments.ours, *departments.others):
        ok(department.post("/api/v1/classify", json={"text": "A brush with bristles"}))
        assert count(department, "/api/v1/translate/languages") == 2
        suggested = department.post(
            f"{MARKS}/suggest-codes", files={"image": ("q.png", encode(draw_mark("cross")))}, data={"limit": "1"}
        )
        assert len(ok(suggested).json()["suggestions"]) == 1


def test_each_department_has_its_own_place_and_the_default_one_those_from_before(departments):
    for department in (departments.ours, *departments.others):
        count(department, FEEDBACK)
    folder = departments.folder
    for place in ("marks", "marks/tenants/ours", "marks/tenants/trade-marks"):
        assert (folder / place / "imports").is_dir()
    for place in ("terms", "terms/tenants/ours", "terms/tenants/trade-marks"):
        assert (folder / place / "documents").is_dir()
    if departments.url is None:
        files = sorted(str(file.relative_to(folder)) for file in folder.rglob("*.sqlite") if "jobs" not in file.name)
        own = ("feedback/{}feedback", "marks/{}register", "terms/{}translate")
        places = ("", "tenants/ours/", "tenants/trade-marks/")
        expected = [f"{file.format(place)}.sqlite" for file in own for place in places]
        assert files == sorted([*expected, "gateway/gateway.sqlite"])
    else:
        assert schemas_with("marks", departments.url) == {"public", "tenant_ours", "tenant_trade-marks"}
        assert schemas_with("classify_feedback", departments.url) == {"public", "tenant_ours", "tenant_trade-marks"}
        assert schemas_with("glossaries", departments.url) == {"public", "tenant_ours", "tenant_trade-marks"}


def schemas_with(table, url):
    engine = create_engine(make_url(url).set(drivername="postgresql+psycopg"))
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT schemaname FROM pg_tables WHERE tablename = :table"), {"table": table})
        found = {row.schemaname for row in rows}
    engine.dispose()
    return found
