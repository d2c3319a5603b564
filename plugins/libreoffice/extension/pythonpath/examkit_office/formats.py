"""The formatting of words that was set by hand or by a character style: told apart, and given to other words."""

from __future__ import annotations

from typing import Any

from com.sun.star.beans.PropertyState import DIRECT_VALUE

_LINKS = frozenset(
    ("HyperLinkURL", "HyperLinkName", "HyperLinkTarget", "UnvisitedCharStyleName", "VisitedCharStyleName")
)
_STYLE = "CharStyleName"
# Lists of what is told elsewhere, and languages, which a translation changes.
_PASSED_OVER = ("CharStyleNames", "CharAutoStyleName", "CharInteropGrabBag", "CharLocale")


class Formats:
    """The formats that were met, by number."""

    def __init__(self) -> None:
        self._known: list[dict[str, Any]] = []
        self._names: tuple[str, ...] = ()

    def number_of(self, portion: Any) -> int:
        """Number the format of a portion of text."""
        values = self._values(portion)
        if values not in self._known:
            self._known.append(values)
        return self._known.index(values)

    def script_of(self, number: int) -> str:
        """Tell whether letters of a format are lowered (`sub`) or raised (`sup`)."""
        height = self._known[number].get("CharEscapement", 0)
        return "sub" if height < 0 else "sup" if height > 0 else ""

    def give(self, cursor: Any, number: int) -> None:
        """Give the text at a cursor a format, and take from it what does not belong to that."""
        wanted = self._known[number]
        for name in self._values(cursor).keys() - wanted.keys():
            cursor.setPropertyToDefault(name)
        for name in sorted(wanted, key=lambda name: name != _STYLE):
            if cursor.getPropertyValue(name) != wanted[name]:
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
