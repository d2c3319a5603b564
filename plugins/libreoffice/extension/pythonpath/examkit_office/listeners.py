"""What LibreOffice calls back, each as one Python function."""

from __future__ import annotations

from typing import Any, Callable

import unohelper
from com.sun.star.awt import XActionListener, XCallback, XItemListener, XTopWindowListener

_Heard = Callable[[], None]


class OnAction(unohelper.Base, XActionListener):
    """A button was pressed, a choice made."""

    def __init__(self, heard: _Heard) -> None:
        self._heard = heard

    def actionPerformed(self, event: Any) -> None:
        """Pass it on."""
        self._heard()

    def disposing(self, source: Any) -> None:
        """Nothing is held."""


class OnItem(unohelper.Base, XItemListener):
    """Another item of a list was chosen."""

    def __init__(self, heard: _Heard) -> None:
        self._heard = heard

    def itemStateChanged(self, event: Any) -> None:
        """Pass it on."""
        self._heard()

    def disposing(self, source: Any) -> None:
        """Nothing is held."""


class OnClose(unohelper.Base, XTopWindowListener):
    """The user closes a window by its frame."""

    def __init__(self, heard: _Heard) -> None:
        self._heard = heard

    def windowClosing(self, event: Any) -> None:
        """Pass it on."""
        self._heard()

    def windowOpened(self, event: Any) -> None:
        """Of no interest."""

    def windowClosed(self, event: Any) -> None:
        """Of no interest."""

    def windowMinimized(self, event: Any) -> None:
        """Of no interest."""

    def windowNormalized(self, event: Any) -> None:
        """Of no interest."""

    def windowActivated(self, event: Any) -> None:
        """Of no interest."""

    def windowDeactivated(self, event: Any) -> None:
        """Of no interest."""

    def disposing(self, source: Any) -> None:
        """Nothing is held."""


class OnMainThread(unohelper.Base, XCallback):
    """The main thread has time for what was asked of it."""

    def __init__(self, heard: _Heard) -> None:
        self._heard = heard

    def notify(self, data: Any) -> None:
        """Do it."""
        self._heard()
