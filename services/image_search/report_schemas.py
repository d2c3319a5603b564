"""The wire of reports: a search, and what the file is to say beside what it finds."""

from typing import Annotated

from pydantic import ConfigDict, Field, StringConstraints

from examkit.web.wire import WireModel
from services.image_search.schemas import MarkId, SearchBody, SearchFields
from services.image_search.titles import Language

_MOST_JUDGEMENTS = 1000

Verdict = Annotated[bool, Field(strict=True)]


class ReportFields(WireModel):
    """What a report says beside the search."""

    reference: Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)] = Field(
        "", description="number of the file that the report is for"
    )
    language: Language = Field(Language.ENGLISH, description="that the report is written in")
    judgements: dict[MarkId, Verdict] = Field(
        default={}, max_length=_MOST_JUDGEMENTS, description="what the examiner found relevant, by `markId`"
    )


class ReportForm(SearchFields, ReportFields):
    """A report of a search by an image, as form fields."""


class ReportBody(SearchBody, ReportFields):
    """A report of a search by a registered mark, colors or words."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "markId": "NZ-1234567",
                    "limit": 10,
                    "reference": "2026/004711",
                    "language": "pt",
                    "judgements": {"NZ-1234568": True, "NZ-1234569": False},
                }
            ]
        }
    )
