"""The wire of translation: what clients send and receive."""

from typing import Annotated, Final, Literal
from uuid import UUID

from pydantic import ConfigDict, Field, StrictBool, StrictInt

from examkit.web.wire import ModelInfo, WireModel
from services.translate.library import Resources

MOST_TEXTS: Final = 64
MOST_ALTERNATIVES: Final = 3
MOST_CHARACTERS: Final = 50_000
# Alternatives take six times as long: a call with them is then no longer than the longest one without.
MOST_CHARACTERS_WITH_ALTERNATIVES: Final = 10_000
MOST_GLOSSARIES: Final = 8
_LONGEST_TAG: Final = 35

SourceTag = Annotated[str | None, Field(max_length=_LONGEST_TAG, description="BCP-47 tag; left out = detected")]
TargetTag = Annotated[str, Field(max_length=_LONGEST_TAG, description="BCP-47 tag; pt-BR is served by pt")]
GlossaryId = Annotated[UUID | None, Field(description="a glossary of the office whose terms are to be used")]
GlossaryIds = Annotated[
    tuple[UUID, ...],
    Field(max_length=MOST_GLOSSARIES, description="several; of two with the same term the first one is followed"),
]
PatentTerms = Annotated[StrictBool, Field(description="whether to use the patent glossary that comes along, last")]
UsesMemory = Annotated[StrictBool, Field(description="whether to use what the translation memory knows")]


class TranslateRequest(WireModel):
    """Texts to translate, each by itself; together at most 50,000 characters, 10,000 where alternatives are wanted."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "texts": ["A fastening device (10) comprising a housing (12) and a spring (14)."],
                    "sourceLanguage": "en",
                    "targetLanguage": "pt",
                }
            ]
        }
    )

    texts: list[str] = Field(min_length=1, max_length=MOST_TEXTS, description="line breaks and numbering are kept")
    source_language: SourceTag = None
    target_language: TargetTag
    format: Literal["text", "html", "xml"] = Field(
        "text", description="html and xml: tags are kept, at the words that they stood at"
    )
    alternatives: StrictInt = Field(
        0, ge=0, le=MOST_ALTERNATIVES, description="how many other translations are wanted; html and xml have none"
    )
    alignment: StrictBool = Field(False, description="whether to tell which word was translated from which")
    quality: StrictBool = Field(True, description="whether to judge each translation")
    glossary_id: GlossaryId = None
    glossary_ids: GlossaryIds = ()
    patent_terms: PatentTerms = True
    segments: StrictBool = Field(False, description="whether to tell the segments, each with its quality")
    memory: UsesMemory = True

    def resources(self) -> Resources:
        """Give what the translations draw on."""
        return Resources.named(self.glossary_id, self.glossary_ids, patent_terms=self.patent_terms, memory=self.memory)


class QualityBody(WireModel):
    """How far a translation can be trusted."""

    score: float = Field(ge=0, le=1, description="calibrated: how probable it is to be near a person's (chrF over 60)")
    flags: list[
        Literal["number-missing", "sign-missing", "untranslated", "length-ratio", "repetition", "language-wrong"]
    ]


class AlignedWord(WireModel):
    """A word of the translation and the source word that it comes from, as Unicode characters from start to end."""

    source_start: int
    source_end: int
    target_start: int
    target_end: int


class MatchBody(WireModel):
    """A unit of the translation memory and how like its source is to the segment."""

    source: str
    target: str
    score: float = Field(ge=0, le=1, description="1 = the same but for white space and the case of the first letter")


class SegmentBody(WireModel):
    """A segment of the source and its translation, as Unicode characters from start to end."""

    source_start: int
    source_end: int
    target_start: int
    target_end: int
    quality: QualityBody
    origin: Literal["engine", "memory", "memory-adapted"]
    matches: list[MatchBody] = Field(description="units of the memory at least 75 % like it, the likest first")


class TextSpan(WireModel):
    """A part of a text, as Unicode characters from start to end."""

    start: int
    end: int


class TermBody(WireModel):
    """A term of a glossary, as it stands in source and translation, as Unicode characters from start to end."""

    source: str
    target: str
    source_start: int
    source_end: int
    target_start: int
    target_end: int
    glossary: str = Field(description="its id; `patent` for the glossary that comes along")


class TranslationBody(WireModel):
    """One text translated by machine."""

    text: str
    source_language: str = Field(description="as asked, or as detected")
    target_language: str
    route: list[str] = Field(description="the languages passed on the way, of the translators used")
    engines: list[str] = Field(description="one for each step of the route")
    gist: bool = Field(description="by rules or in several steps: for search and triage, never for an official text")
    untranslated: list[TextSpan] = Field(description="words of the translation that an engine did not know and left")
    quality: QualityBody | None
    alternatives: list[str] = Field(description="other translations, as many as there are and were asked for")
    alignment: list[AlignedWord] = Field(description="empty unless asked for")
    segments: list[SegmentBody] = Field(description="empty unless asked for")
    terms: list[TermBody] = Field(description="the terms of glossaries that were found, in the order of the source")


class TranslateAnswer(WireModel):
    """Translations in the order of the texts sent."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "translations": [
                        {
                            "text": "Um dispositivo de fixação (10) composto por uma caixa (12) e uma mola (14).",
                            "sourceLanguage": "en",
                            "targetLanguage": "pt",
                            "route": ["en", "pt"],
                            "engines": ["marian-student"],
                            "gist": False,
                            "untranslated": [],
                            "quality": {"score": 0.6, "flags": []},
                            "alternatives": [],
                            "alignment": [],
                            "segments": [],
                            "terms": [
                                {
                                    "source": "spring",
                                    "target": "mola",
                                    "sourceStart": 55,
                                    "sourceEnd": 61,
                                    "targetStart": 68,
                                    "targetEnd": 72,
                                    "glossary": "patent",
                                }
                            ],
                        }
                    ],
                    "model": {"name": "translator-en-pt", "version": "1.0.0"},
                }
            ]
        }
    )

    translations: list[TranslationBody]
    model: ModelInfo


class SupportedPair(WireModel):
    """A pair of languages and the best way from one to the other; only a `ready` one can be asked for."""

    source_language: str
    target_language: str
    route: list[str]
    engines: list[str]
    status: Literal["ready", "off", "not-installed"]
    gist: bool
    hint: str | None = Field(description="what makes it ready, for an operator")
