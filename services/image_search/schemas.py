"""The wire of mark search: what clients send and receive."""

import re
from datetime import date
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator

from examkit.web.wire import ModelInfo, WireModel
from services.image_search.codes import NiceClass, ViennaCode
from services.image_search.image import Box
from services.image_search.marks import Mark, MarkFilter, MarkMetadata
from services.image_search.ranking import Likeness
from services.image_search.strategies import Strategy, Weights, share_out

_PATHS_BESIDE_MARKS = frozenset({"feedback", "import", "report", "search", "status", "suggest-codes"})
_MARK_ID_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._:\-]*$"
_MARK_ID_LENGTH = 128
MOST_HITS = 200
MOST_OFFSET = 10_000
MOST_COLORS = 8
MOST_EXAMPLES = 20
_MOST_CODES = 50
_WRITTEN_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOST_PIXELS_A_SIDE = 40_000_000


def _no_path_of_another(value: str) -> str:
    if value in _PATHS_BESIDE_MARKS:
        raise ValueError("this id is the path of something else below /marks")
    return value


MarkId = Annotated[
    str,
    StringConstraints(pattern=_MARK_ID_PATTERN, min_length=1, max_length=_MARK_ID_LENGTH),
    AfterValidator(_no_path_of_another),
]
ShortText = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
OfficeCode = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
NiceNumber = Annotated[int, Field(ge=1, le=45)]
ViennaText = Annotated[str, StringConstraints(pattern=r"^\d{1,2}\.\d{1,2}(\.\d{1,2})?$")]
ViennaPrefix = Annotated[str, StringConstraints(pattern=r"^\d{1,2}(\.\d{1,2}){0,2}$")]
HexColor = Annotated[str, StringConstraints(pattern=r"^#[0-9A-Fa-f]{6}$")]


def _as_list(value: Any) -> Any:
    return value if isinstance(value, list | tuple) else [value]


def _only_written_out(value: Any) -> Any:
    """Keep out numbers, which would be taken for seconds since 1970."""
    if isinstance(value, int | float) or (isinstance(value, str) and not _WRITTEN_DATE.fullmatch(value)):
        raise ValueError("a date is written like 2021-03-04")
    return value


Date = Annotated[date, BeforeValidator(_only_written_out, json_schema_input_type=date)]
OneOrSeveralNumbers = Annotated[
    list[NiceNumber], BeforeValidator(_as_list, json_schema_input_type=NiceNumber | list[NiceNumber])
]
OneOrSeveralPrefixes = Annotated[
    list[ViennaPrefix], BeforeValidator(_as_list, json_schema_input_type=ViennaPrefix | list[ViennaPrefix])
]


class MetadataBody(WireModel):
    """What the register says of a mark; leave out what is not known."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "name": "Rising Fern",
                    "applicant": "Fern Foods Ltd",
                    "office": "NZ",
                    "status": "registered",
                    "applicationDate": "2021-03-04",
                    "niceClasses": [29, 30],
                    "viennaCodes": ["05.03.13"],
                    "markFeature": "figurative",
                }
            ]
        }
    )

    name: ShortText | None = None
    applicant: ShortText | None = None
    office: OfficeCode | None = Field(None, description="WIPO ST.3 code of the office")
    status: ShortText | None = None
    application_date: Date | None = None
    nice_classes: list[NiceNumber] = Field(default=[], max_length=45)
    vienna_codes: list[ViennaText] = Field(default=[], max_length=_MOST_CODES)
    mark_feature: ShortText | None = Field(None, description="word, figurative, combined, ...")

    @classmethod
    def of(cls, metadata: MarkMetadata) -> Self:
        """Describe a registered mark's metadata."""
        return cls(
            name=metadata.name,
            applicant=metadata.applicant,
            office=metadata.office,
            status=metadata.status,
            application_date=metadata.application_date,
            nice_classes=[nice_class.number for nice_class in metadata.nice_classes],
            vienna_codes=[str(code) for code in metadata.vienna_codes],
            mark_feature=metadata.mark_feature,
        )

    def to_metadata(self) -> MarkMetadata:
        """Return the metadata as the register takes it; raise InvalidInputError for a code that cannot exist."""
        return MarkMetadata(
            name=self.name,
            applicant=self.applicant,
            office=self.office,
            status=self.status,
            application_date=self.application_date,
            nice_classes=tuple(sorted({NiceClass(number) for number in self.nice_classes})),
            vienna_codes=tuple(sorted({ViennaCode.parse(code) for code in self.vienna_codes})),
            mark_feature=self.mark_feature,
        )


