"""The command that classifies: text in, a choice of symbols out, into the document where the examiner wants it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from examkit_office.background import in_background
from examkit_office.classify_dialog import MOST_PREDICTIONS, Choice, ClassifyDialog
from examkit_office.configuration import write_preferences
from examkit_office.editing import edit
from examkit_office.messages import tell
from examkit_office.office import Office
from examkit_office.paragraphs import text_of
from examkit_office.protection import is_protected
from examkit_office.selection import selected_ranges, whole_document
from examkit_office.wording import comment, lines

# The classifier reads the beginning of a text; nothing is gained by sending more.
_MOST_CHARACTERS = 100_000


def classify(office: Office) -> None:
    """Ask for the symbols of the selection, or of the document; then let the examiner choose."""
    ranges = selected_ranges(office)
    text = text_of(ranges or whole_document(office), _MOST_CHARACTERS)
    if not text:
        tell(office, "nothing-to-read")
        return
    level = office.preferences().level
    scope = "scope-selection" if ranges else "scope-document"
    in_background(
        office,
        lambda gateway, report: gateway.classify(text, level=level, limit=MOST_PREDICTIONS),
        lambda answer: _choose(office, ClassifyDialog(office, text, scope, level), text, answer),
    )


def _choose(office: Office, dialog: ClassifyDialog, text: str, answer: dict[str, Any]) -> None:
    choice = dialog.run(answer)
    if choice is None:
        return
    write_preferences(office.context, replace(office.preferences(), level=choice.answer["level"]))
    if is_protected(office.controller.getViewCursor()):
        tell(office, "protected")
        return
    insert = _insert_comment if choice.place == "comment" else _insert_text
    if edit(office, office.texts("step-classify"), lambda: insert(office, choice)) and choice.is_feedback:
        _send_feedback(office, text, choice)


def _insert_text(office: Office, choice: Choice) -> None:
    """Write the symbols at the cursor; what is selected stays."""
    end = office.controller.getViewCursor().getEnd()
    cursor = end.getText().createTextCursorByRange(end)
    cursor.getText().insertString(cursor, lines(choice.chosen), False)


def _insert_comment(office: Office, choice: Choice) -> None:
    """Hang the symbols to the selection, or to the place of the cursor."""
    selected = office.controller.getViewCursor()
    note = office.document.createInstance("com.sun.star.text.textfield.Annotation")
    note.Author = office.texts("product")
    note.Content = comment(choice.chosen, choice.answer, office.texts)
    note.DateTimeValue = office.now()
    cursor = selected.getText().createTextCursorByRange(selected)
    cursor.getText().insertTextContent(cursor, note, not cursor.isCollapsed())


def _send_feedback(office: Office, text: str, choice: Choice) -> None:
    shown = [(item.symbol, item.score) for item in choice.shown]
    assigned = [item.symbol for item in choice.chosen]
    in_background(
        office,
        lambda gateway, report: gateway.send_feedback(text, shown, assigned),
        lambda _: tell(office, "feedback-stored"),
    )
