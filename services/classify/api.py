"""The endpoints under /api/v1/classify and /api/v1/ipc."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request

from examkit.errors import ExamError, NotFoundError
from examkit.web.app import loaded
from examkit.web.limits import InferenceSlots, slots_of
from examkit.web.problems import problem_of, problem_responses
from examkit.web.wire import JSON_BODY, ModelInfo, Page
from services.classify.engine import Classification, Classifier, Options, Prediction
from services.classify.ipc import Symbol
from services.classify.neighbours import Neighbour
from services.classify.schemas import (
    MOST_FOUND,
    MOST_OFFSET,
    BatchAnswer,
    BatchBody,
    ClassifyAnswer,
    ClassifyBody,
    EvidenceBody,
    IpcEntryBody,
    IpcPlaceBody,
    LanguageTag,
    OptionsBody,
    PatentBody,
    PlaceBody,
    PredictionBody,
    ResultBody,
    SimilarDocumentBody,
    SymbolText,
)
from services.classify.scheme import DEFAULT_LANGUAGE, SchemeEntry
from services.classify.text import PatentText

router = APIRouter(prefix="/api/v1", tags=["classify"])


@dataclass(frozen=True)
class Desk:
    """What every handler needs: the classifier, the slots its calls run in, and the request's correlation id."""

    classifier: Classifier
    slots: InferenceSlots
    correlation_id: str

    @property
    def model(self) -> ModelInfo:
        """Name the model that answers."""
        return ModelInfo(name=self.classifier.name, version=self.classifier.version)


def _desk(request: Request) -> Desk:
    return Desk(loaded(request), slots_of(request), request.state.correlation_id)


AtDesk = Annotated[Desk, Depends(_desk)]
TitleLanguage = Annotated[LanguageTag, Query(description="language of the titles, where the scheme has it")]


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
        level=options.level,
        edition=desk.classifier.scheme.edition,
        model=desk.model,
        predictions=_predictions(found.predictions, options),
        similar_documents=_similar(found.similar_documents, options),
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


@router.get(
    "/ipc/{symbol:path}",
    operation_id="getIpcSymbol",
    summary="Look a symbol of the IPC up",
    responses=problem_responses(404),
)
async def get_symbol(
    symbol: Annotated[SymbolText, Path(description="in any usual form", examples=["H01L 21/768"])],
    desk: AtDesk,
    language: TitleLanguage = DEFAULT_LANGUAGE,
) -> IpcPlaceBody:
    """Give title, level, parent, children and ancestors in the installed edition."""
    scheme, place = desk.classifier.scheme, Symbol.parse(symbol)
    entry = scheme.entry(place, language)
    if entry is None:
        raise NotFoundError(f"The {scheme.edition} edition has no such symbol.", code="unknown-symbol")
    ancestors = _places(scheme.ancestors(place, language))
    return IpcPlaceBody(
        symbol=str(place),
        title=entry.title,
        level=place.level,
        edition=scheme.edition,
        dots=entry.dots,
        parent=ancestors[-1] if ancestors else None,
        ancestors=ancestors,
        children=_places(scheme.children(place, language)),
    )


@router.get(
    "/ipc",
    operation_id="searchIpc",
    summary="Search the titles of the IPC",
    responses=problem_responses(),
)
async def search_titles(
    desk: AtDesk,
    q: Annotated[str, Query(min_length=1, max_length=200, description="words of a title, or a symbol")],
    limit: Annotated[int, Query(ge=1, le=MOST_FOUND)] = 20,
    offset: Annotated[int, Query(ge=0, le=MOST_OFFSET)] = 0,
    language: TitleLanguage = DEFAULT_LANGUAGE,
) -> Page[IpcEntryBody]:
    """Find the titles that hold every word, broader symbols first."""
    scheme = desk.classifier.scheme
    found = await desk.slots.run(scheme.search, q, limit=limit, offset=offset, language=language)
    items = [
        IpcEntryBody(symbol=str(entry.symbol), title=entry.title, level=entry.symbol.level, edition=scheme.edition)
        for entry in found.entries
    ]
    return Page(items=items, limit=limit, offset=offset, count=found.count)


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
            results.append(_result(document.document_id, found, options))
        except ExamError as error:
            instance = f"urn:correlation:{desk.correlation_id}#/documents/{number}"
            problem = problem_of(error, instance=instance, correlation_id=desk.correlation_id)
            results.append(ResultBody(document_id=document.document_id, problem=problem))
    return results


def _result(document_id: str, found: Classification, options: Options) -> ResultBody:
    return ResultBody(
        document_id=document_id,
        language=found.language,
        predictions=_predictions(found.predictions, options),
        similar_documents=_similar(found.similar_documents, options),
    )


def _predictions(predictions: Sequence[Prediction], options: Options) -> list[PredictionBody]:
    return [_prediction(prediction, options) for prediction in predictions]


def _prediction(prediction: Prediction, options: Options) -> PredictionBody:
    evidence = [EvidenceBody(term=each.term, weight=each.weight) for each in prediction.evidence]
    return PredictionBody(
        symbol=str(prediction.symbol),
        level=prediction.symbol.level,
        title=prediction.title,
        score=prediction.score,
        ancestors=_places(prediction.ancestors),
        evidence=evidence if options.explain else None,
    )


def _similar(documents: Sequence[Neighbour], options: Options) -> list[SimilarDocumentBody] | None:
    if not options.similar:
        return None
    return [
        SimilarDocumentBody(
            document_id=each.document_id, title=each.title, symbols=list(map(str, each.symbols)), score=each.score
        )
        for each in documents
    ]


def _places(entries: Sequence[SchemeEntry]) -> list[PlaceBody]:
    return [PlaceBody(symbol=str(entry.symbol), title=entry.title) for entry in entries]
