"""The dialog that asks into which language, and where the translation goes."""

from __future__ import annotations

from dataclasses import dataclass

from examkit_office.forms import LABEL_DROP, MARGIN, ROW, Form
from examkit_office.gateway import Languages
from examkit_office.office import Office
from examkit_office.preferences import language_tag

PLACES = ("replace", "beside", "new-document")
_WIDTH, _HEIGHT = 230, 138
_INPUT_X = 70


@dataclass(frozen=True)
class Order:
    """What is to be done with the text."""

    languages: Languages
    place: str


class TranslateDialog:
    """Two languages and three places."""

    def __init__(self, office: Office, scope: str) -> None:
        self._office = office
        self._form = Form(office, office.texts("translate-title"), _WIDTH, _HEIGHT)
        self._form.label(office.texts(scope), (MARGIN, MARGIN, _WIDTH - 2 * MARGIN, 10))
        preferences = office.preferences()
        self._language("source_language", preferences.source_language, 20)
        self._language("target_language", preferences.target_language, 38)
        first = PLACES.index("replace" if scope == "scope-selection" else "new-document")
        for number, place in enumerate(PLACES):
            area = (MARGIN, 60 + 14 * number, _WIDTH - 2 * MARGIN, 12)
            values = {"Label": office.texts("place-" + place), "State": int(number == first)}
            self._form.add("UnoControlRadioButton", place, area, **values)
        self._form.label("", (MARGIN, 103, _WIDTH - 2 * MARGIN, 10), "trouble")
        self._form.end_buttons(office.texts("translate"), self._accept)

    def run(self) -> Order | None:
        """Show it; give what was ordered."""
        return self._order() if self._form.run("target_language") else None

    def _language(self, name: str, tag: str, y: int) -> None:
        self._form.label(self._office.texts("setting-" + name), (MARGIN, y + LABEL_DROP, _INPUT_X - MARGIN, 10))
        self._form.language_choice(name, tag, (_INPUT_X, y, _WIDTH - _INPUT_X - MARGIN, ROW))

    def _order(self) -> Order:
        source, target = (language_tag(self._form.model(f"{end}_language").Text) for end in ("source", "target"))
        place = next(place for place in PLACES if self._form.model(place).State)
        return Order(Languages(source, target), place)

    def _accept(self) -> None:
        if self._order().languages.target:
            self._form.accept()
        else:
            self._form.model("trouble").Label = self._office.texts("target-missing")
