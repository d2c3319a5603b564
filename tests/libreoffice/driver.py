"""Drives a LibreOffice as its user would: opens documents, chooses from the menu, reads and presses what dialogs show.

Runs under the system's Python, where `uno` is, and takes orders as lines of JSON: `[operation, arguments...]`. Windows
are read through the interface for screen readers, so that what cannot be found by its label fails a test.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import uno
from com.sun.star.accessibility import AccessibleRole, AccessibleStateType
from com.sun.star.beans import PropertyValue
from com.sun.star.connection import NoConnectException
from com.sun.star.lang import DisposedException, IndexOutOfBoundsException
from com.sun.star.uno import RuntimeException
from com.sun.star.util import URL

PATIENCE_SECONDS = 60
INPUTS = (AccessibleRole.TEXT, AccessibleRole.PASSWORD_TEXT)


def wait_for(look: Callable[[], Any]) -> Any:
    """Look again and again until there is something to see."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        try:
            found = look()
        # Not there yet, or closed or filled anew while it was looked at.
        except (NoConnectException, RuntimeException, IndexOutOfBoundsException):
            found = None
        if found:
            return found
        time.sleep(0.05)
    raise TimeoutError


def properties(**values: Any) -> tuple[Any, ...]:
    return tuple(PropertyValue(name, 0, value, 0) for name, value in values.items())


