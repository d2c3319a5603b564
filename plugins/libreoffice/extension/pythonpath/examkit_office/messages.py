"""Messages to the examiner: what happened and what to do, in a box that waits for a click."""

from __future__ import annotations

from typing import Any

from com.sun.star.awt.MessageBoxButtons import BUTTONS_OK
from com.sun.star.awt.MessageBoxType import ERRORBOX, INFOBOX

from examkit_office.office import Office
from examkit_office.refusal import RefusedError


def tell(office: Office, name: str, **values: object) -> None:
    """Say that something is done, or cannot be done as things are."""
    _show(office, INFOBOX, office.texts(name, **values))


def tell_refusal(office: Office, refusal: RefusedError) -> None:
    """Say why the gateway did not do it, in what way it said so, and under which number it is in its log."""
    parts = [office.texts(refusal.reason, target=refusal.target, address=office.preferences().address)]
    parts += [office.texts("gateway-said", detail=refusal.detail)] if refusal.detail else []
    parts += [office.texts("correlation-id", id=refusal.correlation_id)] if refusal.correlation_id else []
    _show(office, ERRORBOX, "\n\n".join(parts))


def _show(office: Office, kind: Any, text: str) -> None:
    toolkit = office.window.getToolkit()
    box = toolkit.createMessageBox(office.window, kind, BUTTONS_OK, office.texts("product"), text)
    box.execute()
    box.dispose()
