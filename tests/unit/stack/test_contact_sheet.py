"""The picture of a query and its hits."""

import io

import pytest
from PIL import Image

from stack.contact_sheet import Panel, contact_sheet


def panel(color, name="A mark", mode="RGB", size=(300, 100)) -> Panel:
    file = io.BytesIO()
    Image.new(mode, size, color).save(file, "PNG")
    return Panel(file.getvalue(), name, "0.91")


def test_panels_stand_in_rows_of_five():
    one_row, two_rows = (contact_sheet([panel("red")] * count) for count in (5, 6))
    assert one_row.width == two_rows.width
    assert two_rows.height > one_row.height


def test_an_image_keeps_its_shape_on_white():
    sheet = contact_sheet([panel("red")])
    assert sheet.getpixel((16 + 110, 16 + 110)) == (255, 0, 0)
    assert sheet.getpixel((16 + 110, 16 + 40)) == (255, 255, 255)


def test_a_transparent_image_lies_on_white():
    sheet = contact_sheet([panel((0, 0, 0, 0), mode="RGBA")])
    assert sheet.getpixel((16 + 110, 16 + 110)) == (255, 255, 255)


@pytest.mark.parametrize("name", ["", "x" * 500, "Ünïcödé 商標"])
def test_any_name_fits_under_its_image(name):
    sheet = contact_sheet([panel("red", name), panel("blue", "")])
    between = sheet.crop((16 + 218, 16 + 220, 16 + 222, sheet.height))
    assert between.getcolors() == [(between.width * between.height, (255, 255, 255))]
