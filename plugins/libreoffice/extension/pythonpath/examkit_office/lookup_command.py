"""The command that looks a picture of the document up in the register of marks."""

from __future__ import annotations

from typing import Any

from examkit_office.background import in_background
from examkit_office.gateway import Gateway, Report
from examkit_office.hits import PAGE, Hit, fetch_images
from examkit_office.lookup_dialog import LookupDialog
from examkit_office.messages import tell
from examkit_office.office import Office
from examkit_office.pictures import exported
from examkit_office.selection import selected_picture

_MOST_HITS = 24


def look_up(office: Office) -> None:
    """Search by the selected picture, and show the marks that are like it."""
    picture = selected_picture(office)
    if picture is None:
        tell(office, "no-picture")
        return
    image = exported(office, picture)

    def search(gateway: Gateway, report: Report) -> list[Hit]:
        hits = [Hit.of(item) for item in gateway.search_marks(image, _MOST_HITS)]
        report(0.5)
        return fetch_images(gateway, hits[:PAGE]) + hits[PAGE:]

    in_background(office, search, lambda hits: _show(office, hits))


def _show(office: Office, hits: list[Any]) -> None:
    if hits:
        LookupDialog(office, hits).run()
    else:
        tell(office, "no-hits")
