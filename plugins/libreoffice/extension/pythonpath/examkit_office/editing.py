"""Changes to the document that are one step to undo, and none at all where something stood in their way."""

from __future__ import annotations

from collections.abc import Callable

from com.sun.star.uno import Exception as UnoException

from examkit_office.messages import tell
from examkit_office.office import Office


def edit(office: Office, title: str, change: Callable[[], None]) -> bool:
    """Change the document; where it is protected, put it back, say so and return False."""
    if office.document.isReadonly():
        tell(office, "read-only")
        return False
    office.document.lockControllers()
    try:
        is_done = _change(office, title, change)
    finally:
        office.document.unlockControllers()
    if not is_done:
        tell(office, "protected")
    return is_done


def _change(office: Office, title: str, change: Callable[[], None]) -> bool:
    steps = office.document.getUndoManager()
    known = len(steps.getAllUndoActionTitles())
    steps.enterUndoContext(title)
    try:
        change()
    except UnoException:
        steps.leaveUndoContext()
        if len(steps.getAllUndoActionTitles()) > known:
            steps.undo()
        return False
    steps.leaveUndoContext()
    return True
