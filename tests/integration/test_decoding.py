"""A running service whose decoders are killed, idle and at work, goes on answering."""

import signal
import time
from concurrent.futures import ThreadPoolExecutor
from os import kill
from pathlib import Path

import pytest

from tests.drawings import draw_mark, encode
from tests.integration.import_service import ImportService, wait_until

pytestmark = pytest.mark.integration

MARK = "/api/v1/marks/M-1"
SEARCH = "/api/v1/marks/search"
CODES = "/api/v1/marks/suggest-codes"
CROSS = {"image": ("cross.png", encode(draw_mark("cross")))}


@pytest.fixture
def service(tmp_path):
    opened = ImportService(tmp_path)
    opened.start()
    yield opened
    opened.client.close()
    opened.stop()


def decoders(service: ImportService) -> list[int]:
    """Return the processes of a service that wait for images, and those that decode one."""
    found = []
    for children in Path(f"/proc/{service.pid}/task").glob("*/children"):
        for child in map(int, children.read_text().split()):
            if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes():
                found.append(child)
    return found


def test_a_service_whose_decoders_are_killed_answers_the_next_call(service):
    assert service.client.put(MARK, files=CROSS).status_code == 201
    for url, status in ((SEARCH, 200), (CODES, 200), (MARK, 200)):
        for process in decoders(service):
            kill(process, signal.SIGKILL)
        time.sleep(0.3)
        send = service.client.put if url == MARK else service.client.post
        assert send(url, files=CROSS).status_code == status


def test_a_decoder_that_is_killed_at_work_costs_the_one_answer(service):
    # No mark is there: the reader of words would want a decoder, too.
    large = {"image": ("large.png", encode(draw_mark("cross").resize((6300, 6300)), compress_level=1))}
    assert service.client.post(SEARCH, files=CROSS).status_code == 200
    (decoder,) = decoders(service)
    before = ticks(decoder)
    with ThreadPoolExecutor(2) as threads:
        doomed = threads.submit(service.client.post, SEARCH, files=large)
        wait_until(lambda: ticks(decoder) > before + 5, 20)
        other = threads.submit(service.client.post, SEARCH, files=CROSS)
        kill(decoder, signal.SIGKILL)
        assert other.result().status_code == 200
    assert (doomed.result().status_code, doomed.result().json()["code"]) == (422, "unreadable-image")
    assert service.client.post(SEARCH, files=large).status_code == 200
    assert "an image ended its decoder, status -9" in service.log.read_text()


def ticks(process: int) -> int:
    """Return the processor time that a process has used, in hundredths of a second."""
    user, system = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[11:13]
    return int(user) + int(system)


def test_a_service_that_is_killed_leaves_no_decoder(service):
    assert service.client.post(CODES, files=CROSS).status_code == 200
    running = decoders(service)
    assert running
    service.stop(signal.SIGKILL)
    wait_until(lambda: not any(Path(f"/proc/{each}").exists() for each in running), 20)
