"""The commands of menu and toolbar, by the names in their addresses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from examkit_office.classify_command import classify
from examkit_office.lookup_command import look_up
from examkit_office.messages import tell
from examkit_office.office import Office
from examkit_office.settings_dialog import settings
from examkit_office.translate_command import translate


@dataclass(frozen=True)
class _WithGateway:
    """A command that needs to know where the gateway is; an examiner who has not said so yet is asked first."""

    command: Callable[[Office], None]

    def __call__(self, office: Office) -> None:
        if not office.preferences().address:
            tell(office, "address-missing")
            settings(office)
        if office.preferences().address:
            self.command(office)


COMMANDS: dict[str, Callable[[Office], None]] = {
    "classify": _WithGateway(classify),
    "translate": _WithGateway(translate),
    "look-up": _WithGateway(look_up),
    "settings": settings,
}
