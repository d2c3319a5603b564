"""The real command, killed again and again, ends with the files of a run that nothing disturbed."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.tiny_classify import FIELDS, write_artifacts, write_data

pytestmark = pytest.mark.integration

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = 600
PATIENCE_SECONDS = 200


@pytest.fixture(scope="module")
def workplace(tmp_path_factory):
    """A model, a folder of XML, JSONL and CSV with every kind of fault, and what an undisturbed run makes of it."""
    folder = tmp_path_factory.mktemp("backfile")
    (folder / "data").mkdir()
    write_data(folder / "data")
    write_artifacts(folder / "data", folder / "artifacts")
    write_backfile(folder / "in")
    with start(folder, "undisturbed.jsonl") as process:
        process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == 1
    return folder


@pytest.fixture(autouse=True)
def heard_interrupts():
    """Let started programs hear Ctrl-C: those of a shell's background job would not."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def write_backfile(folder):
    folder.mkdir()
    chance = random.Random(0)
    texts = [" ".join(chance.choices(FIELDS[chance.choice(list(FIELDS))].split(), k=30)) for _ in range(DOCUMENTS)]
    third = DOCUMENTS // 3
    lines = [json.dumps({"documentId": f"D{n % 50}", "text": text}) for n, text in enumerate(texts[:third])]
    lines[::20] = ["{", '{"text": ""}'] * (len(lines[::20]) // 2)
    (folder / "a.jsonl").write_text("\n".join(lines))
    (folder / "b.csv").write_text("\n".join(["title", *texts[third : 2 * third], "too,many"]))
    for number, text in enumerate(texts[2 * third :]):
        xml = f"<patent-document><invention-title>{text}</invention-title></patent-document>"
        (folder / f"c{number:04}.xml").write_text(f"<documents>{xml * (number % 3)}</documents>")


def start(folder, out):
    command = [sys.executable, "-m", "services.classify.batch", str(folder / "in"), "--out", str(folder / out)]
    options = ["--artifacts", str(folder / "artifacts"), "--processes", "2"]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    return subprocess.Popen([*command, *options], cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True)


def files_of(folder, out):
    return (folder / out).read_bytes(), (folder / f"{out}.errors.csv").read_bytes()


def wait_for(condition):
    end = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.002)


def children_of(process):
    return [int(child) for child in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()]


def is_running(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def size_of(path):
    return path.stat().st_size if path.exists() else 0


@contextmanager
def begun(folder, out):
    """Start a run and wait until it has written something new; whatever a test does not end is killed."""
    size = size_of(folder / out)
    with start(folder, out) as process:
        try:
            wait_for(lambda: process.poll() is not None or size_of(folder / out) > size)
            yield process
        finally:
            process.kill()


def killed(process, folder, out):
    process.kill()
    process.communicate()
    return ""


def orphaned(process, folder, out):
    children = children_of(process)
    assert len(children) == 2
    killed(process, folder, out)
    wait_for(lambda: not any(map(is_running, children)))
    return ""


def interrupted(process, folder, out):
    process.send_signal(signal.SIGINT)
    return ended(process, 130)


def stopped(process, folder, out):
    process.terminate()
    return ended(process, 130)


def bereft(process, folder, out):
    os.kill(children_of(process)[0], signal.SIGKILL)
    return ended(process, 3)


def doubled(process, folder, out):
    process.send_signal(signal.SIGSTOP)  # it is not to end before the second begins
    with start(folder, out) as second:
        said = ended(second, 2)
    killed(process, folder, out)
    return said


def ended(process, status):
    _, said = process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == status, said
    assert "Traceback" not in said
    return said.splitlines()[-1]


def test_the_undisturbed_run_has_every_document_once_and_in_order(workplace):
    lines = [json.loads(line) for line in files_of(workplace, "undisturbed.jsonl")[0].splitlines()]
    places = [(line["file"], line["position"]) for line in lines]
    assert places == sorted(set(places))
    third = DOCUMENTS // 3
    in_xml = sum(max(number % 3, 1) for number in range(third))
    assert len(places) == third + (third + 1) + in_xml


@pytest.mark.timeout(10 * PATIENCE_SECONDS)
def test_a_run_that_is_disturbed_again_and_again_ends_as_one_that_is_not(workplace):
    out = "disturbed.jsonl"
    said = []
    for disturb in (killed, interrupted, doubled, stopped, orphaned, bereft):
        with begun(workplace, out) as process:
            said.append(disturb(process, workplace, out))
    again = "Give the same command again to go on."
    assert said[1] == said[3] == f"Interrupted; what was done is kept. {again}"
    assert said[2] == f"Another run is writing {workplace / out}."
    assert said[5] == f"A process died, perhaps for want of memory: try fewer --processes. {again}"
    with start(workplace, out) as process:
        _, told = process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == 1
    assert "Going on after" in told
    assert files_of(workplace, out) == files_of(workplace, "undisturbed.jsonl")
