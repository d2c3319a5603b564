"""How far a long call is, and a way to give it up; shown only when it takes long enough to be read."""

from __future__ import annotations

import threading
from collections.abc import Callable

from examkit_office.forms import MARGIN, ROW, Form
from examkit_office.office import Office

_SHOWN_AFTER_SECONDS = 0.4
_WIDTH, _HEIGHT = 180, 52


class Progress:
    """A small window beside the document; `post` has things done on the main thread."""

    def __init__(self, office: Office, post: Callable[[Callable[[], None]], None]) -> None:
        self._office = office
        self._post = post
        self._cancel: Callable[[], None] = lambda: None
        self._form: Form | None = None
        self._share = 0.0
        self._is_closed = False
        self._timer = threading.Timer(_SHOWN_AFTER_SECONDS, lambda: post(self._show))

    def begin(self, cancel: Callable[[], None]) -> None:
        """Show it after a while; `cancel` is what its button does."""
        self._cancel = cancel
        self._timer.daemon = True
        self._timer.start()

    def report(self, share: float) -> None:
        """Say how much is done, from 0 to 1; from any thread."""
        self._share = share
        self._post(self._draw)

    def close(self) -> None:
        """Take the window away, or never show it; on the main thread."""
        self._is_closed = True
        self._timer.cancel()
        if self._form:
            self._form.dispose()
            self._form = None

    def _show(self) -> None:
        if self._is_closed:
            return
        texts = self._office.texts
        self._form = form = Form(self._office, texts("product"), _WIDTH, _HEIGHT)
        inner = _WIDTH - 2 * MARGIN
        form.label(texts("asking-gateway"), (MARGIN, MARGIN, inner, 10))
        form.add("UnoControlProgressBar", "share", (MARGIN, 18, inner, 8), ProgressValueMin=0, ProgressValueMax=100)
        form.button("cancel", texts("cancel"), (_WIDTH - MARGIN - 70, _HEIGHT - MARGIN - ROW, 70, ROW), self._give_up)
        form.show(self._give_up)
        self._draw()

    def _draw(self) -> None:
        if self._form:
            self._form.model("share").ProgressValue = round(100 * self._share)

    def _give_up(self) -> None:
        self.close()
        self._cancel()
