"""The formatting of words that was set by hand or by a character style: told apart, and given to other words."""

from __future__ import annotations

from typing import Any

from com.sun.star.beans.PropertyState import DIRECT_VALUE

_STYLE = "CharStyleName"
_LINKS = frozenset(
    ("HyperLinkURL", "HyperLinkName", "HyperLinkTarget", "UnvisitedCharStyleName", "VisitedCharStyleName")
)
# In alphabetical order, as they have to be asked for; together they tell formats apart.
_KEYS = ("CharAutoStyleName", "CharStyleName", "HyperLinkName", "HyperLinkTarget", "HyperLinkURL")
_NEVER_INHERITED = _LINKS | {_STYLE}
# Lists of what is told elsewhere, and languages, which a translation changes.
_PASSED_OVER = ("CharStyleNames", "CharAutoStyleName", "CharInteropGrabBag", "CharLocale")


class Formats:
    """The formats that were met, by number."""

    def __init__(self) -> None:
        self._known: list[dict[str, Any]] = []
        self._names: tuple[str, ...] = ()
        self._numbers: dict[Any, int] = {}

    def number_of(self, portion: Any) -> int:
        """Number the format of a portion of text; asking for all of it takes a millisecond, so it is asked once."""
        key = portion.getPropertyValues(_KEYS)
        if key not in self._numbers:
            self._numbers[key] = self._number_of(portion)
        return self._numbers[key]

    def _number_of(self, portion: Any) -> int:
        values = self._values(portion)
        if values not in self._known:
            self._known.append(values)
        return self._known.index(values)

    def script_of(self, number: int) -> str:
        """Tell whether letters of a format are lowered (`sub`) or raised (`sup`)."""
        height = self._known[number].get("CharEscapement", 0)
        return "sub" if height < 0 else "sup" if height > 0 else ""

    def give(self, cursor: Any, number: int, inherited: int | None) -> None:
        """Give the text at a cursor a format, and take from it what does not belong to that.

        Inherited is what new text there takes on from its place; where that is not known, it is looked at.
        """
        wanted = self._known[number]
        had = self._values(cursor) if inherited is None else self._known[inherited]
        for name in had.keys() - wanted.keys():
            cursor.setPropertyToDefault(name)
        for name in sorted(wanted, key=lambda name: name != _STYLE):
            if name in _NEVER_INHERITED or had.get(name) != wanted[name]:
                cursor.setPropertyValue(name, wanted[name])

    def _values(self, portion: Any) -> dict[str, Any]:
        names = self._names = self._names or _names_of(portion)
        states = zip(names, portion.getPropertyStates(names))
        return {name: portion.getPropertyValue(name) for name, state in states if state == DIRECT_VALUE}


def _names_of(portion: Any) -> tuple[str, ...]:
    known = (item.Name for item in portion.getPropertySetInfo().getProperties())
    return tuple(
        sorted(name for name in known if name in _LINKS or (name[:4] == "Char" and not name.startswith(_PASSED_OVER)))
    )
