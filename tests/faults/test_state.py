"""A database locked or gone, a full disk, a clock that jumps: changes are refused, nothing acknowledged is lost."""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path

import httpx2
import pytest

from tests.faults.system import CALLS, System, make_system, running, wait_until
from tests.postgres import new_database, postgresql

pytestmark = [pytest.mark.faults, pytest.mark.timeout(300)]

FEEDBACK = "/api/v1/classify/feedback"
CLOCK = Path(__file__).with_name("clock.c")
DAY = 86_400


def decision(number: int) -> dict[str, object]:
    return {"documentId": f"XX{number}", "text": "toothbrush " * 300, "predicted": [], "assigned": ["A46B 9/00"]}


def keep(client: httpx2.Client, number: int) -> httpx2.Response:
    return client.post(FEEDBACK, json=decision(number))


def classify(client: httpx2.Client) -> httpx2.Response:
    return client.request("POST", **CALLS["classify"])  # type: ignore[arg-type] # the table holds what a request takes


def kept(client: httpx2.Client) -> set[str]:
    lines = client.get(FEEDBACK, headers={"Accept": "application/x-ndjson"}).text.splitlines()
    return {line.partition('"documentId":"')[2].partition('"')[0] for line in lines}


@contextmanager
def two_parts(home: Path, artifacts, settings: dict[str, str] | None = None) -> Iterator[tuple[System, httpx2.Client]]:
    system = make_system(home, artifacts, {"CLASSIFY_ENCODE": "false", **(settings or {})})
    with running(system, "classify", "gateway"):
        wait_until(system.parts["classify"].is_ready)
        with system.client() as client:
            yield system, client


@pytest.mark.parametrize("part", ["feedback", "gateway"])
def test_a_locked_database_refuses_changes_for_a_while_and_nothing_else(tmp_path, small_artifacts, part):
    with two_parts(tmp_path / "home", small_artifacts) as (system, client):
        assert keep(client, 0).status_code == 201
        (file,) = (system.layout.home / part).glob("*.sqlite")
        with closing(sqlite3.connect(file, isolation_level=None)) as holder, ThreadPoolExecutor(1) as caller:
            holder.execute("BEGIN EXCLUSIVE")
            answers = [classify(client) for _ in range(5)]
            refused = caller.submit(keep, client, 1).result()
            holder.execute("ROLLBACK")
        assert {answer.status_code for answer in answers} == {200}
        assert refused.status_code == 503
        assert refused.json()["code"] in ("feedback-unavailable", "audit-unavailable")
        wait_until(lambda: keep(client, 2).status_code == 201)
        assert {"XX0", "XX2"} <= kept(client)


def test_a_database_that_is_gone_is_told_and_taken_up_again(tmp_path, small_artifacts):
    with postgresql() as server:
        url = new_database(server, "faults")
        settings = {"CLASSIFY_DATABASE_URL": url, "GATEWAY_DATABASE_URL": new_database(server, "gateway")}
        with two_parts(tmp_path / "home", small_artifacts, settings) as (_, client):
            assert keep(client, 0).status_code == 201
            server.psql("ALTER DATABASE faults ALLOW_CONNECTIONS false")
            server.psql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'faults'")
            refused = keep(client, 1)
            assert refused.status_code == 503
            assert refused.headers["retry-after"]
            assert classify(client).status_code == 200
            server.psql("ALTER DATABASE faults ALLOW_CONNECTIONS true")
            wait_until(lambda: keep(client, 2).status_code == 201)
            assert {"XX0", "XX2"} <= kept(client)


@pytest.mark.parametrize("part", ["feedback", "gateway"])
def test_a_full_disk_refuses_changes_and_loses_nothing(tmp_path, small_artifacts, part):
    with small_disk(tmp_path / "home" / part) as disk, two_parts(tmp_path / "home", small_artifacts) as (_, client):
        assert keep(client, 0).status_code == 201
        filler = disk / "filler"
        fill(filler)
        acknowledged = {"XX0"}
        statuses = set()
        for number in range(1, 60):
            answer = keep(client, number)
            statuses.add(answer.status_code)
            if answer.status_code == 201:
                acknowledged.add(f"XX{number}")
            else:
                assert answer.json()["code"] in ("feedback-disk-full", "audit-disk-full"), answer.text
                break
        assert 503 in statuses
        if part == "feedback":
            assert classify(client).status_code == 200
        filler.unlink()
        wait_until(lambda: keep(client, 99).status_code == 201)
        assert acknowledged | {"XX99"} <= kept(client)


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """Put a disk of 4 MB at a folder; only root may."""
    folder.mkdir(parents=True)
    command = ("mount", "-t", "tmpfs", "-o", "size=4m,mode=700", "examkit-test", str(folder))
    if os.geteuid() != 0 or subprocess.run(command, capture_output=True, check=False).returncode != 0:
        pytest.skip("A small disk can be mounted by root only.")
    try:
        yield folder
    finally:
        subprocess.run(("umount", "--lazy", str(folder)), check=True)


def fill(file: Path) -> None:
    """Leave no room on a file's disk."""
    with file.open("wb", buffering=0) as filler:
        for size in (65536, 4096, 512):
            try:
                while filler.write(bytes(size)) == size:
                    pass
            except OSError:
                continue


@pytest.fixture(scope="module")
def wrong_clock(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library that shifts the clock of a process."""
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None:
        pytest.skip("There is no C compiler on this machine.")
    library = tmp_path_factory.mktemp("clock") / "clock.so"
    subprocess.run((compiler, "-shared", "-fPIC", "-o", str(library), str(CLOCK), "-ldl"), check=True)
    return library


def test_a_clock_that_jumps_loses_no_request(tmp_path, small_artifacts, wrong_clock):
    shift = tmp_path / "shift"
    shift.write_text("0")
    system = make_system(tmp_path / "home", small_artifacts, {"CLASSIFY_ENCODE": "false"})
    for name in ("classify", "gateway"):
        part = system.parts[name]
        part.environment = {**part.environment, "LD_PRELOAD": str(wrong_clock), "CLOCK_SHIFT_FILE": str(shift)}
    with running(system, "classify", "gateway"):
        wait_until(system.parts["classify"].is_ready)
        with system.client() as client:
            for number, seconds in enumerate((0, DAY, -DAY, 400 * DAY, 0)):
                shift.write_text(str(seconds))
                assert [classify(client).status_code for _ in range(3)] == [200] * 3
                assert keep(client, number).status_code == 201
            assert kept(client) == {f"XX{number}" for number in range(5)}
