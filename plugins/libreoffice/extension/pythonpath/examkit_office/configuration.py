"""Settings in LibreOffice's own configuration, where an administrator can set them for everybody and fix them."""

from __future__ import annotations

from typing import Any

from com.sun.star.beans import PropertyValue
from com.sun.star.beans.PropertyAttribute import READONLY

from examkit_office.preferences import Preferences

_NODE = "/org.examkit.Office/Settings"
_MEMBERS = {
    "address": "GatewayAddress",
    "timeout_seconds": "TimeoutSeconds",
    "certificate_file": "CertificateFile",
    "source_language": "SourceLanguage",
    "target_language": "TargetLanguage",
    "level": "Level",
}


def read_preferences(context: Any) -> Preferences:
    """Read what is set."""
    node = _open(context, _NODE)
    return Preferences(**{member: node.getPropertyValue(name) for member, name in _MEMBERS.items()})


def write_preferences(context: Any, preferences: Preferences) -> None:
    """Keep settings for this user; those that an administrator fixed stay as they are."""
    node = _open(context, _NODE, is_written=True)
    for member in _MEMBERS.keys() - fixed_members(context):
        node.setPropertyValue(_MEMBERS[member], getattr(preferences, member))
    node.commitChanges()


def fixed_members(context: Any) -> set[str]:
    """Name the members of the settings that cannot be changed."""
    known = _open(context, _NODE, is_written=True).getPropertySetInfo()
    return {member for member, name in _MEMBERS.items() if known.getPropertyByName(name).Attributes & READONLY}


def interface_locale(context: Any) -> str:
    """Say in which language the office speaks to its user."""
    chosen = _open(context, "/org.openoffice.Setup/L10N").getPropertyValue("ooLocale")
    return chosen or _open(context, "/org.openoffice.System/L10N").getPropertyValue("UILocale") or "en"


def _open(context: Any, path: str, *, is_written: bool = False) -> Any:
    maker = context.ServiceManager
    provider = maker.createInstanceWithContext("com.sun.star.configuration.ConfigurationProvider", context)
    service = "com.sun.star.configuration.Configuration" + ("UpdateAccess" if is_written else "Access")
    return provider.createInstanceWithArguments(service, (PropertyValue("nodepath", 0, path, 0),))
