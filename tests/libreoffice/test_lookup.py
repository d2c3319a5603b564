"""A picture of the document looked up in the register of marks."""

import base64
import io
from pathlib import Path

import pytest
from PIL import Image

from tests.libreoffice.documents import flat, paragraph
from tests.libreoffice.writer import Writer

pytestmark = pytest.mark.e2e

DIALOG = "Examkit: marks like this picture"
MARK = Path(__file__).parents[2] / "stack" / "examples" / "mark.png"
SIZE = 'svg:width="5cm" svg:height="5cm"'


def picture(content: bytes) -> str:
    """Write a picture that stands in its own file's place."""
    image = f"<draw:image><office:binary-data>{base64.b64encode(content).decode()}</office:binary-data></draw:image>"
    return paragraph(f'<draw:frame draw:name="Mark" text:anchor-type="as-char" {SIZE}>{image}</draw:frame>')


DRAWN = paragraph(
    '<draw:ellipse draw:name="Ring" text:anchor-type="paragraph" draw:fill="solid" draw:fill-color="#003399"'
    f' svg:x="1cm" svg:y="1cm" {SIZE}/>'
)


def test_marks_like_the_picture_are_shown_page_by_page(writer: Writer):
    writer.open("case.fodt", flat(paragraph("The mark:") + picture(MARK.read_bytes())))
    writer.do("select_picture", "Mark")
    writer.do("choose", "look-up")
    said = writer.do("wait_until_said", DIALOG, "1 to 8 of 24")
    best = next(item for item in said if "DEMO-000170" in item)
    assert best.startswith("Apple\nDEMO-000170 · 0.")
    assert best.endswith("Nice 9, 42")
    assert not writer.do("is_enabled", DIALOG, "Previous")
    writer.do("press", DIALOG, "Next")
    writer.do("wait_until_said", DIALOG, "9 to 16 of 24")
    writer.do("press", DIALOG, "Next")
    said = writer.do("wait_until_said", DIALOG, "17 to 24 of 24")
    assert not writer.do("is_enabled", DIALOG, "Next")
    assert not any("DEMO-000170" in item for item in said)
    writer.do("press", DIALOG, "Close")
    writer.do("wait_until_gone", DIALOG)
    assert writer.do("count_steps") == 0


def test_a_drawing_is_looked_up_too(writer: Writer):
    writer.open("case.fodt", flat(DRAWN))
    writer.do("select_drawing")
    writer.do("choose", "look-up")
    assert any("DEMO-" in item for item in writer.do("wait_until_said", DIALOG, "1 to 8 of 24"))


def test_without_a_picture_it_says_what_to_do(writer: Writer):
    writer.open("case.fodt", flat(paragraph("No picture.")))
    writer.do("choose", "look-up")
    writer.do("wait_until_said", "Examkit", "Select a picture or a drawing of the document first.")


def test_an_empty_picture_is_refused_in_words(writer: Writer):
    writer.open("case.fodt", flat(picture(blank())))
    writer.do("select_picture", "Mark")
    writer.do("choose", "look-up")
    writer.do("wait_until_said", "Examkit", "The picture cannot be searched by")


def blank() -> bytes:
    """Draw nothing, a pixel of it."""
    stream = io.BytesIO()
    Image.new("RGB", (1, 1), "white").save(stream, "PNG")
    return stream.getvalue()
