"""Translations in the text, beside it and as a new document: what was bold stays bold, and nothing else is lost."""

import pytest

from tests.libreoffice.documents import Saved, flat, paragraph, span
from tests.libreoffice.writer import Writer

pytestmark = pytest.mark.e2e

DIALOG = "Examkit: translate"
NOTE = (
    '<text:note text:note-class="footnote"><text:note-citation>1</text:note-citation><text:note-body>'
    f"{paragraph('The handle is made of wood.')}</text:note-body></text:note>"
)
CLAIM = paragraph(
    f"A fastening device (10) comprising a {span('bold', 'housing')} (12){NOTE} and a spring {span('red', '(14)')}."
)
WATER = paragraph(f"The vessel holds H{span('low', '2')}O and a {span('bold', 'pump')}.")


def table(*texts: str) -> str:
    """Write a table of one row."""
    cells = (f"<table:table-cell>{paragraph(text)}</table:table-cell>" for text in texts)
    columns = "<table:table-column/>" * len(texts)
    return f'<table:table table:name="Parts">{columns}<table:table-row>{"".join(cells)}</table:table-row></table:table>'


TABLE = table("A wheel", "A red lamp")
CASE = flat(CLAIM + WATER + TABLE + paragraph("The end of the description."))


def order(writer: Writer, place: str) -> None:
    """Choose Translate, and where it goes."""
    writer.do("choose", "translate")
    writer.do("type", DIALOG, "Translate from", "en")
    writer.do("type", DIALOG, "Translate into", "pt")
    writer.do("press", DIALOG, place)
    writer.do("press", DIALOG, "Translate")


def test_the_document_is_translated_in_place_with_its_formatting(writer: Writer):
    writer.open("case.fodt", CASE)
    order(writer, "In place of the text")
    writer.do("wait_for_text", "descrição")
    saved = Saved(writer.saved("case.odt", "writer8"))
    assert saved.words_with("fo:font-weight", "bold") == ["invólucro", "bomba"]
    assert saved.words_with("fo:color", "#ff0000") == ["(14)"]
    assert saved.words_with("style:text-position", "sub") == ["2"]
    assert saved.texts(".//table:table-cell") == ["Uma roda", "Uma lâmpada vermelha"]
    assert saved.texts(".//text:note-body") == ["O cabo é feito de madeira."]
    (claim,) = [text for text in saved.texts("./text:p") if "(10)" in text]
    assert claim.startswith("Um dispositivo de fixação (10)")
    assert "invólucro (12)1O cabo" in claim
    assert writer.do("undo") == "Translate"
    assert writer.do("paragraphs")[0].startswith("A fastening device (10) comprising a housing (12)")
    assert writer.do("count_steps") == 0


def test_only_what_is_selected_is_translated(writer: Writer):
    writer.open("case.fodt", flat(paragraph(f"Keep this. The {span('bold', 'pump')} is red. Keep that.")))
    writer.do("select", "The pump is red.")
    order(writer, "In place of the text")
    writer.do("wait_for_text", "vermelh")
    assert writer.do("paragraphs") == ["Keep this. A bomba é vermelha. Keep that."]
    assert Saved(writer.saved("case.odt", "writer8")).words_with("fo:font-weight", "bold") == ["bomba"]


def test_several_selections_and_cells_are_translated(writer: Writer):
    sentences = [paragraph(text) for text in ("The pump is red.", "Keep this.", "The lamp is red.")]
    writer.open("case.fodt", flat("".join(sentences) + table("A wheel", "A red lamp", "A lever")))
    writer.do("select_all", "The (pump|lamp) is red.")
    order(writer, "In place of the text")
    writer.do("wait_for_text", "lâmpada")
    assert writer.do("paragraphs")[:3] == ["A bomba é vermelha.", "Keep this.", "A lâmpada é vermelha."]
    writer.do("select_cells", "Parts", "B1:C1")
    order(writer, "In place of the text")
    writer.do("wait_until_cell", "Parts", "C1", "Uma alavanca")
    cells = Saved(writer.saved("case.odt", "writer8")).texts(".//table:table-cell")
    assert cells == ["A wheel", "Uma lâmpada vermelha", "Uma alavanca"]


