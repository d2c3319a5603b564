"""The endpoints /api/v1/nice and /api/v1/vienna: titles to choose classes and codes by."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request

from examkit.web.app import loaded
from examkit.web.problems import problem_responses
from services.image_search.desk import Loaded
from services.image_search.titles import Titles
from services.image_search.titles_schemas import (
    NicePage,
    NiceQuery,
    NiceTitle,
    ViennaPage,
    ViennaQuery,
    ViennaTitle,
)

router = APIRouter(prefix="/api/v1", tags=["marks"])


async def _titles(request: Request) -> Titles:
    everything: Loaded = loaded(request)
    return everything.titles


AmongTitles = Annotated[Titles, Depends(_titles)]


@router.get("/nice", operation_id="listNiceClasses", summary="List Nice classes", responses=problem_responses())
async def list_nice_classes(query: Annotated[NiceQuery, Query()], titles: AmongTitles) -> NicePage:
    """Give the classes of goods and services with short titles of this project's own wording."""
    found = [NiceTitle(number=each.number, title=title) for each, title in titles.nice[query.language].items()]
    return NicePage(
        items=found[query.offset : query.offset + query.limit],
        limit=query.limit,
        offset=query.offset,
        count=len(found),
        language=query.language,
    )


@router.get("/vienna", operation_id="findViennaCodes", summary="Find Vienna codes", responses=problem_responses())
async def find_vienna_codes(query: Annotated[ViennaQuery, Query()], titles: AmongTitles) -> ViennaPage:
    """Give codes of figurative elements whose titles have the words, or that lie below a code; all without either."""
    found = titles.find_vienna(query.q, query.language)
    return ViennaPage(
        items=[
            ViennaTitle(code=str(code), title=title) for code, title in found[query.offset : query.offset + query.limit]
        ],
        limit=query.limit,
        offset=query.offset,
        count=len(found),
        edition=titles.edition,
        language=query.language if titles.is_own else None,
    )
