"""What translating costs through the gateway: one sentence, a description, two callers at a time, 10,000 requests."""

import os
import subprocess
import tarfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import httpx2
import numpy as np
from lxml import etree

from benchmarks.goals import Goal, Wanted
from benchmarks.processes import cpu_seconds, resident_megabytes, wait_until_ok
from examkit.service_token import write_service_token
from models.classify.corpus import read_patents
from services.translate.segments import split
from stack.layout import Layout
from stack.ports import free_ports
from stack.programs import CHECKOUT, Program, examkit_deployment

_PATH: Final = "/api/v1/translate"
_ABSTRACTS: Final = "docs_text.jsonl.gz"
_MOST_ABSTRACTS: Final = 5_000  # of which there are more sentences than requests
# A whole description of a granted US patent, of 37 paragraphs and 3,138 words.
_DESCRIPTION: Final = "uspto/xml2014_US08930553.xml"
_SENTENCE_WORDS: Final = 25
_SENTENCES: Final = 200
_PARAGRAPHS_A_CALL: Final = 10
_SUSTAINED: Final = 800
_CALLERS: Final = 2
_STARTS: Final = 3
_REQUESTS: Final = (1_000, 5_000, 10_000)
_ONE_THREAD: Final = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}

_LATENCY: Final = Wanted("p50 ms of a sentence of 25 words", (120,), is_ceiling=True)
_DOCUMENT: Final = Wanted("seconds for a description of 3,000 words on 2 cores", (6,), is_ceiling=True)
_RATE: Final = Wanted("words/s of two callers on 2 threads", (1_800,))
_READY: Final = Wanted("seconds from start to ready", (4,), is_ceiling=True)
_FLAT: Final = Wanted("resident memory after 10,000 requests over that after 1,000", (1.05,), is_ceiling=True)


@dataclass(frozen=True)
class Sentence:
    """Milliseconds of a sentence: on the clock, and of processor time of service and gateway."""

    p50: float
    p95: float
    service_cpu_p50: float
    gateway_cpu_p50: float


@dataclass(frozen=True)
class Work:
    """Words translated in calls of several texts by callers at a time; `cpu_seconds` are those of the service."""

    callers: int
    texts_a_call: int
    words: int
    seconds: float
    cpu_seconds: float
    words_per_second: float
    words_per_cpu_second: float


@dataclass(frozen=True)
class TranslateServiceFigures:
    """Everything measured; `resident_megabytes` of the service after so many requests, 0 being the start."""

    goals: Sequence[Goal]
    ready_seconds: float
    sentence: Sentence
    description: Sequence[Work]
    sustained: Work
    resident_megabytes: dict[int, float]


@dataclass(frozen=True)
class _Running:
    """A service, the gateway before it, and a client."""

    service: int
    gateway: int
    client: httpx2.Client
    seconds_to_start: float

    def translate(self, texts: Sequence[str]) -> None:
        """Translate texts from English into Portuguese as an office system would ask for it."""
        body = {"texts": list(texts), "sourceLanguage": "en", "targetLanguage": "pt"}
        self.client.post(_PATH, json=body).raise_for_status()


def run(data: Path, artifacts: Path) -> TranslateServiceFigures:
    """Measure with the patents under `data`; service and gateway run in a home of their own."""
    abstracts = _abstracts(data / "patents")
    sentences = [segment.of(text) for text in abstracts for segment in split(text)]
    description = _description(data / "patents" / "xml_samples.tar.gz")
    starts = [_seconds_to_start(artifacts) for _ in range(_STARTS - 1)]
    with _running(artifacts) as running:
        resident = {0: resident_megabytes(running.service)}
        running.translate(sentences[:20])
        sentence = _sentence(running, [each for each in sentences if len(each.split()) == _SENTENCE_WORDS])
        works = [_work(running, description, callers) for callers in (1, _CALLERS)]
        sustained = _work(running, abstracts[:_SUSTAINED], _CALLERS)
        resident |= _resident(running, sentences)
    ready = round(float(np.median([*starts, running.seconds_to_start])), 2)
    measured = (
        (_LATENCY, sentence.p50),
        (_DOCUMENT, works[-1].seconds),
        (_RATE, sustained.words_per_second),
        (_READY, ready),
        (_FLAT, round(resident[_REQUESTS[-1]] / resident[_REQUESTS[0]], 3)),
    )
    goals = [Goal.of(wanted, (figure,)) for wanted, figure in measured]
    return TranslateServiceFigures(goals, ready, sentence, works, sustained, resident)


