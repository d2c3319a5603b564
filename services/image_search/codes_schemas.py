"""The wire of Vienna codes suggested for an image."""

from typing import Self

from pydantic import Field

from examkit.web.wire import ModelInfo, WireModel
from services.image_search.concept import CodeSuggestion
from services.image_search.schemas import BoxFields

MOST_SUGGESTIONS = 50


class SuggestFields(BoxFields):
    """What a suggestion of codes can be told, as form fields."""

    limit: int = Field(5, ge=1, le=MOST_SUGGESTIONS)


class SuggestionBody(WireModel):
    """A code, each of another division; `score` from 0 to 1 ranks suggestions and is no probability."""

    code: str = Field(examples=["03.07"], description="section where the office's table has sections, else division")
    title: str = Field(examples=["Birds, bats"])
    score: float
    concepts: list[str] = Field(examples=[["eagle", "falcon"]], description="what made the code come up")

    @classmethod
    def of(cls, suggestion: CodeSuggestion) -> Self:
        """Describe a suggestion."""
        return cls(
            code=str(suggestion.code),
            title=suggestion.title,
            score=round(suggestion.score, 4),
            concepts=list(suggestion.names),
        )


class SuggestionsAnswer(WireModel):
    """Vienna codes for what an image shows, best first, as a machine sees it; the examiner decides."""

    edition: str = Field(description="of the table of codes; `divisions` is this project's own, which has no sections")
    model: ModelInfo
    suggestions: list[SuggestionBody]
