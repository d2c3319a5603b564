"""Symbols for a selection or a document, and into it: in LibreOffice, before real models."""

import secrets

import pytest

from tests.e2e.conftest import Deployment
from tests.libreoffice.documents import Saved, flat, paragraph, span
from tests.libreoffice.writer import Writer

pytestmark = pytest.mark.e2e

DIALOG = "Examkit: IPC symbols"
FEEDBACK = "Send my choice, with the text, to the office’s feedback"
BLADE = (
    "A wind turbine blade comprising a shell of composite material and a spar cap along the length of the blade. "
    "A lightning receptor in the tip is joined to a conductor inside the shell."
)
BRUSH = "A toothbrush comprises a handle and a brush head with bristles, held on the handle by a snap connection."
CASE = flat(paragraph(f"{span('bold', 'A wind')}{BLADE[6:]}") + paragraph(BRUSH) + paragraph("Remarks:"))


def test_the_extension_has_a_menu_and_a_toolbar(writer: Writer):
    writer.open("case.fodt", CASE)
    assert writer.do("toolbar") == ["Classify", "Translate", "Look up mark"]


def test_symbols_of_the_selection_are_put_at_the_cursor(writer: Writer):
    writer.open("case.fodt", CASE)
    writer.do("select", BRUSH)
    writer.do("choose", "classify")
    said = writer.do("wait_until_said", DIALOG, "A46B (")
    assert "The selection" in said
    assert any("bristle" in item and item.count("\n") == 1 for item in said)
    assert any("The examiner decides." in item for item in said)
    writer.do("press", DIALOG, "Insert")
    writer.do("wait_for_text", "A46B\t")
    assert writer.do("paragraphs")[1] == f"{BRUSH}A46B\tBRUSHES"
    assert writer.do("undo") == "Insert IPC symbols"
    assert writer.do("paragraphs")[1] == BRUSH


def test_symbols_of_the_document_hang_to_the_place_as_a_comment(writer: Writer):
    writer.open("case.fodt", CASE)
    writer.do("place_cursor", "Remarks:")
    writer.do("choose", "classify")
    assert "The whole document" in writer.do("wait_until_said", DIALOG, "F03D (")
    writer.do("press", DIALOG, "Insert as comment")
    writer.do("wait_until_gone", DIALOG)
    ((anchor, author, content),) = writer.do("comments")
    assert (anchor, author) == ("", "Examkit")
    assert content.startswith("F03D (")
    assert "WIND MOTORS" in content
    assert content.endswith("The examiner decides.")
    assert writer.do("paragraphs") == [BLADE, BRUSH, "Remarks:"]


def test_a_comment_hangs_to_what_is_selected(writer: Writer):
    writer.open("case.fodt", CASE)
    writer.do("select", BRUSH)
    writer.do("choose", "classify")
    writer.do("press", DIALOG, "Insert as comment")
    writer.do("wait_until_gone", DIALOG)
    assert [anchor for anchor, _, _ in writer.do("comments")] == [BRUSH]
    saved = Saved(writer.saved("case.odt", "writer8"))
    assert saved.texts("text:p")[0] == BLADE
    assert saved.words_with("fo:font-weight", "bold") == ["A wind"]


def test_the_level_is_chosen_and_one_goes_deeper_below_a_symbol(writer: Writer):
    writer.open("case.fodt", CASE)
    writer.do("select", BRUSH)
    writer.do("choose", "classify")
    writer.do("wait_until_said", DIALOG, "A46B (")
    writer.do("press", DIALOG, "Go deeper below it")
    writer.do("wait_until_said", DIALOG, "A46B 17/00 (")
    writer.do("pick", DIALOG, "Level", "Section")
    writer.do("wait_until_said", DIALOG, "A (")
    writer.do("pick", DIALOG, "Level", "Subclass")
    writer.do("wait_until_said", DIALOG, "A46B (")
    writer.do("press", DIALOG, "Cancel")
    writer.do("wait_until_gone", DIALOG)
    assert writer.do("paragraphs") == [BLADE, BRUSH, "Remarks:"]
    assert writer.do("count_steps") == 0


def test_several_symbols_are_chosen(writer: Writer):
    writer.open("case.fodt", CASE)
    writer.do("place_cursor", "Remarks:")
    writer.do("choose", "classify")
    said = writer.do("wait_until_said", DIALOG, "F03D (")
    rows = [item for item in said if "   " in item]
    writer.do("also_pick", DIALOG, "Proposed symbols; choose several with Ctrl or Shift", 1)
    second = rows[1].split()[0]
    writer.do("wait_until_said", DIALOG, f"F03D, {second}")
    writer.do("press", DIALOG, "Insert")
    writer.do("wait_for_text", second)
    assert writer.do("paragraphs")[2].startswith("Remarks:F03D\tWIND MOTORS\n" + second)


def test_a_choice_goes_to_the_office_only_where_the_box_is_ticked(writer: Writer, deployment: Deployment):
    marker = f"Case {secrets.token_hex(6)}."
    writer.open("case.fodt", flat(paragraph(f"{BRUSH} {marker}")))
    for is_wanted in (False, True):
        writer.do("choose", "classify")
        writer.do("wait_until_said", DIALOG, "A46B (")
        assert not writer.do("is_ticked", DIALOG, FEEDBACK)
        if is_wanted:
            writer.do("press", DIALOG, FEEDBACK)
        writer.do("press", DIALOG, "Insert as comment")
        writer.do("wait_until_gone", DIALOG)
    writer.do("wait_until_said", "Examkit", "Your choice has been stored.")
    with deployment.client() as client:
        answer = client.get("/api/v1/classify/feedback", params={"limit": 100}).json()
    stored = [item for item in answer["items"] if marker in item["text"]]
    assert [item["assigned"] for item in stored] == [["A46B"]]
    assert stored[0]["predicted"][0]["symbol"] == "A46B"
