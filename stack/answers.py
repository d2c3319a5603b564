"""The gateway's answers as far as the demo reads them; members that a later version adds are passed over."""

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel


class Answer(BaseModel):
    """A JSON object of the public interface."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, frozen=True)


class Model(Answer):
    """Which artifact an answer came from."""

    name: str
    version: str


class Ancestor(Answer):
    """A place of the IPC above a predicted one."""

    symbol: str
    title: str


class Evidence(Answer):
    """A term of the text that carried a prediction."""

    term: str
    weight: float


class Prediction(Answer):
    """One IPC symbol with its calibrated score in [0, 1]."""

    symbol: str
    title: str
    score: float
    ancestors: tuple[Ancestor, ...] = ()
    evidence: tuple[Evidence, ...] = ()


class SimilarDocument(Answer):
    """A document near the given text."""

    document_id: str
    title: str
    symbols: tuple[str, ...]
    score: float


class Classification(Answer):
    """Answer of `POST /api/v1/classify`: predictions best first."""

    edition: str
    model: Model
    predictions: tuple[Prediction, ...]
    similar_documents: tuple[SimilarDocument, ...] = ()


class MarkMetadata(Answer):
    """What the register says of a mark, as far as it is shown."""

    name: str | None = None
    nice_classes: tuple[int, ...] = ()


class Hit(Answer):
    """One mark like the query: its score, and the score of each strategy."""

    mark_id: str
    score: float
    scores: dict[str, float]
    metadata: MarkMetadata
    image_url: str


class MarkSearch(Answer):
    """Answer of `POST /api/v1/marks/search`: hits best first; `count` is how many there are in all."""

    count: int
    model: Model
    hits: tuple[Hit, ...]


class Quality(Answer):
    """The machine's own estimate of a translation, in [0, 1], and what it noticed."""

    score: float
    flags: tuple[str, ...] = ()


class Translation(Answer):
    """One text translated."""

    text: str
    quality: Quality


class Translations(Answer):
    """Answer of `POST /api/v1/translate`, in the order of the texts sent."""

    model: Model
    translations: tuple[Translation, ...]
