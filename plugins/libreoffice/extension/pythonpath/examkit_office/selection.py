"""What a command is about: the ranges of text that are selected, or the whole document."""

from __future__ import annotations

from typing import Any

from examkit_office.office import Office


def selected_ranges(office: Office) -> list[Any]:
    """Give what is selected as things with paragraphs; a bare cursor selects nothing."""
    selection = office.controller.getSelection()
    if selection is None:
        return []
    if selection.supportsService("com.sun.star.text.TextRanges"):
        return [part for part in elements(selection) if part.getString()]
    if selection.supportsService("com.sun.star.text.TextTableCursor"):
        return _cells(office, selection)
    return [selection] if selection.supportsService("com.sun.star.text.TextFrame") else []


def whole_document(office: Office) -> list[Any]:
    """Give the body and the frames of text; their footnotes come with them."""
    frames = office.document.getTextFrames()
    return [office.document.getText(), *(frames.getByName(name).getText() for name in frames.getElementNames())]


def selected_picture(office: Office) -> Any:
    """Give the picture or drawing that is selected, or nothing."""
    selection = office.controller.getSelection()
    if selection is None:
        return None
    if selection.supportsService("com.sun.star.text.TextGraphicObject"):
        return selection
    if selection.supportsService("com.sun.star.drawing.ShapeCollection") and selection.getCount():
        return selection
    return None


def elements(container: Any) -> list[Any]:
    """List what can be enumerated by number."""
    return [container.getByIndex(place) for place in range(container.getCount())]


def _cells(office: Office, cursor: Any) -> list[Any]:
    table = office.controller.getViewCursor().TextTable
    corners = cursor.getRangeName().split(":")
    if len(corners) == 1:
        return [table.getCellByName(corners[0])]
    area = table.getCellRangeByName(cursor.getRangeName())
    rows, columns = len(area.getDataArray()), len(area.getDataArray()[0])
    return [area.getCellByPosition(column, row) for row in range(rows) for column in range(columns)]
