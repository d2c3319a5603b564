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
KILLS = 4
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


def pieces_noted(folder, out):
    note = folder / f"{out}.run.json"
    return json.loads(note.read_bytes())["progress"]["pieces"] if note.exists() else 0


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


def finish(folder, out):
    with start(folder, out) as process:
        _, said = process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == 1, said
    assert files_of(folder, out) == files_of(folder, "undisturbed.jsonl")
    return said


def test_the_undisturbed_run_has_every_document_once_and_in_order(workplace):
    lines = [json.loads(line) for line in files_of(workplace, "undisturbed.jsonl")[0].splitlines()]
    places = [(line["file"], line["position"]) for line in lines]
    assert places == sorted(set(places))
    third = DOCUMENTS // 3
    in_xml = sum(max(number % 3, 1) for number in range(third))
    assert len(places) == third + (third + 1) + in_xml


def test_killed_again_and_again(workplace):
    chance = random.Random(1)
    for _ in range(KILLS):
        with begun(workplace, "killed.jsonl"):
            time.sleep(chance.uniform(0, 0.5))
    finish(workplace, "killed.jsonl")


def test_what_a_note_speaks_of_is_not_done_again(workplace):
    with begun(workplace, "noted.jsonl"):
        wait_for(lambda: pieces_noted(workplace, "noted.jsonl") > 0)
    assert "Going on after" in finish(workplace, "noted.jsonl")


def test_no_process_outlives_a_killed_run(workplace):
    with begun(workplace, "orphans.jsonl") as process:
        children = children_of(process)
        assert len(children) == 2
    wait_for(lambda: not any(map(is_running, children)))
    finish(workplace, "orphans.jsonl")


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_a_run_can_be_interrupted(workplace, sent):
    out = f"interrupted-{sent.name}.jsonl"
    with begun(workplace, out) as process:
        process.send_signal(sent)
        _, said = process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == 130
    assert said.endswith("Interrupted; what was done is kept. Give the same command again to go on.\n")
    assert "Traceback" not in said
    finish(workplace, out)


def test_a_process_that_dies_ends_the_run_which_can_go_on(workplace):
    with begun(workplace, "died.jsonl") as process:
        os.kill(children_of(process)[0], signal.SIGKILL)
        _, said = process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == 3
    assert "A process died" in said
    assert "Traceback" not in said
    finish(workplace, "died.jsonl")


def test_two_runs_at_once_are_refused(workplace):
    out = "twice.jsonl"
    with begun(workplace, out) as first:
        with start(workplace, out) as second:
            _, said = second.communicate(timeout=PATIENCE_SECONDS)
        assert second.returncode == 2
        assert "Another run is writing" in said
        first.communicate(timeout=PATIENCE_SECONDS)
    assert first.returncode == 1
    assert files_of(workplace, out) == files_of(workplace, "undisturbed.jsonl")
