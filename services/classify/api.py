"""The endpoints under /api/v1/classify: JSON or a patent document's XML in, JSON or ST.96 out."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter, Body, Depends, Header, Query, Response
from fastapi.routing import APIRoute
from pydantic import ConfigDict, Field
from starlette.datastructures import Headers
from starlette.routing import Match
from starlette.types import Scope

from examkit.errors import ExamError
from examkit.web.problems import problem_of, problem_responses
from examkit.web.wire import JSON, JSON_BODY, require_body, weight_of
from services.classify.answers import prediction_bodies, result_body, similar_bodies, suggested_bodies
from services.classify.desk import AtDesk, Desk
from services.classify.engine import Classification, Classifier, Options
from services.classify.ipc import Symbol
from services.classify.ipcr_xml import XML, IpcrEntry, IpcrSource, write_bag
from services.classify.patent_xml import read_patent
from services.classify.schemas import (
    BatchAnswer,
    BatchBody,
    ClassifyAnswer,
    ClassifyBody,
    LanguageTag,
    OptionsBody,
    PatentBody,
    ResultBody,
)
from services.classify.symbol_set import Role
from services.classify.text import PatentText

_XML_BODIES: Final = (XML, "text/xml")


class QueryOptions(OptionsBody):
    """The options of a request whose body is the document itself."""

    model_config = ConfigDict(extra="ignore")

    explain: bool = Field(False, description=OptionsBody.model_fields["explain"].description)
    language: LanguageTag | None = Field(None, description="which of the document's languages to read, BCP 47")


class XmlRoute(APIRoute):
    """A route for XML bodies only; whatever else comes to its path is left to the routes after it."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Match only what says it is XML."""
        media_type = Headers(scope=scope).get("content-type", "").partition(";")[0].strip().lower()
        return super().matches(scope) if media_type in _XML_BODIES else (Match.NONE, {})


def _describe_xml() -> dict[str, Any]:
    """Describe what the route for JSON cannot know of: that its path takes XML too, and with which parameters."""
    schema = QueryOptions.model_json_schema(by_alias=True, ref_template="#/components/schemas/{model}")
    parameters = [_parameter(name, member) for name, member in schema["properties"].items()]
    body = {"schema": {"type": "string", "description": "a patent document in WIPO ST.36, ST.96 or a relative of them"}}
    return {"requestBody": {"content": dict.fromkeys(_XML_BODIES, body)}, "parameters": parameters}


def _parameter(name: str, member: dict[str, Any]) -> dict[str, Any]:
    """Describe an option; its limits hold for XML only, so the schema for every request cannot state them."""
    described = f"{member.pop('description')}; only with a body in XML, for one in JSON says it itself"
    return {"name": name, "in": "query", "schema": {}, "description": described, "x-schema-with-xml": member}


_ANSWERS: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": {XML: {"schema": {"type": "string", "description": "an ST.96 IPCRClassificationBag"}}}},
    **problem_responses(400, 413, 415),
}

Writer = Callable[[Classification, Options, Desk], ClassifyAnswer | Response]

router = APIRouter(prefix="/api/v1", tags=["classify"])
_xml_router = APIRouter(route_class=XmlRoute)


async def _accepted_writer(accept: Annotated[str, Header(include_in_schema=False)] = "*/*") -> Writer:
    """Choose JSON, unless XML is named with more weight."""
    return _as_xml if weight_of(XML, accept) > weight_of(JSON, accept) else _as_json


Accepted = Annotated[Writer, Depends(_accepted_writer)]


@_xml_router.post(
    "/classify",
    include_in_schema=False,
    response_model=ClassifyAnswer,
    response_model_exclude_none=True,
    responses=_ANSWERS,
)
async def classify_xml(
    asked: Annotated[QueryOptions, Query()], desk: AtDesk, write: Accepted, xml: Annotated[bytes, Body()] = b""
) -> ClassifyAnswer | Response:
    """Rank the symbols of a level for the first patent document in an XML body."""
    options = _options(asked, asked.language)
    found = await desk.slots.run(_classify_document, xml, options, desk.classifier)
    return write(found, options, desk)


router.include_router(_xml_router)


@router.post(
    "/classify",
    operation_id="classify",
    summary="Propose IPC symbols for a patent text",
    response_model=ClassifyAnswer,
    response_model_exclude_none=True,
    dependencies=require_body(JSON, *_XML_BODIES),
    responses=_ANSWERS,
    openapi_extra=_describe_xml(),
)
async def classify(body: ClassifyBody, desk: AtDesk, write: Accepted) -> ClassifyAnswer | Response:
    """Rank the symbols of a level, with calibrated scores; the examiner decides."""
    options = _options(body, body.language)
    found = await desk.slots.run(desk.classifier.classify, _patent(body), options)
    return write(found, options, desk)


@router.post(
    "/classify/batch",
    operation_id="classifyBatch",
    summary="Propose IPC symbols for several patent texts",
    response_model_exclude_none=True,
    dependencies=JSON_BODY,
    responses=problem_responses(400, 413, 415),
)
async def classify_batch(body: BatchBody, desk: AtDesk) -> BatchAnswer:
    """Answer in the order of the documents; one that cannot be classified has a problem in place of predictions."""
    results = await desk.slots.run(_classify_each, body, desk)
    return BatchAnswer(level=body.level, edition=desk.classifier.scheme.edition, model=desk.model, results=results)


def _patent(body: PatentBody) -> PatentText:
    return PatentText(body.title, body.abstract, body.claims, body.description, body.text)


def _options(body: OptionsBody, language: str | None) -> Options:
    return Options(
        level=body.level,
        limit=body.limit,
        start_from=None if body.start_from is None else Symbol.parse(body.start_from),
        threshold=body.threshold,
        language=language,
        explain=body.explain,
        similar=body.similar_documents,
    )


def _classify_each(body: BatchBody, desk: Desk) -> list[ResultBody]:
    # A start that cannot be read is wrong for the whole request, and said before any document is looked at.
    _options(body, None)
    results = []
    for number, document in enumerate(body.documents):
        options = _options(body, document.language)
        try:
            found = desk.classifier.classify(_patent(document), options)
            results.append(result_body(document.document_id, found, options))
        except ExamError as error:
            instance = f"urn:correlation:{desk.correlation_id}#/documents/{number}"
            problem = problem_of(error, instance=instance, correlation_id=desk.correlation_id)
            results.append(ResultBody(document_id=document.document_id, problem=problem))
    return results


def _classify_document(xml: bytes, options: Options, classifier: Classifier) -> Classification:
    document = read_patent(xml, options.language)
    # What the document says of its language is about the text that was chosen, which may be another than wished.
    return classifier.classify(document.text, replace(options, language=document.language or options.language))


def _as_json(found: Classification, options: Options, desk: Desk) -> ClassifyAnswer:
    return ClassifyAnswer(
        language=found.language,
        level=found.level,
        edition=desk.classifier.scheme.edition,
        model=desk.model,
        predictions=prediction_bodies(found.predictions, options),
        suggested=suggested_bodies(found.suggested),
        similar_documents=similar_bodies(found.similar_documents, options),
    )


def _as_xml(found: Classification, options: Options, desk: Desk) -> Response:
    additional = {each.symbol for each in found.suggested if each.role is Role.ADDITIONAL}
    entries = [IpcrEntry(each.symbol, each.score, each.symbol not in additional) for each in found.predictions]
    source = IpcrSource(desk.classifier.scheme.edition, datetime.now(UTC).date(), desk.model.name, desk.model.version)
    return Response(write_bag(entries, source), media_type=XML)
