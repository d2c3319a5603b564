"""The endpoints under /api/v1/ipc: the classification looked up."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from examkit.errors import NotFoundError
from examkit.web.problems import problem_responses
from examkit.web.wire import Page
from services.classify.answers import place_bodies
from services.classify.desk import AtDesk
from services.classify.ipc import Symbol
from services.classify.ipc_schemas import MOST_FOUND, MOST_OFFSET, IpcEntryBody, IpcPlaceBody
from services.classify.schemas import LanguageTag, SymbolText
from services.classify.scheme import DEFAULT_LANGUAGE

router = APIRouter(prefix="/api/v1", tags=["ipc"])

TitleLanguage = Annotated[LanguageTag, Query(description="language of the titles, where the scheme has it")]


@router.get(
    "/ipc/{symbol:path}",
    operation_id="getIpcSymbol",
    summary="Look a symbol of the IPC up",
    responses=problem_responses(404),
)
async def get_symbol(
    symbol: Annotated[SymbolText, Path(description="in any usual form", examples=["H01L 21/768"])],
    desk: AtDesk,
    language: TitleLanguage = DEFAULT_LANGUAGE,
) -> IpcPlaceBody:
    """Give title, level, parent, children and ancestors in the installed edition."""
    scheme, place = desk.classifier.scheme, Symbol.parse(symbol)
    entry = scheme.entry(place, language)
    if entry is None:
        raise NotFoundError(f"The {scheme.edition} edition has no such symbol.", code="unknown-symbol")
    ancestors = place_bodies(scheme.ancestors(place, language))
    return IpcPlaceBody(
        symbol=str(place),
        title=entry.title,
        level=place.level,
        edition=scheme.edition,
        dots=entry.dots,
        parent=ancestors[-1] if ancestors else None,
        ancestors=ancestors,
        children=place_bodies(scheme.children(place, language)),
    )


@router.get(
    "/ipc",
    operation_id="searchIpc",
    summary="Search the titles of the IPC",
    responses=problem_responses(),
)
async def search_titles(
    desk: AtDesk,
    q: Annotated[str, Query(min_length=1, max_length=200, description="words of a title, or a symbol")],
    limit: Annotated[int, Query(ge=1, le=MOST_FOUND)] = 20,
    offset: Annotated[int, Query(ge=0, le=MOST_OFFSET)] = 0,
    language: TitleLanguage = DEFAULT_LANGUAGE,
) -> Page[IpcEntryBody]:
    """Find the titles that hold every word, broader symbols first."""
    scheme = desk.classifier.scheme
    found = await desk.slots.run(scheme.search, q, limit=limit, offset=offset, language=language)
    items = [
        IpcEntryBody(symbol=str(entry.symbol), title=entry.title, level=entry.symbol.level, edition=scheme.edition)
        for entry in found.entries
    ]
    return Page(items=items, limit=limit, offset=offset, count=found.count)
