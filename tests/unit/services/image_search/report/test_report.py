"""The words, signs and facts of a report, apart from what it is written on."""

import io
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html
from pypdf import PdfReader

from examkit.errors import InvalidInputError, NotReadyError
from services.image_search.codes import NiceClass
from services.image_search.engine import ImageSubject, MarkSubject, NewMark, Search
from services.image_search.image import Box
from services.image_search.marks import MarkMetadata
from services.image_search.preview import make_preview
from services.image_search.report import wording
from services.image_search.report.composing import Order, Sources, compose, plain
from services.image_search.report.fonts import MISSING, needs_shaping, printable
from services.image_search.report.page import to_html
from services.image_search.report.paper import to_pdf
from services.image_search.report.wording import Wording
from services.image_search.strategies import Strategy
from services.image_search.titles import Language
from tests.drawings import draw_mark, encode
from tests.fakes_image_search import OWN_TITLES, FakeImageSearcher

NOW = datetime(2026, 11, 23, 14, 5, tzinfo=UTC)
CROSS = encode(draw_mark("cross"))


@pytest.fixture(scope="module")
def searcher():
    searcher = FakeImageSearcher()
    for n in range(40):
        searcher.put(NewMark(f"M-{n}", MarkMetadata(name=f"Mark {n}"), CROSS))
    return searcher


def composed(searcher, subject, preview=make_preview, **told):
    search = Search(subject, Strategy.SHAPE, limit=told.pop("limit", 3), offset=told.pop("offset", 0), **told)
    order = Order(search, Language.ENGLISH, "", {})
    return compose(order, searcher.search(search), Sources(searcher, preview, OWN_TITLES, ""), NOW)


def said(report) -> dict[str, str]:
    return {line.label: line.value for line in report.lines}


def test_every_word_is_there_in_every_language_with_the_same_places_for_values():
    rows = Path(wording.__file__).with_name("wording.tsv").read_text("utf-8").splitlines()
    heading, *words = (row.split("\t") for row in rows)
    assert heading[1:] == list(Language)
    for _, *translated in words:
        assert len({frozenset(re.findall(r"\{\w+\}", text)) for text in translated}) == 1
        assert all(text.strip() or text.isspace() for text in translated)


@pytest.mark.parametrize(("language", "count", "score"), [("en", "12,345", "0.93"), ("pt", "12.345", "0,93")])
def test_numbers_are_written_as_in_the_language(language, count, score):
    say = Wording(Language(language))
    assert (say.count(12345), say.score(0.9321)) == (count, score)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\nb\tc\r\n d", "a b c d"),
        ("evil\u202egpj\u202c.exe\u2066x\u2069\u200f", "evilgpj.exex"),
        ("\x00\x1b[31mred\x7f\ufeff", "[31mred"),
        ("cafe\u0301", "caf\u00e9"),
        ("\u05e9\u05dc\u05d5\u05dd", "\u05e9\u05dc\u05d5\u05dd"),
        ("a\u2028b\u0085c", "a b c"),
    ],
)
def test_a_text_is_one_line_that_turns_nothing_around_it(text, shown):
    assert plain(text) == shown


def test_signs_without_a_font_are_replaced_and_all_of_latin_script_has_one():
    assert printable("\u65e5x\u672c") == f"{MISSING}x{MISSING}"
    latin = "".join(map(chr, [*range(0x20, 0x7F), *range(0xA0, 0x180), *range(0x1E00, 0x1F00)]))
    assert printable(latin) == latin
    assert printable("Ελλάδα Россия \u05e9\u05dc \u0645\u0631 ქართ հայ ไทย") != MISSING
    assert MISSING not in printable("Ελλάδα Россия \u05e9\u05dc \u0645\u0631 ქართ հայ ไทย – “€” …")


@pytest.mark.parametrize(
    ("text", "expected"),
    [("Ação Ελλάδα Россия – “x” €", False), ("\u05e9", True), ("\u0645", True), ("हि", True), ("x\u0301", True)],
)
def test_only_what_joins_or_turns_is_shaped(text, expected):
    assert needs_shaping(text) is expected


