"""The dialog that shows marks of the register, a page at a time, on white as they are judged."""

from __future__ import annotations

from examkit_office.background import Ends, ask
from examkit_office.forms import MARGIN, ROW, Form
from examkit_office.hits import PAGE, Hit, fetch_images
from examkit_office.office import Office
from examkit_office.pictures import shown
from examkit_office.refusal import RefusedError
from examkit_office.wire import Wire

_COLUMNS = 4
_SIDE = 80
_CELL_HEIGHT = _SIDE + 34
_WIDTH = 2 * MARGIN + _COLUMNS * (_SIDE + MARGIN) - MARGIN
_HEIGHT = MARGIN + PAGE // _COLUMNS * _CELL_HEIGHT + 12 + 2 * MARGIN + ROW
_WHITE = 0xFFFFFF


class LookupDialog:
    """Two rows of marks; the images of another page are fetched when it is turned to."""

    def __init__(self, office: Office, hits: list[Hit]) -> None:
        self._office = office
        self._hits = hits
        self._first = 0
        self._wire: Wire | None = None
        self._form = Form(office, office.texts("lookup-title"), _WIDTH, _HEIGHT)
        for place in range(PAGE):
            self._lay_out_cell(place)
        y = _HEIGHT - MARGIN - ROW
        self._form.label("", (MARGIN, y - 13, _WIDTH - 2 * MARGIN, 10), "status")
        self._form.button("previous", office.texts("previous"), (MARGIN, y, 60, ROW), lambda: self._turn(-PAGE))
        self._form.button("next", office.texts("next"), (MARGIN + 64, y, 60, ROW), lambda: self._turn(PAGE))
        self._form.close_button(office.texts("close"))
        self._show()

    def run(self) -> None:
        """Show it until it is closed."""
        self._form.run("cancel")
        if self._wire:
            self._wire.cancel()

    def _lay_out_cell(self, place: int) -> None:
        x = MARGIN + place % _COLUMNS * (_SIDE + MARGIN)
        y = MARGIN + place // _COLUMNS * _CELL_HEIGHT
        values = {"BackgroundColor": _WHITE, "Border": 2, "ScaleImage": True, "ScaleMode": 1}
        self._form.add("UnoControlImageControl", f"image{place}", (x, y, _SIDE, _SIDE), **values)
        self._form.label("", (x, y + _SIDE + 1, _SIDE, 28), f"caption{place}", MultiLine=True)

    def _turn(self, by: int) -> None:
        self._first += by
        self._show()
        first, page = self._first, self._hits[self._first : self._first + PAGE]
        if all(hit.image is not None for hit in page):
            return
        if self._wire:
            self._wire.cancel()

        def done(fetched: list[Hit]) -> None:
            self._hits[first : first + PAGE] = fetched
            self._show()

        self._wire = ask(self._office, lambda gateway: fetch_images(gateway, page), Ends(done, self._refused))

    def _show(self) -> None:
        page = self._hits[self._first : self._first + PAGE]
        for place in range(PAGE):
            self._fill(place, page[place] if place < len(page) else None)
        last = self._first + len(page)
        self._form.model("status").Label = self._office.texts(
            "marks-shown", first=self._first + 1, last=last, count=len(self._hits)
        )
        self._form.model("previous").Enabled = self._first > 0
        self._form.model("next").Enabled = last < len(self._hits)

    def _fill(self, place: int, hit: Hit | None) -> None:
        image, caption = self._form.model(f"image{place}"), self._form.model(f"caption{place}")
        image.Graphic = shown(self._office, hit.image) if hit and hit.image else None
        image.HelpText = (hit.name or hit.mark_id) if hit else ""
        caption.Label = self._caption(hit) if hit else ""
        image.EnableVisible = caption.EnableVisible = hit is not None

    def _caption(self, hit: Hit) -> str:
        classes = ", ".join(str(number) for number in hit.nice_classes)
        nice = self._office.texts("nice-classes", classes=classes) if classes else ""
        below = [f"{hit.mark_id} · {hit.score:.2f}", *([nice] if nice else [])]
        return "\n".join([hit.name or "–", *below])

    def _refused(self, refusal: RefusedError) -> None:
        reason = self._office.texts(refusal.reason, target=refusal.target, address=self._office.preferences().address)
        self._form.model("status").Label = reason
