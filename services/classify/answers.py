"""From what the engine found to what the client reads."""

from collections.abc import Sequence

from services.classify.engine import Classification, Options, Prediction
from services.classify.neighbours import Neighbour
from services.classify.schemas import EvidenceBody, PlaceBody, PredictionBody, ResultBody, SimilarDocumentBody
from services.classify.scheme import SchemeEntry


def result_body(document_id: str, found: Classification, options: Options) -> ResultBody:
    """Return the answer for one document of a batch."""
    return ResultBody(
        document_id=document_id,
        language=found.language,
        predictions=prediction_bodies(found.predictions, options),
        similar_documents=similar_bodies(found.similar_documents, options),
    )


def prediction_bodies(predictions: Sequence[Prediction], options: Options) -> list[PredictionBody]:
    """Return the predictions, with evidence where it was asked for."""
    return [_prediction(prediction, options) for prediction in predictions]


def _prediction(prediction: Prediction, options: Options) -> PredictionBody:
    evidence = [EvidenceBody(term=each.term, weight=each.weight) for each in prediction.evidence]
    return PredictionBody(
        symbol=str(prediction.symbol),
        level=prediction.symbol.level,
        title=prediction.title,
        score=prediction.score,
        ancestors=place_bodies(prediction.ancestors),
        evidence=evidence if options.explain else None,
    )


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