def _abstracts(folder: Path) -> list[str]:
    patents = read_patents(folder, (_ABSTRACTS,))
    abstracts = (patent.text.abstract for patent in patents if patent.language == "en" and patent.text.abstract)
    return list(islice(abstracts, _MOST_ABSTRACTS))


def _description(archive: Path) -> list[str]:
    with tarfile.open(archive) as opened:
        member = opened.extractfile(_DESCRIPTION)
        content = member.read() if member else b""
    parser = etree.XMLParser(resolve_entities=False, load_dtd=False, no_network=True)
    paragraphs = etree.fromstring(content, parser).iterfind(".//description//p")
    texts = (" ".join("".join(map(str, paragraph.itertext())).split()) for paragraph in paragraphs)
    return [text for text in texts if text]


def _sentence(running: _Running, sentences: Sequence[str]) -> Sentence:
    taken: list[tuple[float, float, float]] = []
    for sentence in sentences[:_SENTENCES]:
        clock, service, gateway = time.perf_counter(), cpu_seconds(running.service), cpu_seconds(running.gateway)
        running.translate([sentence])
        taken.append(
            (
                time.perf_counter() - clock,
                cpu_seconds(running.service) - service,
                cpu_seconds(running.gateway) - gateway,
            )
        )
    milliseconds = 1000 * np.asarray(taken)
    (wall, service, gateway), p95 = np.median(milliseconds, axis=0), np.percentile(milliseconds[:, 0], 95)
    return Sentence(*(round(float(each), 1) for each in (wall, p95, service, gateway)))


def _work(running: _Running, texts: Sequence[str], callers: int) -> Work:
    calls = [texts[i : i + _PARAGRAPHS_A_CALL] for i in range(0, len(texts), _PARAGRAPHS_A_CALL)]
    words = sum(len(text.split()) for text in texts)
    clock, cpu = time.perf_counter(), cpu_seconds(running.service)
    with ThreadPoolExecutor(callers) as pool:
        list(pool.map(running.translate, calls))
    seconds, used = time.perf_counter() - clock, cpu_seconds(running.service) - cpu
    return Work(
        callers,
        _PARAGRAPHS_A_CALL,
        words,
        round(seconds, 2),
        round(used, 2),
        round(words / seconds),
        round(words / used),
    )


def _resident(running: _Running, sentences: Sequence[str]) -> dict[int, float]:
    """Send single sentences, each another one as long as there are some, and look at the memory on the way."""
    found: dict[int, float] = {}
    every = cycle(sentences)
    done = 0
    for requests in _REQUESTS:
        with ThreadPoolExecutor(_CALLERS) as pool:
            list(pool.map(running.translate, [[each] for each in islice(every, requests - done)]))
        done = requests
        found[requests] = resident_megabytes(running.service)
    return found


def _seconds_to_start(artifacts: Path) -> float:
    with _running(artifacts) as running:
        return running.seconds_to_start


@contextmanager
def _running(artifacts: Path) -> Iterator[_Running]:
    """Start a service, and when it is ready the gateway."""
    with ExitStack() as stack:
        layout = Layout(Path(stack.enter_context(TemporaryDirectory())))
        layout.create()
        layout.artifacts.rmdir()
        layout.artifacts.symlink_to(artifacts.resolve())
        write_service_token(layout.service_token)
        deployment = examkit_deployment(layout, free_ports(1)[0])
        (translate,) = (each for each in deployment.services if each.name == "translate")
        began = time.perf_counter()
        service = stack.enter_context(_process(translate, layout))
        wait_until_ok(f"{translate.url}/readyz", service)
        seconds = time.perf_counter() - began
        gateway = stack.enter_context(_process(deployment.gateway, layout))
        wait_until_ok(f"{deployment.gateway.url}/livez", gateway)
        headers = {"API-Key": layout.api_key.read_text().strip()}
        client = httpx2.Client(base_url=deployment.gateway.url, headers=headers, trust_env=False, timeout=60)
        yield _Running(service.pid, gateway.pid, stack.enter_context(client), seconds)


@contextmanager
def _process(program: Program, layout: Layout) -> Iterator["subprocess.Popen[bytes]"]:
    environment = {"PATH": os.defpath, "HOME": str(layout.home), **_ONE_THREAD, **program.environment}
    process = subprocess.Popen(program.command, env=environment, cwd=CHECKOUT, stdout=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.terminate()
        process.wait()
