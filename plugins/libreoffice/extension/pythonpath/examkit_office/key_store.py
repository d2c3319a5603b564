"""The API key in LibreOffice's password container, never in a file of ours."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from com.sun.star.container import NoSuchElementException

from examkit_office.office import Office

_USER = "examkit"


def find_key(office: Office, address: str) -> str:
    """Return the key for a gateway, or the empty text; asks for the master password where there is one."""
    record = _container(office).findForName(address, _USER, _interaction(office))
    keys = [password for user in record.UserList if user.UserName == _USER for password in user.Passwords]
    return keys[0] if keys and record.Url == address else ""


def keep_key(office: Office, address: str, key: str, *, is_lasting: bool) -> None:
    """Keep a key until LibreOffice ends, or until it is replaced."""
    container = _container(office)
    with suppress(NoSuchElementException):
        container.remove(address, _USER)
    if not key:
        return
    if is_lasting:
        _allow_lasting(container)
        container.addPersistent(address, _USER, (key,), _interaction(office))
    else:
        container.add(address, _USER, (key,), _interaction(office))


def lasts(office: Office, address: str) -> bool:
    """Tell whether the key of a gateway is kept for good."""
    container = _container(office)
    if not container.isPersistentStoringAllowed():
        return False
    return any(record.Url == address for record in container.getAllPersistent(_interaction(office)))


def _allow_lasting(container: Any) -> None:
    """Let LibreOffice store passwords; a user who has set a master password keeps it."""
    if not container.isPersistentStoringAllowed():
        container.allowPersistentStoring(True)
    if not container.hasMasterPassword():
        container.useDefaultMasterPassword(None)


def _container(office: Office) -> Any:
    return office.service("com.sun.star.task.PasswordContainer")


def _interaction(office: Office) -> Any:
    return office.service("com.sun.star.task.InteractionHandler")
