"""The door by which LibreOffice reaches the commands: a handler of the addresses in menu and toolbar."""

from __future__ import annotations

from typing import Any

import unohelper
from com.sun.star.frame import FeatureStateEvent, XDispatch, XDispatchProvider
from com.sun.star.lang import XInitialization, XServiceInfo
from examkit_office.background import on_main_thread
from examkit_office.commands import COMMANDS
from examkit_office.office import Office

PROTOCOL = "vnd.org.examkit.office:"
IMPLEMENTATION = "org.examkit.office.Commands"
SERVICES = ("com.sun.star.frame.ProtocolHandler",)


class Commands(unohelper.Base, XInitialization, XDispatchProvider, XDispatch, XServiceInfo):
    """The commands of one window."""

    def __init__(self, context: Any, *arguments: Any) -> None:
        self._context = context
        self._frame: Any = None

    def initialize(self, arguments: Any) -> None:
        """Take the window that the commands are for."""
        self._frame = arguments[0] if arguments else None

    def queryDispatch(self, url: Any, target: str, flags: int) -> Any:
        """Offer what carries an address out, where it is one of ours."""
        return self if url.Protocol == PROTOCOL and url.Path in COMMANDS else None

    def queryDispatches(self, requests: Any) -> Any:
        """Offer the same for several."""
        return tuple(self.queryDispatch(item.FeatureURL, item.FrameName, item.SearchFlags) for item in requests)

    def dispatch(self, url: Any, arguments: Any) -> None:
        """Have a command carried out as soon as the menu is closed."""
        office = Office(self._context, self._frame)
        command = COMMANDS[url.Path]
        on_main_thread(office, lambda: command(office))

    def addStatusListener(self, listener: Any, url: Any) -> None:
        """Say that the command can be used, as all can at any time."""
        listener.statusChanged(FeatureStateEvent(self, url, "", True, False, None))

    def removeStatusListener(self, listener: Any, url: Any) -> None:
        """Nothing changes, so nobody is told."""

    def getImplementationName(self) -> str:
        """Name this component."""
        return IMPLEMENTATION

    def getSupportedServiceNames(self) -> tuple[str, ...]:
        """Name what it is."""
        return SERVICES

    def supportsService(self, name: str) -> bool:
        """Tell whether it is that."""
        return name in SERVICES


g_ImplementationHelper = unohelper.ImplementationHelper()
g_ImplementationHelper.addImplementation(Commands, IMPLEMENTATION, SERVICES)
