"""The dialog that shows the proposed IPC symbols, and takes the examiner's choice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from examkit_office.background import Ends, ask
from examkit_office.forms import LABEL_DROP, MARGIN, ROW, Form
from examkit_office.office import Office
from examkit_office.preferences import LEVELS, step_below
from examkit_office.refusal import RefusedError
from examkit_office.wire import Wire
from examkit_office.wording import Prediction, percent, row, shortened, source_line

MOST_PREDICTIONS = 10
_WIDTH, _HEIGHT = 360, 236
_INNER = _WIDTH - 2 * MARGIN
_ONE_WIDTH = "Liberation Mono;DejaVu Sans Mono;Consolas;Courier New"


@dataclass(frozen=True)
class Choice:
    """What the examiner took of an answer, where it goes, and whether the office may learn from it."""

    chosen: list[Prediction]
    shown: list[Prediction]
    answer: dict[str, Any]
    place: str
    is_feedback: bool


class ClassifyDialog:
    """A list of symbols; a level and a step down ask anew, in the background."""

    def __init__(self, office: Office, text: str, scope: str, level: str) -> None:
        self._office = office
        self._text = text
        self._level = level
        self._start_from = ""
        self._answer: dict[str, Any] = {}
        self._shown: list[Prediction] = []
        self._rows: list[int] = []
        self._place = ""
        self._wire: Wire | None = None
        self._form = Form(office, office.texts("classify-title"), _WIDTH, _HEIGHT)
        self._lay_out(office.texts(scope))

    def run(self, answer: dict[str, Any]) -> Choice | None:
        """Show an answer, and others that are asked for; give what was chosen."""
        is_accepted = self._form.run("symbols", lambda: self._show(answer))
        if self._wire:
            self._wire.cancel()
        chosen = self._chosen() if is_accepted else []
        is_feedback = bool(self._form.model("feedback").State)
        return Choice(chosen, self._shown, self._answer, self._place, is_feedback) if chosen else None

    def _lay_out(self, scope: str) -> None:
        texts, form = self._office.texts, self._form
        form.label(scope, (MARGIN, MARGIN + LABEL_DROP, 190, 10))
        form.label(texts("level"), (_WIDTH - MARGIN - 150, MARGIN + LABEL_DROP, 46, 10), Align=2)
        names = tuple(texts("level-" + level) for level in LEVELS)
        area = (_WIDTH - MARGIN - 100, MARGIN, 100, ROW)
        form.add("UnoControlListBox", "level", area, StringItemList=names, Dropdown=True, LineCount=len(LEVELS))
        form.model("level").SelectedItems = (LEVELS.index(self._level),)
        self._list()
        form.label("", (MARGIN, 146, _INNER, 28), "chosen", MultiLine=True)
        form.label("", (MARGIN, 178, _INNER, 10), "status", MultiLine=True)
        form.button("deeper", texts("go-deeper"), (MARGIN, 194, 100, ROW), self._go_deeper)
        form.add(
            "UnoControlCheckBox",
            "feedback",
            (MARGIN + 110, 194 + LABEL_DROP, _INNER - 110, 10),
            Label=texts("send-feedback"),
        )
        y = _HEIGHT - MARGIN - ROW
        form.button("comment", texts("insert-comment"), (MARGIN, y, 110, ROW), lambda: self._accept("comment"))
        form.end_buttons(texts("insert-text"), lambda: self._accept("text"))
        form.on_item("level", self._change_level)

    def _list(self) -> None:
        """A list, for the tables of LibreOffice 7.4 break under screen readers; letters of one width align it."""
        self._form.label(self._office.texts("symbols"), (MARGIN, 24, _INNER, 10))
        area = (MARGIN, 35, _INNER, 107)
        self._form.add("UnoControlListBox", "symbols", area, MultiSelection=True, FontName=_ONE_WIDTH)
        self._form.on_item("symbols", self._describe)

    def _show(self, answer: dict[str, Any]) -> None:
        self._answer = answer
        self._shown = [Prediction.of(item) for item in answer["predictions"]]
        self._form.model("symbols").StringItemList = tuple(row(item) for item in self._shown)
        self._say(source_line(answer, self._office.texts) if self._shown else self._office.texts("nothing-found"))
        if self._shown:
            self._form.control("symbols").selectItemPos(0, True)
        self._describe()

    def _chosen(self) -> list[Prediction]:
        return [self._shown[row] for row in self._rows]

    def _describe(self) -> None:
        self._rows = sorted(self._form.control("symbols").getSelectedItemsPos())
        chosen = self._chosen()
        self._form.model("chosen").Label = self._described(chosen)
        is_possible = len(chosen) == 1 and bool(step_below(chosen[0].level))
        self._form.model("deeper").Enabled = is_possible

    def _described(self, chosen: list[Prediction]) -> str:
        """Say in words what is chosen, for titles that a row cuts off and for those who cannot see the table."""
        if len(chosen) != 1:
            return ", ".join(item.symbol for item in chosen)
        (item,) = chosen
        named = f"{item.symbol} ({percent(item.score)}) {shortened(item.title)}"
        terms = self._office.texts("carried-by", terms=", ".join(item.terms)) if item.terms else ""
        return f"{named}\n{terms}"

    def _change_level(self) -> None:
        self._level = LEVELS[self._form.control("level").getSelectedItemPos()]
        self._start_from = ""
        self._ask()

    def _go_deeper(self) -> None:
        (item,) = self._chosen()
        self._level, self._start_from = step_below(item.level), item.symbol
        self._form.control("level").selectItemPos(LEVELS.index(self._level), True)
        self._ask()

    def _ask(self) -> None:
        self._say(self._office.texts("asking-gateway"))
        if self._wire:
            self._wire.cancel()
        text, level, start = self._text, self._level, self._start_from
        self._wire = ask(
            self._office,
            lambda gateway: gateway.classify(text, level=level, limit=MOST_PREDICTIONS, start_from=start),
            Ends(self._show, self._refused),
        )

    def _refused(self, refusal: RefusedError) -> None:
        self._say(self._office.texts(refusal.reason, target=refusal.target, address=self._office.preferences().address))

    def _say(self, text: str) -> None:
        self._form.model("status").Label = text

    def _accept(self, place: str) -> None:
        if self._chosen():
            self._place = place
            self._form.accept()
