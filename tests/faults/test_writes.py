"""A gateway, or a service, that is killed while changes arrive: whatever was acknowledged is there afterwards."""

import json
import threading
from collections.abc import Callable, Iterator
from itertools import count
from signal import SIGKILL

import httpx2
import pytest

from tests.drawings import draw_mark, encode
from tests.faults.system import System, make_system, running, wait_until

pytestmark = [pytest.mark.faults, pytest.mark.timeout(600)]

FEEDBACK = "/api/v1/classify/feedback"
CHANGES = 200
WRITERS = 4
LOST = (httpx2.TransportError,)


@pytest.fixture(scope="module")
def system(tmp_path_factory, small_artifacts) -> Iterator[System]:
    settings = {"CLASSIFY_ENCODE": "false", "GATEWAY_RESTART_PATIENCE_SECONDS": "100"}
    system = make_system(tmp_path_factory.mktemp("writes") / "home", small_artifacts, settings)
    with running(system, "classify", "image_search", "gateway"):
        for name in ("classify", "image_search"):
            wait_until(system.parts[name].is_ready)
        yield system


def keep_decision(client: httpx2.Client, name: str) -> bool:
    body = {"documentId": name, "text": f"toothbrush {name}", "predicted": [], "assigned": ["A46B 9/00"]}
    return client.post(FEEDBACK, json=body).status_code == httpx2.codes.CREATED


def kept_decisions(client: httpx2.Client) -> set[str]:
    lines = client.get(FEEDBACK, headers={"Accept": "application/x-ndjson"}).text.splitlines()
    return {json.loads(line)["documentId"] for line in lines}


def put_mark(client: httpx2.Client, name: str) -> bool:
    image: bytes = encode(draw_mark("cross", (hash(name) % 256, 20, 30)))
    metadata = json.dumps({"name": name}).encode()
    files = {"image": ("a.png", image, "image/png"), "metadata": ("a.json", metadata, "application/json")}
    return client.put(f"/api/v1/marks/{name}", files=files).status_code in (200, 201)


def kept_marks(client: httpx2.Client) -> set[str]:
    pages = (client.get("/api/v1/marks", params={"limit": 100, "offset": 100 * page}).json() for page in count())
    names: set[str] = set()
    for page in pages:
        names |= {item["markId"] for item in page["items"]}
        if not page["items"]:
            return names
    raise AssertionError


@pytest.mark.parametrize("killed", ["gateway", "service"])
@pytest.mark.parametrize(
    ("service", "change", "kept"),
    [("classify", keep_decision, kept_decisions), ("image_search", put_mark, kept_marks)],
    ids=["feedback", "marks"],
)
def test_what_was_acknowledged_is_there_after_a_kill(system: System, killed, service, change, kept):
    acknowledged: set[str] = set()
    numbers = count()
    part = system.gateway if killed == "gateway" else system.parts[service]

    def work(change: Callable[[httpx2.Client, str], bool]) -> None:
        client = system.client()
        while len(acknowledged) < CHANGES:
            name = f"{killed}-{next(numbers)}"
            try:
                if change(client, name):
                    acknowledged.add(name)
            except LOST:
                client.close()
                client = system.client()
        client.close()

    writers = [threading.Thread(target=work, args=(change,)) for _ in range(WRITERS)]
    for writer in writers:
        writer.start()
    for share in (1, 2):
        wait_until(lambda: len(acknowledged) > share * CHANGES // 3)  # noqa: B023 - used at once
        part.end(SIGKILL)
        part.start()
    for writer in writers:
        writer.join()
    wait_until(lambda: _answers(system))
    with system.client() as client:
        assert acknowledged <= kept(client)
    assert len(acknowledged) >= CHANGES


def _answers(system: System) -> bool:
    with system.client() as client:
        try:
            return client.get("/livez").is_success
        except httpx2.TransportError:
            return False
