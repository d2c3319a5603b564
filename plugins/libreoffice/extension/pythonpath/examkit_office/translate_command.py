"""The command that translates: into the text, beside it, or into a new document, and words keep their formatting."""

from __future__ import annotations

from typing import Any, Callable

from examkit_office.background import in_background
from examkit_office.document_copies import copy_of_selection, opened, stored
from examkit_office.editing import edit
from examkit_office.gateway import Languages
from examkit_office.markup import slots_of, tagged
from examkit_office.messages import tell
from examkit_office.office import Office
from examkit_office.paragraphs import Paragraph, has_text, read_paragraphs
from examkit_office.selection import selected_ranges, whole_document
from examkit_office.translate_dialog import Order, TranslateDialog


def translate(office: Office) -> None:
    """Ask how, then translate the selection or the document."""
    ranges = selected_ranges(office)
    scope = ranges or whole_document(office)
    if not has_text(scope):
        tell(office, "nothing-to-read")
        return
    order = TranslateDialog(office, "scope-selection" if ranges else "scope-document").run()
    if order is None:
        return
    if order.place != "new-document":
        _translate(office, read_paragraphs(scope), order)
    elif ranges:
        _translate_copy(office, order.languages)
    else:
        _translate_document(office, order.languages)


_Put = Callable[[Paragraph, Any, str], None]


def _translate(office: Office, paragraphs: list[Paragraph], order: Order) -> None:
    free = [paragraph for paragraph in paragraphs if not paragraph.is_protected]
    if len(free) < len(paragraphs):
        tell(office, "protected-left", count=len(paragraphs) - len(free))
    texts = [tagged(paragraph.slots) for paragraph in free]
    in_background(
        office,
        lambda gateway, report: gateway.translate(texts, order.languages, report),
        lambda translated: _put_all(office, list(zip(free, translated)), order),
    )


def _put_all(office: Office, pairs: list[tuple[Paragraph, str]], order: Order) -> None:
    put, language = _way_to_put(office, order.place), order.languages.target
    read = [(paragraph, slots_of(text, paragraph.slots)) for paragraph, text in pairs]
    as_read = [(paragraph, slots) for paragraph, slots in read if paragraph.is_as_read()]

    def put_each() -> None:
        for paragraph, slots in as_read:
            put(paragraph, slots, language)

    if edit(office, office.texts("step-translate"), put_each) and len(as_read) < len(pairs):
        tell(office, "changed-meanwhile", count=len(pairs) - len(as_read))


def _way_to_put(office: Office, place: str) -> _Put:
    if place == "beside":
        return Paragraph.add_after
    return Paragraph.replace_recorded if office.document.RecordChanges else Paragraph.replace


def _translate_copy(office: Office, languages: Languages) -> None:
    """Copy what is selected into a document that is shown once it is translated."""
    copy = copy_of_selection(office)
    paragraphs = read_paragraphs([copy.getText()])
    texts = [tagged(paragraph.slots) for paragraph in paragraphs]

    def show(translated: list[str]) -> None:
        for paragraph, text in zip(paragraphs, translated):
            paragraph.replace(slots_of(text, paragraph.slots), languages.target)
        copy.getUndoManager().clear()
        copy.getCurrentController().getFrame().getContainerWindow().setVisible(True)

    in_background(
        office,
        lambda gateway, report: gateway.translate(texts, languages, report),
        show,
        lambda: copy.close(True),
    )


def _translate_document(office: Office, languages: Languages) -> None:
    """Send the document as a whole, and open what comes back; all of its parts are translated."""
    content = stored(office)
    in_background(
        office,
        lambda gateway, report: gateway.translate_document(content, languages, report),
        lambda translated: opened(office, translated),
    )