class Driver:
    """The orders, by name."""

    def __init__(self, pipe: str) -> None:
        local = uno.getComponentContext()
        resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
        address = f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext"
        self.context = wait_for(lambda: resolver.resolve(address))
        self.desktop = wait_for(lambda: self.service("com.sun.star.frame.Desktop"))
        self.document: Any = None

    def service(self, name: str) -> Any:
        return self.context.ServiceManager.createInstanceWithContext(name, self.context)

    # ---- documents

    def open(self, path: str, **values: Any) -> None:
        """Open a document and close every other."""
        for other in self._documents():
            other.close(True)
        self.document = self.desktop.loadComponentFromURL(Path(path).as_uri(), "_blank", 0, properties(**values))

    def save(self, path: str, filter_name: str) -> None:
        self.document.storeToURL(Path(path).as_uri(), properties(FilterName=filter_name))

    def turn_to_new(self) -> None:
        """Wait for a document that a command opens and shows, and work with that."""

        def shown() -> Any:
            others = (other for other in self._documents() if other.RuntimeUID != self.document.RuntimeUID)
            return next((other for other in others if _window_of(other).isVisible()), None)

        self.document = wait_for(shown)

    def count_documents(self) -> int:
        return len(self._documents())

    def paragraphs(self) -> list[str]:
        """Give the paragraphs of the body."""
        body = self.document.getText().createEnumeration()
        found = []
        while body.hasMoreElements():
            element = body.nextElement()
            found += [element.getString()] if element.supportsService("com.sun.star.text.Paragraph") else []
        return found

    def wait_for_text(self, text: str) -> None:
        wait_for(lambda: any(text in paragraph for paragraph in self.paragraphs()))

    def wait_until_cell(self, table: str, cell: str, text: str) -> None:
        held = self.document.getTextTables().getByName(table).getCellByName(cell)
        wait_for(lambda: held.getString() == text)

    def comments(self) -> list[list[str]]:
        """Give what comments hang to, and what they say."""
        fields = self.document.getTextFields().createEnumeration()
        found = []
        while fields.hasMoreElements():
            field = fields.nextElement()
            if field.supportsService("com.sun.star.text.textfield.Annotation"):
                found.append([field.getAnchor().getString(), field.Author, field.Content])
        return found

    def bookmark(self, name: str) -> str:
        """Give what a bookmark is around."""
        return str(self.document.getBookmarks().getByName(name).getAnchor().getString())

    def undo(self) -> str:
        """Take the last step back; name it."""
        steps = self.document.getUndoManager()
        title: str = steps.getCurrentUndoActionTitle()
        steps.undo()
        return title

    def count_steps(self) -> int:
        return len(self.document.getUndoManager().getAllUndoActionTitles())

    def set(self, name: str, value: Any) -> None:
        """Set a property of the document."""
        self.document.setPropertyValue(name, value)

    def write(self, text: str) -> None:
        """Write at the end of the document, as its user goes on working."""
        body = self.document.getText()
        body.insertString(body.getEnd(), text, False)

    def strike(self, text: str) -> None:
        """Remove a text, as its user does."""
        self.select(text)
        self._execute(".uno:Delete")

    def accept_changes(self) -> None:
        self._execute(".uno:AcceptAllTrackedChanges")

    # ---- what is selected

    def select(self, text: str) -> None:
        """Select the first place of a text."""
        self._controller().select(self.document.findFirst(self._search(text)))

    def select_all(self, pattern: str) -> None:
        """Select every place that a regular expression fits."""
        search = self._search(pattern)
        search.SearchRegularExpression = True
        self._controller().select(self.document.findAll(search))

    def _search(self, text: str) -> Any:
        search = self.document.createSearchDescriptor()
        search.SearchString = text
        search.SearchCaseSensitive = True
        return search

    def select_cells(self, table: str, cells: str) -> None:
        self._controller().select(self.document.getTextTables().getByName(table).getCellRangeByName(cells))

    def select_picture(self, name: str) -> None:
        self._controller().select(self.document.getGraphicObjects().getByName(name))

    def select_drawing(self) -> None:
        shapes = self.service("com.sun.star.drawing.ShapeCollection")
        shapes.add(self.document.getDrawPage().getByIndex(0))
        self._controller().select(shapes)

    def place_cursor(self, text: str) -> None:
        """Put the cursor behind a text."""
        self.select(text)
        self._controller().getViewCursor().collapseToEnd()

    # ---- commands and what they show

    def choose(self, command: str) -> None:
        """Choose a command, as menu and toolbar do."""
        url = URL()
        url.Complete = f"vnd.org.examkit.office:{command}"
        _, url = self.service("com.sun.star.util.URLTransformer").parseStrict(url)
        self._controller().getFrame().queryDispatch(url, "_self", 0).dispatch(url, ())

    def read(self, title: str) -> list[str]:
        """Wait for a window, and give what stands in it."""
        return [_said(item) for item in _inside(self._window(title)) if _said(item)]

    def wait_until_said(self, title: str, text: str) -> list[str]:
        return list(wait_for(lambda: (said := self.read(title)) and any(text in item for item in said) and said))

    def press(self, title: str, name: str) -> None:
        """Press a button, or switch a box."""
        self._found(title, name, lambda item: hasattr(item, "doAccessibleAction")).doAccessibleAction(0)

    def type(self, title: str, label: str, text: str) -> None:
        """Replace what an input holds."""
        self._found(title, label, lambda item: item.getAccessibleRole() in INPUTS).setText(text)

    def pick(self, title: str, label: str, choice: str) -> None:
        """Pick from a list that unfolds."""
        box = self._found(title, label, lambda item: item.getAccessibleRole() == AccessibleRole.COMBO_BOX)
        entries = next(item for item in _inside(box) if item.getAccessibleRole() == AccessibleRole.LIST)
        names = [_child(entries, place).getAccessibleName() for place in range(entries.getAccessibleChildCount())]
        entries.selectAccessibleChild(names.index(choice))

    def also_pick(self, title: str, label: str, place: int) -> None:
        """Add an entry of an open list to those that are chosen."""
        entries = self._found(title, label, lambda item: item.getAccessibleRole() == AccessibleRole.LIST)
        entries.selectAccessibleChild(place)

    def is_enabled(self, title: str, name: str) -> bool:
        states = self._found(title, name, lambda item: True).getAccessibleStateSet()
        return bool(states.contains(AccessibleStateType.ENABLED))

    def wait_until_gone(self, title: str) -> None:
        """Look at titles first: LibreOffice 7.4 may fall when a screen reader asks for what is being closed."""
        wait_for(lambda: not any(_title_of(window).startswith(title) for window in self._top_windows()))
        wait_for(lambda: not self._windows(title))

    def contents(self) -> list[list[str]]:
        """Give what stands in every window of the extension."""
        return [[_said(item) for item in _inside(window) if _said(item)] for window in self._windows("Examkit")]

    def dismiss(self) -> None:
        """Close what is open before the documents, as Escape does."""

        def dismissed() -> bool:
            for window in self._windows("Examkit"):
                title = window.getAccessibleName()
                buttons = {item.getAccessibleName(): item for item in _inside(window) if _is_button(item)}
                next(buttons[name] for name in ("Cancel", "Close", "OK") if name in buttons).doAccessibleAction(0)
                self.wait_until_gone(title)
            return not self._windows("Examkit")

        wait_for(dismissed)

    def toolbar(self) -> list[str]:
        """Give the words on the extension's toolbar."""
        bars = wait_for(lambda: [bar for top in self._tops() for bar in _inside(top) if _is_own_toolbar(bar)])
        return [_child(bars[0], place).getAccessibleName() for place in range(bars[0].getAccessibleChildCount())]

    def is_ticked(self, title: str, name: str) -> bool:
        states = self._found(title, name, lambda item: True).getAccessibleStateSet()
        return bool(states.contains(AccessibleStateType.CHECKED))

    def is_input_enabled(self, title: str, label: str) -> bool:
        item = self._found(title, label, lambda item: item.getAccessibleRole() in INPUTS)
        return bool(item.getAccessibleStateSet().contains(AccessibleStateType.ENABLED))

    def quit(self) -> None:
        """End LibreOffice; documents are thrown away."""
        for document in self._documents():
            document.setModified(False)
        with suppress(DisposedException):
            self.desktop.terminate()

    # ---- inside

    def _execute(self, command: str) -> None:
        self.service("com.sun.star.frame.DispatchHelper").executeDispatch(
            self._controller().getFrame(), command, "", 0, ()
        )

    def _documents(self) -> list[Any]:
        found, components = [], self.desktop.getComponents().createEnumeration()
        while components.hasMoreElements():
            component = components.nextElement()
            found += [component] if hasattr(component, "getText") else []
        return found

    def _controller(self) -> Any:
        return self.document.getCurrentController()

    def _top_windows(self) -> Iterator[Any]:
        toolkit = self.service("com.sun.star.awt.Toolkit")
        windows = (toolkit.getTopWindow(number) for number in range(toolkit.getTopWindowCount()))
        return (window for window in windows if window)

    def _tops(self) -> Iterator[Any]:
        contexts = (window.getAccessibleContext() for window in self._top_windows())
        return (context for context in contexts if context)

    def _windows(self, title: str) -> list[Any]:
        dialogs = (AccessibleRole.DIALOG, AccessibleRole.ALERT)
        tops = (top for top in self._tops() if top.getAccessibleRole() in dialogs)
        return [top for top in tops if top.getAccessibleName().startswith(title)]

    def _window(self, title: str) -> Any:
        return wait_for(lambda: self._windows(title))[0]

    def _found(self, title: str, name: str, fits: Callable[[Any], bool]) -> Any:
        def look() -> Any:
            items = _inside(self._window(title))
            return [item for item in items if item.getAccessibleName() == name and fits(item)]

        return wait_for(look)[0]


