"""Imports over the network: real processes, killed, cancelled and stopped in their midst."""

import hashlib
import json
import signal
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest

from services.image_search.marks import MarkFilter
from services.image_search.register import Register
from tests.archives import image_of, marks_of, zipped
from tests.integration.import_service import IMPORT, ImportService, wait_until

pytestmark = pytest.mark.integration

SECRET = "Quagga-Zephyr-4711"
MARKS = 200
KILLS = 4
BATCH = 32


@pytest.fixture
def service(tmp_path):
    service = ImportService(tmp_path)
    service.start()
    yield service
    service.stop(signal.SIGKILL)
    service.client.close()


def ended(service: ImportService, url: str):
    return wait_until(lambda: (job := service.job(url))["status"] not in ("queued", "running") and job)


def archives_in(folder: Path) -> list[Path]:
    return [file for file in folder.iterdir() if not file.name.startswith("jobs-")]


def recorded(service: ImportService) -> list[tuple[int, str, str]]:
    """Read row, mark and verdict of every outcome, as an onlooker."""
    (file,) = service.imports.glob("jobs-*.sqlite")
    with closing(sqlite3.connect(file)) as connection:
        return connection.execute("SELECT row, mark_id, verdict FROM outcomes ORDER BY row").fetchall()


def registered(service: ImportService) -> dict[str, str]:
    """Read mark and hash of image of every mark that has image and description, as an onlooker."""
    statement = (
        "SELECT mark_id, image_sha256 FROM marks JOIN images USING (row_id) WHERE row_id IN"
        " (SELECT row_id FROM embeddings)"
    )
    with closing(sqlite3.connect(service.data / "register.sqlite")) as connection:
        return dict(connection.execute(statement).fetchall())


def test_through_the_gateway_an_import_is_taken_on_watched_and_told_row_by_row(tmp_path, service):
    files = marks_of(3) | {
        "more.jsonl": f'{{"markId": "{SECRET}", "image": "images/1.png"}}\n{{"markId": 5}}\n'.encode()
    }
    with service.gateway(tmp_path) as client:
        answer = client.post(IMPORT, files={"archive": (f"{SECRET}.zip", zipped(files))})
        assert answer.status_code == 202
        url = answer.headers["location"]
        assert (answer.json()["kind"], answer.json()["status"]) == ("marks-import", "queued")
        job = wait_until(lambda: (job := client.get(url).json())["status"] == "succeeded" and job)
        assert job["progress"] == 1
        assert job["counts"] == {
            "added": 4,
            "replaced": 0,
            "unchanged": 0,
            "refused": 1,
            "sameImage": 1,
            "looksLike": 0,
        }
        rows = client.get(job["resultUrl"], params={"limit": 4, "offset": 1}).json()
        assert (rows["count"], [row.get("markId") for row in rows["items"]]) == (5, ["M1", "M2", SECRET, None])
        assert rows["items"][2]["sameImageAs"] == "M1"
        assert rows["items"][3] | {"reason": ""} == {
            "file": "more.jsonl",
            "number": 2,
            "unit": "line",
            "outcome": "refused",
            "code": "unreadable-record",
            "reason": "",
        }
        refused = client.get(
            job["resultUrl"], params={"outcome": "refused"}, headers={"Accept": "application/x-ndjson"}
        )
        assert [json.loads(line)["number"] for line in refused.text.splitlines()] == [2]
        hits = client.post("/api/v1/marks/search", json={"markId": "M1", "limit": 9}).json()["hits"]
        assert {hit["markId"] for hit in hits} == {"M0", "M1", "M2", SECRET}
        assert client.get("/api/v1/marks/status").json()["count"] == 4
        assert client.get(f"/api/v1/jobs/marks-{'0' * 32}").json()["code"] == "unknown-job"
    assert archives_in(service.imports) == []
    assert SECRET not in service.log.read_text()


def test_an_import_killed_again_and_again_loses_no_row_and_tells_none_twice(service):
    url = service.post(zipped(marks_of(MARKS))).headers["location"]
    for _ in range(KILLS):
        before = service.rows_done(url)
        wait_until(lambda: service.rows_done(url) > before)  # noqa: B023 - used at once
        service.stop(signal.SIGKILL)
        known, told = registered(service), recorded(service)
        assert {mark_id for _, mark_id, _ in told} <= known.keys()
        assert len(known) <= len(told) + BATCH
        service.start()
        if len(told) + 2 * BATCH > MARKS:
            break
    job = ended(service, url)
    rows = recorded(service)
    assert job["status"] == "succeeded"
    assert [(row, mark_id) for row, mark_id, _ in rows] == [(n, f"M{n}") for n in range(MARKS)]
    # A batch that was in the register, but not yet in the book, when the service was killed is found there unchanged.
    assert {verdict for _, _, verdict in rows} <= {"added", "unchanged"}
    assert job["counts"]["unchanged"] <= KILLS * BATCH
    assert registered(service) == {f"M{n}": hashlib.sha256(image_of(n)).hexdigest() for n in range(MARKS)}
    assert archives_in(service.imports) == []


def test_a_cancelled_import_writes_nothing_more_and_its_archive_is_gone(service):
    url = service.post(zipped(marks_of(MARKS))).headers["location"]
    waiting = service.post(zipped(marks_of(1))).headers["location"]
    (first, _) = archives_in(service.imports)
    assert stat.S_IMODE(first.stat().st_mode) == 0o600
    assert stat.S_IMODE(service.imports.stat().st_mode) == 0o700
    wait_until(lambda: service.rows_done(url) > 0)
    assert service.client.delete(url).status_code == 204
    written = registered(service)
    assert 0 < len(written) < MARKS
    assert service.job(url)["status"] == "cancelled"
    assert service.client.delete(url).status_code == 204
    assert ended(service, waiting)["status"] == "succeeded"
    assert registered(service).keys() == written.keys() | {"M0"}
    assert len(recorded(service)) - 1 == len(written)
    assert archives_in(service.imports) == []


def test_a_stopped_service_goes_on_with_its_imports_at_the_next_start(service):
    urls = [service.post(zipped(marks_of(count))).headers["location"] for count in (MARKS // 2, 2)]
    wait_until(lambda: service.rows_done(urls[0]) > 0)
    service.stop()
    (service.imports / "half.arriving").write_bytes(b"an upload that was cut off")
    assert len(archives_in(service.imports)) == 3
    service.start()
    assert [ended(service, url)["status"] for url in urls] == ["succeeded", "succeeded"]
    assert service.job(urls[1])["counts"]["unchanged"] == 2
    assert archives_in(service.imports) == []
    service.stop()
    register = Register(service.data)
    assert register.page(MarkFilter(), limit=1, offset=0)[1] == MARKS // 2
    register.close()


def test_searches_are_answered_while_an_import_goes_on(service):
    url = service.post(zipped(marks_of(MARKS))).headers["location"]
    wait_until(lambda: service.rows_done(url) > 0)
    answers = [service.client.post("/api/v1/marks/search", files={"image": ("query", image_of(0))}) for _ in range(5)]
    assert service.job(url)["status"] == "running"
    assert [answer.json()["hits"][0]["markId"] for answer in answers] == ["M0"] * 5
    service.client.delete(url)
