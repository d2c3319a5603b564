"""The endpoints under /api/v1/ipc: the classification looked up."""

from datetime import UTC, datetime
from typing import Annotated, Final

from fastapi import APIRouter, Query, Response

from examkit.errors import NotFoundError
from examkit.web.problems import problem_responses
from examkit.web.wire import JSON_BODY, Page
from services.classify.answers import place_bodies
from services.classify.decided import read_installed_symbols
from services.classify.desk import AtDesk
from services.classify.ipc import Standing, Symbol, edition_of
from services.classify.ipc_schemas import (
    MOST_FOUND,
    MOST_OFFSET,
    Basis,
    ChildBody,
    DecisionBody,
    EditionText,
    IpcEntryBody,
    IpcPlaceBody,
    SymbolPath,
    TitleLanguage,
    ValidityBody,
    Words,
)
from services.classify.ipcr_xml import XML, IpcrEntry, IpcrSource, write_bag
from services.classify.scheme import DEFAULT_LANGUAGE, Scheme, SchemeEntry, SearchResult
from services.classify.symbol_set import Role

router = APIRouter(prefix="/api/v1", tags=["ipc"])

_PATH = "/path/symbol"
_BAG: Final = {
    "description": "An ST.96 IPCRClassificationBag",
    "content": {XML: {"schema": {"type": "string"}}},
}


@router.post(
    "/ipc/st96",
    operation_id="writeDecisionAsSt96",
    summary="Write what a person decided as ST.96",
    dependencies=JSON_BODY,
    response_class=Response,
    responses={200: _BAG, **problem_responses(400, 413, 415)},
)
async def write_decision(body: DecisionBody, desk: AtDesk) -> Response:
    """Give an `IPCRClassificationBag` whose source is a person; symbols of the inventive role come first."""
    scheme = desk.classifier.scheme
    texts = {f"/symbols/{row}/symbol": each.symbol for row, each in enumerate(body.symbols)}
    roles: dict[Symbol, Role] = {}
    for symbol, each in zip(read_installed_symbols(texts, scheme), body.symbols, strict=True):
        roles.setdefault(symbol, each.role)
    entries = [IpcrEntry(symbol, is_inventive=role is Role.INVENTIVE) for symbol, role in roles.items()]
    entries.sort(key=lambda entry: not entry.is_inventive)
    return Response(write_bag(entries, IpcrSource(scheme.edition, datetime.now(UTC).date())), media_type=XML)


# Symbols hold a slash, so this path also fits the one below and has to be tried first.
@router.get(
    "/ipc/{symbol:path}/validity",
    operation_id="getIpcSymbolValidity",
    summary="Check whether an edition of the IPC has a symbol",
    responses=problem_responses(404),
)
async def get_validity(
    symbol: SymbolPath, desk: AtDesk, edition: EditionText = None, language: TitleLanguage = DEFAULT_LANGUAGE
) -> ValidityBody:
    """Say since when and until when a symbol is valid, as far as what is installed tells, and what became of it."""
    scheme, place = desk.classifier.scheme, Symbol.parse(symbol)
    asked = scheme.edition if edition is None else edition_of(edition)
    found = await desk.slots.run(scheme.validity, place, asked, language)
    is_told_by_scheme = asked == scheme.edition or found.standing is Standing.UNKNOWN
    return ValidityBody(
        symbol=str(place),
        edition=asked,
        status=found.standing,
        basis=Basis.INSTALLED_EDITION if is_told_by_scheme else Basis.CONCORDANCE,
        installed_edition=scheme.edition,
        valid_from=found.lifetime.since if found.lifetime else None,
        valid_until=found.lifetime.until if found.lifetime else None,
        successors=place_bodies(found.successors),
        predecessors=place_bodies(found.predecessors),
    )


@router.get(
    "/ipc/{symbol:path}",
    operation_id="getIpcSymbol",
    summary="Look a symbol of the IPC up",
    responses=problem_responses(404),
)
async def get_symbol(symbol: SymbolPath, desk: AtDesk, language: TitleLanguage = DEFAULT_LANGUAGE) -> IpcPlaceBody:
    """Give title, level, parent, children and ancestors in the installed edition."""
    scheme, place = desk.classifier.scheme, Symbol.parse(symbol)
    scheme.check(place, _PATH, NotFoundError)
    entry = scheme.entry(place, language)
    assert entry
    body = _entry_body(entry, scheme, language)
    return IpcPlaceBody(
        **body.model_dump(),
        dots=entry.dots,
        parent=body.ancestors[-1] if body.ancestors else None,
        children=[_child_body(each) for each in scheme.children(place, language)],
    )


@router.get(
    "/ipc",
    operation_id="searchIpc",
    summary="Search the titles of the IPC, or list its sections",
    responses=problem_responses(),
)
async def search_titles(
    desk: AtDesk,
    q: Words = None,
    limit: Annotated[int, Query(ge=1, le=MOST_FOUND)] = 20,
    offset: Annotated[int, Query(ge=0, le=MOST_OFFSET)] = 0,
    language: TitleLanguage = DEFAULT_LANGUAGE,
) -> Page[IpcEntryBody]:
    """Find the titles with every word, inflected or begun, the most fitting first; without words give the sections."""
    scheme = desk.classifier.scheme
    if q is None:
        sections = scheme.children(None, language)
        found = SearchResult(sections[offset : offset + limit], len(sections))
    else:
        found = await desk.slots.run(scheme.search, q, limit=limit, offset=offset, language=language)
    items = [_entry_body(entry, scheme, language) for entry in found.entries]
    return Page(items=items, limit=limit, offset=offset, count=found.count)


def _entry_body(entry: SchemeEntry, scheme: Scheme, language: str) -> IpcEntryBody:
    return IpcEntryBody(
        **_child_body(entry).model_dump(),
        edition=scheme.edition,
        ancestors=place_bodies(scheme.ancestors(entry.symbol, language)),
    )


def _child_body(entry: SchemeEntry) -> ChildBody:
    return ChildBody(
        symbol=str(entry.symbol), title=entry.title, level=entry.symbol.level, child_count=entry.child_count
    )