def _title_of(window: Any) -> str:
    """Give the title of a dialog; messages and documents tell theirs to screen readers only."""
    return str(window.getTitle()) if hasattr(window, "getTitle") else ""


def _window_of(document: Any) -> Any:
    return document.getCurrentController().getFrame().getContainerWindow()


def _is_button(item: Any) -> bool:
    return bool(item.getAccessibleRole() == AccessibleRole.PUSH_BUTTON)


def _is_own_toolbar(item: Any) -> bool:
    is_bar = item.getAccessibleRole() == AccessibleRole.TOOL_BAR
    return bool(is_bar and item.getAccessibleName() == "Examkit" and item.getAccessibleChildCount())


def _child(item: Any, place: int) -> Any:
    return item.getAccessibleChild(place).getAccessibleContext()


def _inside(item: Any) -> Iterator[Any]:
    for place in range(min(item.getAccessibleChildCount(), 200)):
        child = _child(item, place)
        yield child
        yield from _inside(child)


def _said(item: Any) -> str:
    text: str = item.getText() if hasattr(item, "getText") else ""
    return text or str(item.getAccessibleName())


def main() -> None:
    """Take orders until there are no more."""
    driver = Driver(sys.argv[1])
    for line in sys.stdin:
        name, arguments, values = json.loads(line)
        try:
            answer = {"answer": getattr(driver, name)(*arguments, **values)}
        except Exception as trouble:  # noqa: BLE001 - whoever gave the order is told, and gives others
            answer = {"trouble": f"{type(trouble).__name__}: {trouble}"}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