def test_facts_are_told_of_a_part_of_a_mark(searcher):
    report = composed(searcher, MarkSubject("M-3", Box(50, 20, 100, 60)), offset=10)
    told = said(report)
    assert (told["Searched by"], told["Mark"]) == ("a part of a registered mark (framed)", "M-3 Mark 3")
    assert told["Part of the image"] == "100 × 60 pixels from (50, 20)"
    assert (told["Marks ranked"], told["In this report"]) == ("40 of 40 in the register", "hits 11 to 13")
    assert told["Searched on"] == "2026-11-23 14:05 UTC"
    assert [hit.rank for hit in report.hits] == [11, 12, 13]
    assert report.picture.box == Box(50, 20, 100, 60)


def test_the_frame_is_scaled_with_the_picture(searcher):
    large = encode(draw_mark("cross").resize((960, 960)))
    assert composed(searcher, ImageSubject(large, Box(96, 0, 480, 241))).picture.box == Box(48, 0, 240, 120)


def test_an_image_that_cannot_be_drawn_is_left_out_and_the_report_says_so(searcher):
    def refuse(data, side):
        raise InvalidInputError("It cannot be decoded any more.", code="unreadable-image")

    report = composed(searcher, MarkSubject("M-1"), refuse)
    assert report.picture is None
    assert [hit.picture for hit in report.hits] == [None] * 3
    assert "The image cannot be shown." in to_html(report).decode()
    assert to_pdf(report, NOW).startswith(b"%PDF")


def test_a_service_that_cannot_draw_just_now_writes_no_report_without_pictures(searcher):
    def fail(data, side):
        raise NotReadyError("No program that decodes images is to be had.")

    with pytest.raises(NotReadyError):
        composed(searcher, MarkSubject("M-1"), fail)


@pytest.mark.parametrize(
    ("count", "expected"),
    [(2, "1 Chemicals, fertilizers; 2 Paints, varnishes, inks"), (6, "1, 2, 3, 4, 5, 6")],
)
def test_codes_of_a_mark_are_listed_with_titles_where_they_are_few(count, expected):
    searcher = FakeImageSearcher()
    searcher.put(NewMark("A", MarkMetadata(nice_classes=tuple(map(NiceClass, range(1, count + 1)))), CROSS))
    (hit,) = composed(searcher, MarkSubject("A")).hits
    assert {line.label: line.value for line in hit.lines} == {"Nice": expected}


def test_a_name_is_never_markup(searcher):
    name = "<i>x</i>&amp;\"'"
    marked = FakeImageSearcher()
    marked.put(NewMark("A", MarkMetadata(name=name, applicant=name), CROSS))
    page = html.document_fromstring(to_html(composed(marked, MarkSubject("A"))).decode())
    assert page.findall(".//i") == []
    assert str(page.xpath("string(.//h3)")) == name


def test_what_does_not_fit_on_a_page_goes_to_the_next(searcher):
    reader = PdfReader(io.BytesIO(to_pdf(composed(searcher, MarkSubject("M-0"), limit=40), NOW)))
    heights: list[float] = []

    def note(text, _, matrix, *__):
        if text.strip():
            heights.append(matrix[5])

    texts = [page.extract_text(visitor_text=note) for page in reader.pages]
    assert 5 <= len(texts) <= 8
    named = re.findall(r"Mark (\d+)\s+M-\1", " ".join(texts))
    assert sorted(map(int, named)) == list(range(40))
    assert 20 < min(heights) <= max(heights) < 830


def test_the_part_that_was_searched_by_is_framed_on_paper(searcher):
    def frames(box):
        page = PdfReader(io.BytesIO(to_pdf(composed(searcher, ImageSubject(CROSS, box)), NOW))).pages[0]
        contents = page.get_contents()
        assert contents is not None
        return bytes(contents.get_data()).count(b" re S")

    assert frames(Box(20, 20, 50, 50)) == frames(None) + 1


NAMES = st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=120), min_size=25, max_size=25)


@settings(max_examples=5)
@given(NAMES)
def test_any_name_can_be_written(names):
    searcher = FakeImageSearcher()
    for n, name in enumerate(names):
        searcher.put(NewMark(f"M-{n}", MarkMetadata(name=name, applicant=name), CROSS))
    report = composed(searcher, MarkSubject("M-0"), limit=25)
    page = html.document_fromstring(to_html(report).decode())
    shown = [str(heading.xpath("string()")) for heading in page.findall(".//h3")]
    assert shown == [hit.name for hit in report.hits]
    assert to_pdf(report, NOW).startswith(b"%PDF")
