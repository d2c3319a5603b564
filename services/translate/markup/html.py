"""Which elements of HTML stand within a sentence, and which are not to be translated."""

from typing import Final

from services.translate.markup.tokens import RAW_TEXT, Kind, Markup, names
from services.translate.markup.units import Dialect, Place

_INLINE: Final = names(
    "a abbr acronym b bdi bdo big cite del dfn em font i ins label mark nobr q s small span strike strong sub sup tt u "
    "ruby rb rt rp rtc time output data blink slot"
)
# Words of no language, or of another than the text's.
_WORDS: Final = names("code kbd samp var math svg object audio video canvas picture map")
_POINTS: Final = names("img wbr input select button embed area")


def _place(markup: Markup, index: int) -> Place:
    name = markup.tokens[index].name
    is_left = _is_left(markup, index)
    if name in _INLINE:
        return Place.WORD if is_left else Place.INLINE
    if name in _WORDS:
        return Place.WORD
    if name in _POINTS or name in RAW_TEXT:
        return Place.HIDDEN
    return Place.SKIPPED if is_left else Place.BLOCK


def _is_left(markup: Markup, index: int) -> bool:
    """Tell whether its author wants an element left as it is."""
    if markup.tokens[index].kind is not Kind.OPEN:
        return False
    translate = markup.attribute(index, "translate")
    classes = (markup.attribute(index, "class") or "").lower().split()
    return (translate or "").lower() == "no" or "notranslate" in classes


HTML: Final = Dialect(_place, frozenset(("pre", "textarea", "listing")))
