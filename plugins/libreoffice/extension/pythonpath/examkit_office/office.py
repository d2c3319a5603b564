"""The running office: its services, the window that a command came from, and its document."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from com.sun.star.beans import PropertyValue
from com.sun.star.util import DateTime

from examkit_office.configuration import interface_locale, read_preferences
from examkit_office.preferences import Preferences
from examkit_office.texts import Texts


class Office:
    """What a command works with."""

    def __init__(self, context: Any, frame: Any) -> None:
        self.context = context
        self.frame = frame
        self.texts = Texts(interface_locale(context))

    def service(self, name: str, *arguments: Any) -> Any:
        """Make one of the office's services."""
        maker = self.context.ServiceManager
        if arguments:
            return maker.createInstanceWithArgumentsAndContext(name, arguments, self.context)
        return maker.createInstanceWithContext(name, self.context)

    def preferences(self) -> Preferences:
        """Read the settings as they are now."""
        return read_preferences(self.context)

    def now(self) -> Any:
        """Give the time, as the office writes it."""
        now = datetime.now()
        return DateTime(0, now.second, now.minute, now.hour, now.day, now.month, now.year, False)

    @property
    def controller(self) -> Any:
        """What shows the document."""
        return self.frame.getController()

    @property
    def document(self) -> Any:
        """The document in the window."""
        return self.controller.getModel()

    @property
    def window(self) -> Any:
        """The window that dialogs stand before."""
        return self.frame.getContainerWindow()


def properties(**values: Any) -> tuple[Any, ...]:
    """Give named values as the office's calls take them."""
    return tuple(PropertyValue(name, 0, value, 0) for name, value in values.items())
