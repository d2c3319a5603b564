"""The endpoints under /api/v1/classify."""

from fastapi import APIRouter

from examkit.errors import ExamError
from examkit.web.problems import problem_of, problem_responses
from examkit.web.wire import JSON_BODY
from services.classify.answers import prediction_bodies, result_body, similar_bodies, suggested_bodies
from services.classify.desk import AtDesk, Desk
from services.classify.engine import Options
from services.classify.ipc import Symbol
from services.classify.schemas import (
    BatchAnswer,
    BatchBody,
    ClassifyAnswer,
    ClassifyBody,
    OptionsBody,
    PatentBody,
    ResultBody,
)
from services.classify.text import PatentText

router = APIRouter(prefix="/api/v1", tags=["classify"])


@router.post(
    "/classify",
    operation_id="classify",
    summary="Propose IPC symbols for a patent text",
    response_model_exclude_none=True,
    dependencies=JSON_BODY,
    responses=problem_responses(400, 413, 415),
)
async def classify(body: ClassifyBody, desk: AtDesk) -> ClassifyAnswer:
    """Rank the symbols of a level, with calibrated scores; the examiner decides."""
    options = _options(body, body.language)
    found = await desk.slots.run(desk.classifier.classify, _patent(body), options)
    return ClassifyAnswer(
        language=found.language,
        level=found.level,
        edition=desk.classifier.scheme.edition,
        model=desk.model,
        predictions=prediction_bodies(found.predictions, options),
        suggested=suggested_bodies(found.suggested),
        similar_documents=similar_bodies(found.similar_documents, options),
    )


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
