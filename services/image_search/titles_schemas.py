"""The wire of titles: Nice classes and Vienna codes by which marks are chosen."""

from typing import Annotated, Final

from pydantic import ConfigDict, Field, StringConstraints

from examkit.web.wire import Page, WireModel
from services.image_search.titles import Language

MOST_TITLES: Final = 200

Asked = Annotated[str, StringConstraints(max_length=200)]


class TitleQuery(WireModel):
    """What both lists can be told."""

    model_config = ConfigDict(extra="ignore")

    language: Language = Field(Language.ENGLISH, description="of the titles")
    offset: int = Field(0, ge=0, le=10_000)


class NiceQuery(TitleQuery):
    """Which Nice classes are listed."""

    limit: int = Field(45, ge=1, le=MOST_TITLES)


class ViennaQuery(TitleQuery):
    """Which Vienna codes are listed."""

    q: Asked = Field("", description="words of the title, each from its beginning; or a code: what lies below it")
    limit: int = Field(20, ge=1, le=MOST_TITLES)


class NiceTitle(WireModel):
    """A Nice class by a short title of this project's own wording, which is no legal text."""

    number: int = Field(ge=1, le=45, examples=[9])
    title: str = Field(examples=["Computers, software, electronics, instruments"])


class ViennaTitle(WireModel):
    """A category, division or section of the Vienna Classification."""

    code: str = Field(examples=["05.03"])
    title: str = Field(examples=["Leaves, branches with leaves"])


class NicePage(Page[NiceTitle]):
    """Nice classes in order."""

    language: Language


class ViennaPage(Page[ViennaTitle]):
    """Vienna codes in order, parents before children."""

    edition: str = Field(description="of the table; `divisions` is this project's own, which has no sections")
    language: Language | None = Field(description="of the titles; null for those of the office's own table")
