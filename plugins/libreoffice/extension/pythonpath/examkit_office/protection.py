"""Text that may not be changed: LibreOffice keeps its user from it, but not its extensions."""

from __future__ import annotations

from typing import Any


def is_protected(place: Any) -> bool:
    """Tell whether a place stands in a protected section, cell or frame."""
    section = place.TextSection
    while section is not None:
        if section.IsProtected:
            return True
        section = section.getParentSection()
    cell, frame = place.Cell, place.TextFrame
    return bool((cell and cell.IsProtected) or (frame and frame.ContentProtected))