def test_a_translation_is_put_beside_its_paragraph(writer: Writer):
    listed = f"<text:list><text:list-item>{paragraph('The lamp is red.')}</text:list-item></text:list>"
    writer.open("case.fodt", flat(WATER + listed + paragraph("")))
    order(writer, "Beside it: a paragraph after each")
    writer.do("wait_for_text", "lâmpada")
    vessel, *others = writer.do("paragraphs")
    assert vessel == "The vessel holds H2O and a pump."
    assert others[1:] == ["The lamp is red.", "A lâmpada é vermelha.", ""]
    saved = Saved(writer.saved("case.odt", "writer8"))
    assert saved.words_with("fo:font-weight", "bold") == ["pump", "bomba"]
    assert saved.words_with("style:text-position", "sub") == ["2", "2"]
    assert saved.words_with("fo:language", "pt")
    assert writer.do("undo") == "Translate"
    assert writer.do("paragraphs") == [vessel, "The lamp is red.", ""]


def test_the_selection_becomes_a_new_document(writer: Writer):
    writer.open("case.fodt", CASE)
    writer.do("select", "The vessel holds H2O and a pump.")
    order(writer, "As a new document")
    writer.do("turn_to_new")
    (sentence,) = [text for text in writer.do("paragraphs") if text]
    assert sentence.endswith("uma bomba.")
    assert Saved(writer.saved("case.odt", "writer8")).words_with("fo:font-weight", "bold") == ["bomba"]
    assert writer.do("count_documents") == 2


def test_the_whole_becomes_a_new_document_with_everything_in_it(writer: Writer):
    writer.open("case.fodt", CASE)
    order(writer, "As a new document")
    writer.do("turn_to_new")
    saved = Saved(writer.saved("case.odt", "writer8"))
    assert saved.words_with("fo:font-weight", "bold") == ["invólucro", "bomba"]
    assert saved.texts(".//table:table-cell") == ["Uma roda", "Uma lâmpada vermelha"]
    assert saved.texts(".//text:note-body") == ["O cabo é feito de madeira."]


def test_recorded_changes_stay_recorded_and_struck_words_as_they_are(writer: Writer):
    writer.open("case.fodt", flat(paragraph(f"The {span('bold', 'pump')} is red.") + paragraph("The lamp is green.")))
    writer.do("set", "RecordChanges", True)
    writer.do("strike", " is green")
    order(writer, "In place of the text")
    writer.do("wait_for_text", "bomba")
    saved = Saved(writer.saved("case.odt", "writer8"))
    assert set(saved.texts(".//text:deletion/text:p")) == {"The pump is red.", "The lamp is green", "."}
    writer.do("set", "RecordChanges", False)
    writer.do("accept_changes")
    assert writer.do("paragraphs") == ["A bomba é vermelha.", "A lâmpada."]
    assert Saved(writer.saved("case.odt", "writer8")).words_with("fo:font-weight", "bold") == ["bomba"]


def test_protected_text_is_left_alone(writer: Writer):
    section = '<text:section text:name="Fixed" text:style-name="fixed" text:protected="true">'
    fixed = f"{section}{paragraph('The lamp is red.')}</text:section>"
    writer.open("case.fodt", flat(paragraph("The pump is red.") + fixed + paragraph("The end.")))
    order(writer, "In place of the text")
    writer.do("wait_until_said", "Examkit", "Protected paragraphs, which are left as they are: 1")
    writer.do("dismiss")
    writer.do("wait_for_text", "bomba")
    assert writer.do("paragraphs")[:2] == ["A bomba é vermelha.", "The lamp is red."]
    writer.do("place_cursor", "lamp")
    writer.do("choose", "classify")
    writer.do("press", "Examkit: IPC symbols", "Insert")
    writer.do("wait_until_said", "Examkit", "This part of the document is protected. Nothing was changed.")


def test_marks_of_the_document_stay_around_their_words(writer: Writer):
    marked = '<text:bookmark-start text:name="Part"/>The pump<text:bookmark-end text:name="Part"/> is red.'
    link = '<text:a xlink:type="simple" xlink:href="https://example.org/">lamp</text:a>'
    writer.open("case.fodt", flat(paragraph(marked) + paragraph(f"The {link} is red.")))
    order(writer, "In place of the text")
    writer.do("wait_for_text", "lâmpada")
    saved = Saved(writer.saved("case.odt", "writer8"))
    assert saved.texts(".//text:a") == ["lâmpada"]
    assert writer.do("bookmark", "Part") == "A bomba"
