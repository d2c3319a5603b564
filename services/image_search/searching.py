"""Turns what clients send into a search, alike for the answer on a screen and for a report."""

from typing import Final

from services.image_search.engine import (
    Color,
    Examples,
    ImageSubject,
    MarkSubject,
    PaletteSubject,
    Search,
    Subject,
    TextSubject,
)
from services.image_search.schemas import SearchBody, SearchFields
from services.image_search.strategies import Strategy

# Which fields of a form hold JSON, and which may come more than once.
JSON_FIELDS: Final = frozenset({"weights", "box"})
LIST_FIELDS: Final = frozenset({"niceClass", "viennaCode", "like", "unlike"})


def search_by_image(image: bytes, fields: SearchFields) -> Search:
    """Return the search that a form asks for."""
    return _to_search(fields, ImageSubject(image, fields.region))


def search_by_body(body: SearchBody) -> Search:
    """Return the search that a JSON body asks for: by a registered mark, colors or words."""
    return _to_search(body, _subject(body))


def _subject(body: SearchBody) -> Subject:
    if body.text is not None:
        return TextSubject(body.text)
    if body.palette is not None:
        return PaletteSubject(tuple(_rgb(color) for color in body.palette))
    assert body.mark_id is not None
    return MarkSubject(body.mark_id, body.region)


def _to_search(fields: SearchFields, subject: Subject) -> Search:
    own: dict[type, Strategy] = {PaletteSubject: Strategy.COLOR, TextSubject: Strategy.CONCEPT}
    default = own.get(type(subject), Strategy.COMBINED)
    return Search(
        subject=subject,
        strategy=fields.strategy or default,
        limit=fields.limit,
        offset=fields.offset,
        mix=fields.mix,
        wanted=fields.to_filter(),
        examples=Examples(tuple(fields.like), tuple(fields.unlike)),
    )


def _rgb(color: str) -> Color:
    red, green, blue = bytes.fromhex(color[1:])
    return red, green, blue