class MarkBody(WireModel):
    """A registered mark."""

    mark_id: MarkId = Field(examples=["NZ-1234567"])
    metadata: MetadataBody
    image_url: str = Field(examples=["/api/v1/marks/NZ-1234567/image"])
    words_read: list[str] | None = Field(
        None, description="words that a machine read in the image, in small letters; read some moments after storing"
    )

    @classmethod
    def of(cls, mark: Mark) -> Self:
        """Describe a registered mark."""
        return cls(
            mark_id=mark.mark_id,
            metadata=MetadataBody.of(mark.metadata),
            image_url=image_url(mark.mark_id),
            words_read=list(mark.words_read) or None,
        )


class FilterFields(WireModel):
    """Which marks count; of several classes, or several codes, one is enough."""

    nice_class: OneOrSeveralNumbers = Field(default=[], max_length=45)
    vienna_code: OneOrSeveralPrefixes = Field(
        default=[], max_length=_MOST_CODES, description="code or prefix: `05.03` finds every `05.03.…`"
    )
    status: ShortText | None = None
    office: OfficeCode | None = None
    applicant: ShortText | None = Field(None, description="part of the name is enough; case does not matter")
    date_from: Date | None = Field(None, description="first application date that counts")
    date_to: Date | None = Field(None, description="last application date that counts")
    exclude_mark_id: MarkId | None = None

    def to_filter(self) -> MarkFilter:
        """Return the filter as the register takes it; raise InvalidInputError for a code that cannot exist."""
        return MarkFilter(
            nice_classes=tuple(NiceClass(number) for number in self.nice_class),
            vienna_prefixes=tuple(ViennaCode.parse_prefix(code) for code in self.vienna_code),
            status=self.status,
            office=self.office,
            applicant=self.applicant,
            date_from=self.date_from,
            date_to=self.date_to,
            excluded_mark_id=self.exclude_mark_id,
        )


class ListQuery(FilterFields):
    """The query of a list of marks; parameters that are not known are ignored."""

    model_config = ConfigDict(extra="ignore")

    limit: int = Field(20, ge=1, le=MOST_HITS)
    offset: int = Field(0, ge=0, le=2**53)


class BoxBody(WireModel):
    """A part of an image, in pixels of the upright image."""

    x: int = Field(ge=0, le=_MOST_PIXELS_A_SIDE)
    y: int = Field(ge=0, le=_MOST_PIXELS_A_SIDE)
    width: int = Field(ge=1, le=_MOST_PIXELS_A_SIDE)
    height: int = Field(ge=1, le=_MOST_PIXELS_A_SIDE)

    @classmethod
    def of(cls, box: Box) -> Self:
        """Describe a box."""
        return cls(x=box.x, y=box.y, width=box.width, height=box.height)


class WeightsBody(WireModel):
    """How much each strategy counts in a combined search; only their proportion matters."""

    shape: float = Field(0, ge=0, le=1000, allow_inf_nan=False)
    color: float = Field(0, ge=0, le=1000, allow_inf_nan=False)
    composition: float = Field(0, ge=0, le=1000, allow_inf_nan=False)
    concept: float = Field(0, ge=0, le=1000, allow_inf_nan=False)


class BoxFields(WireModel):
    """Which part of an image counts."""

    box: BoxBody | None = Field(None, description="the part of the image that counts; all of it when left out")

    @property
    def region(self) -> Box | None:
        """Return the box as the engine takes it."""
        return None if self.box is None else Box(self.box.x, self.box.y, self.box.width, self.box.height)


