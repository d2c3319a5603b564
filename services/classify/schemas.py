"""The wire of classification: what clients send and receive."""

from typing import Annotated, Final

from pydantic import ConfigDict, Field, StrictBool, StringConstraints

from examkit.web.problems import Problem
from examkit.web.wire import ModelInfo, WireModel
from services.classify.ipc import Level
from services.classify.places import PartName
from services.classify.symbol_set import AskedLevel, Role

MOST_PREDICTIONS: Final = 50
MOST_SIMILAR: Final = 20
MOST_DOCUMENTS: Final = 32
MOST_ASSIGNED: Final = 100

Text = Annotated[str, Field(description="plain text; only the beginning is read")]
SymbolText = Annotated[str, StringConstraints(min_length=1, max_length=64)]
LanguageTag = Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$", max_length=35)]
DocumentId = Annotated[str, StringConstraints(min_length=1, max_length=128)]

_TITLE = "Toothbrush with replaceable bristle head"
_ABSTRACT = (
    "A toothbrush comprises a handle and a brush head with bristles. The head is held on the handle by a snap "
    "connection, so that worn bristles can be replaced without discarding the handle."
)


class PatentBody(WireModel):
    """The text of a patent document; at least one member must hold text."""

    title: Text = ""
    abstract: Text = ""
    claims: Text = ""
    description: Text = ""
    text: Text = Field("", description="text of unknown kind, where the parts are not known")


class OptionsBody(WireModel):
    """What is asked about a text."""

    level: AskedLevel = Field(Level.SUBCLASS, description="`auto` goes as deep as the evidence allows")
    limit: int = Field(5, ge=1, le=MOST_PREDICTIONS, description="most predictions in the answer")
    start_from: SymbolText | None = Field(None, description="predict below this section, class, subclass or main group")
    threshold: float = Field(0.0, ge=0, le=1, description="least score of a prediction")
    explain: StrictBool = Field(False, description="add the terms and documents that carried each prediction")
    similar_documents: int = Field(0, ge=0, le=MOST_SIMILAR, description="how many similar patents to add")


class ClassifyBody(PatentBody, OptionsBody):
    """One document and what is asked about it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "title": _TITLE,
                    "abstract": _ABSTRACT,
                    "level": "mainGroup",
                    "limit": 3,
                    "explain": True,
                    "similarDocuments": 2,
                }
            ]
        }
    )

    language: LanguageTag | None = Field(None, description="BCP 47 tag; left out, it is detected")


class DocumentBody(PatentBody):
    """One document of a batch."""

    document_id: DocumentId
    language: LanguageTag | None = Field(None, description="BCP 47 tag; left out, it is detected")


class BatchBody(OptionsBody):
    """Several documents about which the same is asked."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"documents": [{"documentId": "1", "title": _TITLE, "abstract": _ABSTRACT}], "limit": 3}]
        }
    )

    documents: list[DocumentBody] = Field(min_length=1, max_length=MOST_DOCUMENTS)


class PlaceBody(WireModel):
    """A symbol with its title."""

    symbol: str = Field(examples=["A46B"])
    title: str = Field(examples=["BRUSHES"])


class TextPlaceBody(WireModel):
    """A stretch of a submitted member, in code points of Unicode."""

    part: PartName
    start: int = Field(ge=0)
    end: int = Field(description="the first code point after it")


class EvidenceBody(WireModel):
    """Words of the text and their share in what spoke for a prediction."""

    term: str
    weight: float
    places: list[TextPlaceBody] = Field(
        description="where they stand, in any inflection, in the text as it was sent: the first 50; where it was "
        "translated first, those that they come from, as far as the translator tells"
    )


class EvidenceDocumentBody(WireModel):
    """A published patent that spoke for a prediction, and its share in what all published patents said for it."""

    document_id: str
    title: str = Field(description="empty where the collection has none")
    symbols: list[str]
    weight: float


class PredictionBody(WireModel):
    """A symbol proposed for a text; `score` is the probability that an office assigns it."""

    symbol: str = Field(examples=["A46B 9/00"])
    level: Level
    title: str
    score: float = Field(ge=0, le=1)
    ancestors: list[PlaceBody]
    evidence: list[EvidenceBody] | None = None
    evidence_documents: list[EvidenceDocumentBody] | None = None


class SuggestedBody(WireModel):
    """A symbol of the set that would be assigned together; `role` is as in the Guide to the IPC."""

    symbol: str = Field(examples=["A46B 9/04"])
    role: Role
    score: float = Field(ge=0, le=1)


class SimilarDocumentBody(WireModel):
    """A published patent like the text; `score` is the cosine of their meaning, or of their terms."""

    document_id: str
    title: str
    symbols: list[str]
    score: float


class AnswerBody(WireModel):
    """What an answer about any number of documents says of itself; everything in it is machine made."""

    edition: str = Field(description="edition of the classification that the symbols belong to", examples=["2020.01"])
    model: ModelInfo


class ClassifyAnswer(AnswerBody):
    """The predictions for one document, best first."""

    level: Level = Field(description="the level asked for, or the one that `auto` came to")
    language: str = Field(description="as given, or as detected; `und` where it is not clear")
    translated: bool = Field(False, description="whether the text was translated before it was classified")
    predictions: list[PredictionBody]
    suggested: list[SuggestedBody] = Field(description="the symbols to assign together; empty where none is likely")
    similar_documents: list[SimilarDocumentBody] | None = None


class ResultBody(WireModel):
    """The predictions for one document of a batch, or the problem with it."""

    document_id: str
    level: Level | None = Field(None, description="the level asked for, or the one that `auto` came to")
    language: str | None = None
    predictions: list[PredictionBody] | None = None
    suggested: list[SuggestedBody] | None = None
    similar_documents: list[SimilarDocumentBody] | None = None
    problem: Problem | None = None


class BatchAnswer(AnswerBody):
    """The results in the order of the documents."""

    level: AskedLevel = Field(description="the level asked for; with `auto`, each result names its own")
    results: list[ResultBody]
