"""Dialogs made of labelled controls, laid out in the units that grow with the user's font."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from com.sun.star.awt.PosSize import POS

from examkit_office.listeners import OnAction, OnClose, OnItem
from examkit_office.office import Office
from examkit_office.preferences import LANGUAGES, language_label

MARGIN = 6
ROW = 14
LABEL_DROP = 2  # so that a label stands on the line of the text beside it
_OK = 1
_CANCEL = 2


class Form:
    """A dialog while it is put together, and while it is shown."""

    def __init__(self, office: Office, title: str, width: int, height: int) -> None:
        self._office = office
        self.width = width
        self.height = height
        self._model = office.service("com.sun.star.awt.UnoControlDialogModel")
        self._set(self._model, Width=width, Height=height, Title=title, Moveable=True, Closeable=True)
        self._dialog = office.service("com.sun.star.awt.UnoControlDialog")
        self._dialog.setModel(self._model)

    def add(self, kind: str, name: str, area: tuple[int, int, int, int], **values: Any) -> Any:
        """Put a control at x, y with a width and height; return its model."""
        model = self._model.createInstance(f"com.sun.star.awt.{kind}Model")
        x, y, width, height = area
        self._set(model, Name=name, PositionX=x, PositionY=y, Width=width, Height=height, **values)
        model.TabIndex = len(self._model.getElementNames())
        self._model.insertByName(name, model)
        return model

    def label(self, text: str, area: tuple[int, int, int, int], name: str = "", **values: Any) -> Any:
        """Put a text; before an input, whose name it gives to screen readers."""
        named = name or f"label{len(self._model.getElementNames())}"
        return self.add("UnoControlFixedText", named, area, Label=text, **values)

    def button(self, name: str, text: str, area: tuple[int, int, int, int], heard: Callable[[], None]) -> Any:
        """Put a button that does something."""
        model = self.add("UnoControlButton", name, area, Label=text)
        self.control(name).addActionListener(OnAction(heard))
        return model

    def language_choice(self, name: str, tag: str, area: tuple[int, int, int, int], **values: Any) -> Any:
        """Put a choice among languages, in which another's tag can be typed; without a tag it is detected."""
        choices = tuple(language_label(known) for known, _ in LANGUAGES)
        shown = language_label(tag) if tag else self._office.texts("detected")
        first = () if tag or name != "source_language" else (shown,)
        return self.add(
            "UnoControlComboBox", name, area, Text=shown, StringItemList=first + choices, Dropdown=True, **values
        )

    def end_buttons(self, accept: str, heard: Callable[[], None]) -> None:
        """Put the button that Enter presses and the one that Escape presses at the lower right."""
        y = self.height - MARGIN - ROW
        self.button("accept", accept, (self.width - 2 * 70 - MARGIN - 4, y, 70, ROW), heard).DefaultButton = True
        cancel = self._office.texts("cancel")
        area = (self.width - 70 - MARGIN, y, 70, ROW)
        self.add("UnoControlButton", "cancel", area, Label=cancel, PushButtonType=_CANCEL)

    def control(self, name: str) -> Any:
        """Return a control as it is shown."""
        return self._dialog.getControl(name)

    def model(self, name: str) -> Any:
        """Return what a control holds."""
        return self._model.getByName(name)

    def on_item(self, name: str, heard: Callable[[], None]) -> None:
        """Hear of another choice in a list."""
        self.control(name).addItemListener(OnItem(heard))

    def close_button(self, text: str) -> None:
        """Put the only button that ends it at the lower right."""
        area = (self.width - 70 - MARGIN, self.height - MARGIN - ROW, 70, ROW)
        self.add("UnoControlButton", "cancel", area, Label=text, PushButtonType=_CANCEL)

    def run(self, first: str, opened: Callable[[], None] = lambda: None) -> bool:
        """Show it with the cursor in a control until it is closed; tell whether it was accepted."""
        self._create()
        opened()
        self.control(first).setFocus()
        try:
            return bool(self._dialog.execute() == _OK)
        finally:
            self._dialog.dispose()

    def accept(self) -> None:
        """Close it as accepted."""
        self._dialog.endDialog(_OK)

    def show(self, on_close: Callable[[], None]) -> None:
        """Show it beside the work; the document can be used meanwhile."""
        self._create()
        self._dialog.addTopWindowListener(OnClose(on_close))
        self._dialog.setVisible(True)

    def dispose(self) -> None:
        """Take it away."""
        self._dialog.dispose()

    def _create(self) -> None:
        window = self._office.window
        self._dialog.createPeer(window.getToolkit(), window)
        around, own = window.getPosSize(), self._dialog.getPosSize()
        left, top = (around.Width - own.Width) // 2, (around.Height - own.Height) // 3
        self._dialog.setPosSize(max(0, left), max(0, top), 0, 0, POS)

    @staticmethod
    def _set(model: Any, **values: Any) -> None:
        for name, value in values.items():
            setattr(model, name, value)