class SearchFields(FilterFields, BoxFields):
    """What every search can be told, as members of a JSON body or as form fields of the same names."""

    strategy: Strategy | None = Field(
        None,
        description="`combined` when left out; by a palette only `color`, which then compares colors alone; "
        "by a text only `concept`",
    )
    weights: WeightsBody | None = Field(None, description="sets the mix of `combined`")
    limit: int = Field(20, ge=1, le=MOST_HITS)
    offset: int = Field(0, ge=0, le=MOST_OFFSET)
    like: list[MarkId] = Field(
        default=[], max_length=MOST_EXAMPLES, description="marks found right: what is like them comes up"
    )
    unlike: list[MarkId] = Field(
        default=[], max_length=MOST_EXAMPLES, description="marks found wrong: what is like them goes down"
    )

    @property
    def mix(self) -> Weights | None:
        """Return the weights as the engine takes them; raise InvalidInputError when all are zero."""
        given = self.weights
        return None if given is None else share_out(Weights(**given.model_dump()))

    @model_validator(mode="after")
    def _weights_belong_to_combined(self) -> Self:
        if self.weights is not None and self.strategy not in (None, Strategy.COMBINED):
            raise ValueError("weights belong to the combined strategy")
        return self


class SearchBody(SearchFields):
    """A search by a registered mark, by colors or by words."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"markId": "NZ-1234567", "limit": 10, "niceClass": [29, 30], "excludeMarkId": "NZ-1234567"},
                {"markId": "NZ-1234567", "like": ["NZ-1234568"], "unlike": ["NZ-1234569"]},
                {"palette": ["#003366", "#ffcc00"], "strategy": "color"},
                {"text": "an eagle with a crown", "limit": 10},
            ]
        }
    )

    mark_id: MarkId | None = Field(None, description="search by this mark")
    palette: list[HexColor] | None = Field(
        None, min_length=1, max_length=MOST_COLORS, description="search by these colors, in equal parts"
    )
    text: ShortText | None = Field(
        None, description="search by words: what marks show, in English, Spanish, French or Portuguese, and their names"
    )

    @model_validator(mode="after")
    def _has_one_subject(self) -> Self:
        if sum(subject is not None for subject in (self.mark_id, self.palette, self.text)) != 1:
            raise ValueError("give one of markId, palette and text; an image is sent as multipart/form-data")
        if self.palette is not None and not self._is_by(Strategy.COLOR):
            raise ValueError("a palette is searched by the color strategy alone, without box or weights")
        if self.text is not None and not self._is_by(Strategy.CONCEPT):
            raise ValueError("a text is searched by the concept strategy alone, without box or weights")
        if (self.like or self.unlike) and self.mark_id is None:
            raise ValueError("like and unlike belong to a search by markId or by an image")
        return self

    def _is_by(self, strategy: Strategy) -> bool:
        return self.strategy in (None, strategy) and self.box is None and self.weights is None


class ScoresBody(WireModel):
    """The likeness of each part that the search had, each from 0 to 1."""

    shape: float | None = None
    color: float | None = None
    composition: float | None = None
    concept: float | None = None
    words: float | None = Field(None, description="share of the words of a `text` that the mark's name holds")

    @classmethod
    def of(cls, likeness: Likeness) -> Self:
        """Describe a likeness."""
        scores = {name: getattr(likeness, name) for name in cls.model_fields}
        return cls(**{name: None if score is None else round(score, 4) for name, score in scores.items()})


class HitBody(MarkBody):
    """A mark found; `score` is the likeness by the strategy asked for, from 0 to 1."""

    score: float
    scores: ScoresBody
    matched_box: BoxBody | None = Field(None, description="what of the registered image was most alike")
    query_box: BoxBody | None = Field(None, description="what of the query's image that was most like")


class UnderstoodBody(WireModel):
    """What a text was taken to mean: concepts that were taught; none where only names of marks were searched."""

    names: list[str] = Field(examples=[["eagle", "crown"]])
    approximate: bool = Field(description="some part of the text was not taught and is searched by what is like it")


class SearchAnswer(WireModel):
    """Marks by likeness, best first, as a machine sees it; `count` is how many were ranked in all."""

    strategy: Strategy
    count: int
    model: ModelInfo
    hits: list[HitBody]
    understood: UnderstoodBody | None = Field(None, description="of a search by text")
    waiting: int | None = Field(
        None,
        description="marks that a new version of the model has not described yet: this search may not have found them",
    )


def image_url(mark_id: str) -> str:
    """Return the path of a mark's image; mark ids need no escaping."""
    return f"/api/v1/marks/{mark_id}/image"
