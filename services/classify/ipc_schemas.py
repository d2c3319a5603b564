"""The wire of the look-up: what clients read of the classification."""

from enum import StrEnum
from typing import Annotated, Final

from fastapi import Path, Query
from pydantic import ConfigDict, Field

from examkit.web.wire import WireModel
from services.classify.ipc import Level, Standing
from services.classify.schemas import MOST_ASSIGNED, LanguageTag, PlaceBody, SymbolText
from services.classify.symbol_set import Role

MOST_FOUND: Final = 100
MOST_OFFSET: Final = 100_000

_INSTALLED = "edition of the installed scheme"

SymbolPath = Annotated[SymbolText, Path(description="in any usual form", examples=["H01L 21/768"])]
TitleLanguage = Annotated[
    LanguageTag, Query(description="language of the titles, where the scheme has it, else English", examples=["en"])
]
Words = Annotated[
    str | None,
    Query(
        min_length=1,
        max_length=200,
        description="words of a title, or a symbol; left out: the sections",
        examples=["toothbrushes"],
    ),
]
EditionText = Annotated[
    str | None,
    Query(
        max_length=16,
        description="as `2026.01`, or as the date it came into force, `20260101`; left out: the installed edition",
        examples=["2026.01"],
    ),
]


class ChildBody(PlaceBody):
    """An entry directly below another."""

    level: Level
    child_count: int = Field(description="how many entries stand directly below", examples=[12])


class IpcEntryBody(ChildBody):
    """An entry of the classification, with what its title is to be read under."""

    edition: str = Field(description=_INSTALLED, examples=["2026.01"])
    ancestors: list[PlaceBody] = Field(description="from the section down")


class IpcPlaceBody(IpcEntryBody):
    """An entry of the classification with its surroundings."""

    dots: int = Field(description="printed indentation: 0 down to the main group")
    parent: PlaceBody | None
    children: list[ChildBody]


class DecidedSymbolBody(WireModel):
    """A symbol that a person assigns."""

    symbol: SymbolText = Field(examples=["A46B 9/04"])
    role: Role = Role.INVENTIVE


class DecisionBody(WireModel):
    """What a person assigns to a document, the most important symbol of each role first."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "symbols": [
                        {"symbol": "A46B 9/04", "role": "inventive"},
                        {"symbol": "A46B 17/00", "role": "additional"},
                    ]
                }
            ]
        }
    )

    symbols: list[DecidedSymbolBody] = Field(min_length=1, max_length=MOST_ASSIGNED)


class Basis(StrEnum):
    """What an answer about validity rests on."""

    INSTALLED_EDITION = "installedEdition"
    CONCORDANCE = "concordance"


class ValidityBody(WireModel):
    """Whether an edition has a symbol, since when and until when, and where its matter stands now."""

    symbol: str = Field(examples=["G06F 17/30"])
    edition: str = Field(description="edition that the answer is about", examples=["2019.01"])
    status: Standing = Field(description="`unknown` where nothing installed tells what that edition has")
    basis: Basis = Field(description="what could be asked: only the scheme of the installed edition, or a concordance")
    installed_edition: str = Field(description=_INSTALLED, examples=["2026.01"])
    valid_from: str | None = Field(description="first edition with the symbol, where recorded", examples=["2006.01"])
    valid_until: str | None = Field(
        description="first edition without it again; null: none known", examples=["2019.01"]
    )
    successors: list[PlaceBody] = Field(
        description="in the installed edition: what took over its matter, or some of it"
    )
    predecessors: list[PlaceBody] = Field(
        description="in the installed edition, for a symbol newer than it: where its matter came from"
    )
