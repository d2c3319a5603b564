"""From what the engine found to what the client reads."""

from collections.abc import Sequence

from services.classify.engine import Classification, Options, Prediction
from services.classify.explanation import DocumentEvidence, Evidence
from services.classify.neighbours import Neighbour
from services.classify.schemas import (
    EvidenceBody,
    EvidenceDocumentBody,
    PlaceBody,
    PredictionBody,
    ResultBody,
    SimilarDocumentBody,
    SuggestedBody,
    TextPlaceBody,
)
from services.classify.scheme import SchemeEntry
from services.classify.symbol_set import SuggestedSymbol


def result_body(document_id: str, found: Classification, options: Options) -> ResultBody:
    """Return the answer for one document of a batch."""
    return ResultBody(
        document_id=document_id,
        level=found.level,
        language=found.language,
        predictions=prediction_bodies(found.predictions, options),
        suggested=suggested_bodies(found.suggested),
        similar_documents=similar_bodies(found.similar_documents, options),
    )


def prediction_bodies(predictions: Sequence[Prediction], options: Options) -> list[PredictionBody]:
    """Return the predictions, with evidence where it was asked for."""
    return [_prediction(prediction, options) for prediction in predictions]


def _prediction(prediction: Prediction, options: Options) -> PredictionBody:
    terms = [_evidence(each) for each in prediction.evidence]
    documents = [_evidence_document(each) for each in prediction.evidence_documents]
    return PredictionBody(
        symbol=str(prediction.symbol),
        level=prediction.symbol.level,
        title=prediction.title,
        score=prediction.score,
        ancestors=place_bodies(prediction.ancestors),
        evidence=terms if options.explain else None,
        evidence_documents=documents if options.explain else None,
    )


def _evidence(evidence: Evidence) -> EvidenceBody:
    places = [TextPlaceBody(part=each.part, start=each.start, end=each.end) for each in evidence.places]
    return EvidenceBody(term=evidence.term, weight=evidence.weight, places=places)


def _evidence_document(evidence: DocumentEvidence) -> EvidenceDocumentBody:
    document = evidence.document
    return EvidenceDocumentBody(
        document_id=document.document_id,
        title=document.title,
        symbols=list(map(str, document.symbols)),
        weight=evidence.weight,
    )


def suggested_bodies(suggested: Sequence[SuggestedSymbol]) -> list[SuggestedBody]:
    """Return the set of symbols to assign together, best first."""
    return [SuggestedBody(symbol=str(each.symbol), role=each.role, score=each.score) for each in suggested]


def similar_bodies(documents: Sequence[Neighbour], options: Options) -> list[SimilarDocumentBody] | None:
    """Return the similar documents, or None where none were asked for."""
    if not options.similar:
        return None
    return [
        SimilarDocumentBody(
            document_id=each.document_id, title=each.title, symbols=list(map(str, each.symbols)), score=each.score
        )
        for each in documents
    ]


def place_bodies(entries: Sequence[SchemeEntry]) -> list[PlaceBody]:
    """Return entries of the scheme as symbols with titles."""
    return [PlaceBody(symbol=str(entry.symbol), title=entry.title) for entry in entries]
