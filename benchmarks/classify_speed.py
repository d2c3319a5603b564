"""What one classification costs: a service of its own is started, and asked over HTTP by one client."""

import os
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import httpx2
import numpy as np

from benchmarks.classify_answers import Mode
from benchmarks.classify_documents import is_text
from benchmarks.classify_stages import Tick
from benchmarks.processes import cpu_seconds, wait_until_ok
from examkit.service_token import SERVICE_TOKEN_HEADER, write_service_token
from models.classify.corpus import LabelledPatent
from services.classify.ipc import Level
from services.classify.text import PatentText
from stack.layout import Layout
from stack.programs import CHECKOUT, examkit_deployment

# What the service is told in each way of running.
_SETTINGS: Final[Mapping[Mode, Mapping[str, str]]] = {Mode.ENCODERS: {}, Mode.TERMS: {"CLASSIFY_ENCODE": "false"}}

_PATH: Final = "/api/v1/classify"
_TYPICAL: Final = 160
_WARM_UP: Final = 16
_BATCH: Final = 32
_STARTS: Final = 3
REQUESTS: Final = _TYPICAL * len(Level) * 2
_LETTERS: Final = (4_000_000, 5_000_000)
_ONE_THREAD: Final = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


@dataclass(frozen=True)
class Timing:
    """Milliseconds of one document: on the clock, and of the service's processor time."""

    level: str
    is_explained: bool
    p50: float
    p95: float
    cpu_p50: float
    cpu_p95: float


@dataclass(frozen=True)
class Memory:
    """Megabytes of a process: resident, shared pages counted in part, and its own alone."""

    rss: float
    pss: float
    uss: float


@dataclass(frozen=True)
class Batches:
    """Documents a second in requests of 32, and milliseconds of processor time a document."""

    documents_per_second: float
    cpu_milliseconds: float


@dataclass(frozen=True)
class LongText:
    """What came of a text of so many letters."""

    letters: int
    status: int
    milliseconds: float


@dataclass(frozen=True)
class ServiceSpeed:
    """A service run in one way; `ready_seconds` is the median of three starts."""

    mode: str
    ready_seconds: float
    timings: Sequence[Timing]
    batches: Batches
    memory_loaded: Memory
    memory_used: Memory
    requests: int
    long_texts: Sequence[LongText]


@dataclass(frozen=True)
class _Service:
    """A running service and a client that it knows."""

    process: int
    client: httpx2.Client

    def ask(self, body: Mapping[str, Any], path: str = _PATH) -> tuple[int, float, float]:
        """Return the status, and milliseconds on the clock and of the service's processor time."""
        cpu, clock = cpu_seconds(self.process), time.perf_counter()
        status = self.client.post(path, json=body).status_code
        return status, 1000 * (time.perf_counter() - clock), 1000 * (cpu_seconds(self.process) - cpu)


def measure(artifacts: Path, texts: Sequence[PatentText], mode: Mode, tick: Tick) -> ServiceSpeed:
    """Start the service in a mode and measure it with typical texts; `tick` is told how many requests are done."""
    starts = [_seconds_to_start(artifacts, _SETTINGS[mode]) for _ in range(_STARTS - 1)]
    with _running(artifacts, _SETTINGS[mode]) as (service, seconds):
        for text in texts[:_WARM_UP]:
            service.ask(_body(text))
        loaded = _memory(service.process)
        timings = [
            _timing(service, texts, level, is_explained, tick) for level in Level for is_explained in (False, True)
        ]
        batches = _batches(service, texts)
        used = _memory(service.process)
        long_texts = [_long(service, letters) for letters in _LETTERS]
    ready = round(float(np.median([*starts, seconds])), 2)
    requests = len(timings) * len(texts)
    return ServiceSpeed(mode, ready, timings, batches, loaded, used, requests, long_texts)


def typical(patents: Sequence[LabelledPatent]) -> list[PatentText]:
    """Choose English texts with abstracts, evenly from all sources."""
    texts = [each.text for each in patents if each.language == "en" and is_text(each) and each.text.abstract]
    return texts[:: max(1, len(texts) // _TYPICAL)][:_TYPICAL]


def _timing(service: _Service, texts: Sequence[PatentText], level: Level, is_explained: bool, tick: Tick) -> Timing:
    clock, cpu = [], []
    for text in texts:
        _, milliseconds, used = service.ask({**_body(text), "level": level, "explain": is_explained})
        clock.append(milliseconds)
        cpu.append(used)
        tick(1)
    numbers = (float(np.percentile(values, share)) for values in (clock, cpu) for share in (50, 95))
    return Timing(level, is_explained, *(round(number, 1) for number in numbers))


def _batches(service: _Service, texts: Sequence[PatentText]) -> Batches:
    documents = [{"documentId": str(number), **_body(text)} for number, text in enumerate(texts)]
    batches = [documents[start : start + _BATCH] for start in range(0, len(documents), _BATCH)]
    asked = [service.ask({"documents": batch}, f"{_PATH}/batch") for batch in batches]
    seconds = sum(milliseconds for _, milliseconds, _ in asked) / 1000
    cpu = sum(used for _, _, used in asked)
    return Batches(round(len(documents) / seconds, 1), round(cpu / len(documents), 1))


def _long(service: _Service, letters: int) -> LongText:
    words = "semiconductor wafer etching "
    status, milliseconds, _ = service.ask({"description": words * (letters // len(words))})
    return LongText(letters, status, round(milliseconds, 1))


def _body(text: PatentText) -> dict[str, str]:
    return {"title": text.title, "abstract": text.abstract, "claims": text.claims}


@contextmanager
def _running(artifacts: Path, settings: Mapping[str, str]) -> Iterator[tuple[_Service, float]]:
    """Start a service in a home of its own; yield it when it is ready, with the seconds that took."""
    with TemporaryDirectory() as folder:
        layout = Layout(Path(folder))
        layout.create()
        layout.artifacts.rmdir()
        layout.artifacts.symlink_to(artifacts.resolve())
        write_service_token(layout.service_token)
        (program,) = (each for each in examkit_deployment(layout, 0).services if each.name == "classify")
        headers = {SERVICE_TOKEN_HEADER: layout.service_token.read_text()}
        environment = {"PATH": os.defpath, "HOME": folder, **_ONE_THREAD, **program.environment, **settings}
        started = time.perf_counter()
        process = subprocess.Popen(program.command, env=environment, cwd=CHECKOUT, stdout=subprocess.DEVNULL)
        try:
            with httpx2.Client(base_url=program.url, headers=headers, trust_env=False, timeout=60) as client:
                wait_until_ok(f"{program.url}/readyz", process)
                yield _Service(process.pid, client), time.perf_counter() - started
        finally:
            process.terminate()
            process.wait()


def _seconds_to_start(artifacts: Path, settings: Mapping[str, str]) -> float:
    with _running(artifacts, settings) as (_, seconds):
        return seconds


def _memory(process: int) -> Memory:
    lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()[1:]
    kilobytes = {name: int(rest.split()[0]) for name, rest in (line.split(":", 1) for line in lines)}
    own = kilobytes["Private_Clean"] + kilobytes["Private_Dirty"]
    return Memory(*(round(number / 1024, 1) for number in (kilobytes["Rss"], kilobytes["Pss"], own)))
