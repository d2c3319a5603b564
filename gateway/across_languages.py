"""Classification by way of English, for texts in a language that the classifier does not read well.

The services stay independent: this asks the classifier, then, where measurements say that it pays, the translator, and
the classifier again. Whatever goes wrong on the way, there is the first answer.
"""

import asyncio
import csv
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from fastapi import Request, Response
from starlette.responses import JSONResponse

from examkit.errors import ExamError
from examkit.web.wire import JSON
from gateway.aligned_places import Alignments, with_places_in_source
from gateway.routes import BATCH_PATH, CLASSIFY_PATH, TRANSLATE_PATH, Upstream
from gateway.upstream.body import whole_body
from gateway.upstream.question import Answer, Question
from gateway.upstream.refusal import accepted
from gateway.upstream.upstreams import Upstreams

TABLE_FILE: Final = Path(__file__).with_suffix(".tsv")
_ENGLISH: Final = "en"
# The parts of a document, and how many letters of each the classifier reads at most.
_READ_LETTERS: Final = {"title": 1000, "abstract": 5000, "text": 5000, "claims": 1500, "description": 1500}
_UNREADABLE: Final = "unreadable-language"
_TOO_SLOW: Final = "upstream-timeout"
_MOST_SECONDS: Final = 10.0
_MOST_SECONDS_OF_A_BATCH: Final = 40.0
# A body is held until it is known whether it has to be translated; a larger one is passed on as it arrives.
_LARGEST_HELD: Final = 256 * 1024

Members = Mapping[str, Any]
Better = Callable[[Request, Members, Answer], Awaitable[Members | None]]


def languages_better_read_in_english(table: Path = TABLE_FILE) -> frozenset[str]:
    """Read from the table of measurements for which languages the way by English is better."""
    with table.open(newline="") as lines:
        rows = csv.DictReader(lines, delimiter="\t")
        return frozenset(row["language"] for row in rows if row["better"] == "yes")


@dataclass(frozen=True)
class _InEnglish:
    """A document put into English, the languages that it passed through, and which word comes from which."""

    document: Members
    route: list[str]
    alignments: Alignments

    def mark(self, answer: Members, language: str) -> Members:
        """Tell in the answer for it what was done, and for places in English, which nobody has, their sources."""
        predictions = [with_places_in_source(each, self.alignments) for each in answer.get("predictions", ())]
        return {**answer, "predictions": predictions, "language": language, "translated": True, "route": self.route}


class AcrossLanguages:
    """Asks the classifier on behalf of callers, by way of English where that is better."""

    def __init__(self, upstreams: Upstreams, languages: frozenset[str]) -> None:
        self._upstreams = upstreams
        self._languages = languages

    async def classify(self, request: Request) -> Response:
        """Answer a call with one document."""
        return await self._relay(request, CLASSIFY_PATH, self._better)

    async def classify_batch(self, request: Request) -> Response:
        """Answer a call with several documents."""
        return await self._relay(request, BATCH_PATH, self._better_batch)

    async def ask(self, request: Request, document: Members) -> Members:
        """Classify a document on the gateway's own behalf; raise RefusedError or what `Upstreams.ask` raises."""
        first = await self._ask(request, CLASSIFY_PATH, document)
        better = await self._better(request, document, first)
        if better is not None:
            return better
        answer: Members = accepted(first)
        return answer

    async def _relay(self, request: Request, path: str, better: Better) -> Response:
        if not _is_held(request):
            return await self._upstreams.forward(Upstream.CLASSIFY, request)
        body = await whole_body(request, _LARGEST_HELD)
        media_type, accept = request.headers["content-type"], request.headers.get("accept")
        question = Question("POST", path, body, media_type, accept)
        first = await self._upstreams.ask(Upstream.CLASSIFY, request, question)
        found = await better(request, _members(body), first)
        return _as_it_is(first) if found is None else JSONResponse(found)

    async def _better(self, request: Request, document: Members, first: Answer) -> Members | None:
        """Classify a document by way of English; None where that is not called for, or is of no use."""
        told = _members(first.body)
        if not self._is_hardly_read(told):
            return None
        try:
            async with asyncio.timeout(_MOST_SECONDS):
                is_explained = document.get("explain") is True
                english = await self._in_english(request, document, told, is_explained=is_explained)
                again = accepted(await self._ask(request, CLASSIFY_PATH, english.document))
        except (ExamError, TimeoutError) as error:
            return _as_before(told, error)
        return english.mark(again, told.get("language", english.route[0]))

    async def _better_batch(self, request: Request, asked: Members, first: Answer) -> Members | None:
        """Classify those documents of a batch by way of English for which that is called for; None for none."""
        told = _members(first.body)
        results: list[Members] = list(told.get("results", ()))
        hardly_read = [i for i, each in enumerate(results) if self._is_hardly_read(each.get("problem", each))]
        if not hardly_read:
            return None
        poor = [(asked["documents"][i], results[i]) for i in hardly_read]
        try:
            async with asyncio.timeout(_MOST_SECONDS_OF_A_BATCH):
                better = await self._again(request, asked, poor)
        except (ExamError, TimeoutError) as error:
            better = [_as_before(result, error) or result for _, result in poor]
        for i, result in zip(hardly_read, better, strict=True):
            results[i] = result
        return {**told, "results": results}

    async def _again(self, request: Request, asked: Members, poor: Sequence[tuple[Members, Members]]) -> list[Members]:
        """Give a result for each of these documents, the former one where it cannot be translated."""
        is_explained = asked.get("explain") is True
        found: list[_InEnglish | ExamError] = []
        for document, result in poor:
            try:
                found.append(await self._in_english(request, document, result, is_explained=is_explained))
            except ExamError as error:
                found.append(error)
        documents = [each.document for each in found if isinstance(each, _InEnglish)]
        again: list[Members] = []
        if documents:
            question = {**asked, "documents": documents}
            again = accepted(await self._ask(request, BATCH_PATH, question))["results"]
        answers = iter(again)
        return [
            _bettered(each, next(answers), result)
            if isinstance(each, _InEnglish)
            else _as_before(result, each) or result
            for each, (_, result) in zip(found, poor, strict=True)
        ]

    def _is_hardly_read(self, told: Members) -> bool:
        """Tell whether an answer, or a refusal, is of a text that is better read in English."""
        language = str(told.get("language", "")).lower().partition("-")[0]
        return language in self._languages or told.get("code") == _UNREADABLE

    async def _in_english(
        self, request: Request, document: Members, told: Members, *, is_explained: bool
    ) -> _InEnglish:
        parts = {
            name: text[:most]
            for name, most in _READ_LETTERS.items()
            if isinstance(text := document.get(name), str) and text.strip()
        }
        wish = {
            "texts": list(parts.values()),
            "sourceLanguage": told.get("language", document.get("language")),
            "targetLanguage": _ENGLISH,
            "quality": False,
            **({"alignment": True} if is_explained else {}),
        }
        question = Question("POST", TRANSLATE_PATH, json.dumps(wish).encode(), JSON)
        found = accepted(await self._upstreams.ask(Upstream.TRANSLATE, request, question))["translations"]
        english = dict(zip(parts, (each["text"] for each in found), strict=True))
        alignments = {part: each.get("alignment", ()) for part, each in zip(parts, found, strict=True)}
        return _InEnglish({**document, **english, "language": _ENGLISH}, found[0]["route"], alignments)

    async def _ask(self, request: Request, path: str, body: Members) -> Answer:
        question = Question("POST", path, json.dumps(body).encode(), JSON)
        return await self._upstreams.ask(Upstream.CLASSIFY, request, question)


def _is_held(request: Request) -> bool:
    """Tell whether a body can be held: JSON of a known and modest size, to be answered in JSON."""
    length = request.headers.get("content-length", "")
    is_json = request.headers.get("content-type", "").partition(";")[0].strip().lower() == JSON
    is_modest = length.isdigit() and int(length) <= _LARGEST_HELD
    return is_json and is_modest and "xml" not in request.headers.get("accept", "").lower()


def _members(body: bytes) -> Members:
    """Read an object; what is none has no members, and what is wrong with it the classifier tells."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _bettered(english: _InEnglish, again: Members, before: Members) -> Members:
    """Take the second result of a document, unless it is a problem."""
    if "problem" in again:
        return _say(before, str(again["problem"]["code"]))
    return english.mark(again, before.get("language", english.route[0]))


def _as_before(told: Members, error: ExamError | TimeoutError) -> Members | None:
    """Give the first answer, and say in it why there is no better one; None where the first one is a refusal."""
    if "predictions" not in told:
        return None
    return _say(told, error.code if isinstance(error, ExamError) else _TOO_SLOW)


def _say(told: Members, code: str) -> Members:
    return {**told, "translationProblem": code} if "predictions" in told else told


def _as_it_is(answer: Answer) -> Response:
    kept = {name: answer.headers[name] for name in ("content-type", "retry-after") if name in answer.headers}
    return Response(answer.body, answer.status, kept)
