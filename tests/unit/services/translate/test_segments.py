"""Cutting texts into segments and putting them together again."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.translate.segments import MOST_CHARACTERS, MOST_WORDS, Segment, cut, join, split
from services.translate.untranslatable import Coverage

SIGN = re.compile(r"\d+[a-c]?")
LONG_CLAIM = (
    "A system (200) for sorting parcels (202), the system comprising: a frame (204) carrying a belt (206) that "
    "runs between a first roller (208) and a second roller (210); a drive (212) coupled to the first roller (208) "
    "through a gear (214); a plurality of cameras (216a, 216b, 216c) arranged above the belt (206) at different "
    "angles to a plane (218) of the belt (206); a diverter (220) arranged downstream of the cameras (216a, 216b, "
    "216c) and configured to push a parcel (202) into one of several chutes (222); and a controller (224) "
    "connected to the drive (212), to the cameras (216a, 216b, 216c) and to the diverter (220), wherein the "
    "controller (224) is configured to read a code from images of the parcel (202), to look up a destination in a "
    "table (226), to compute an instant at which the parcel (202) reaches the diverter (220) from a speed of the "
    "belt (206) measured by a sensor (228), and, if the code cannot be read or the destination is unknown, to "
    "move the parcel (202) into a chute (230) for parcels that are to be sorted by hand, characterised in that "
    "the sensor (228) is an optical sensor that looks at a lower side of the belt (206)."
)


def texts(text):
    return [segment.of(text) for segment in split(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One thing. Another thing.", ["One thing.", "Another thing."]),
        ("the peptide (SEQ. ID. NO: 1) is new.", ["the peptide (SEQ. ID. NO: 1) is new."]),
        ("As Fig. 1 shows, it is bent. See No. 5.", ["As Fig. 1 shows, it is bent.", "See No. 5."]),
        ("A rod of 3.5 mm, e.g. Steel, is used.", ["A rod of 3.5 mm, e.g. Steel, is used."]),
        ("The device of claim 1. The valve is open.", ["The device of claim 1.", "The valve is open."]),
        ("Invented by J. Smith et al. Germany ruled.", ["Invented by J. Smith et al. Germany ruled."]),
        ("The U.N. Council met on Oct. 2 with Sen. Coons.", ["The U.N. Council met on Oct. 2 with Sen. Coons."]),
        ("Is it open? (Yes.) It is!", ["Is it open?", "(Yes.)", "It is!"]),
        ("conforme o art. 12 da Lei nº 9. Outro caso.", ["conforme o art. 12 da Lei nº 9.", "Outro caso."]),
        ("1. A device.\n2. The device of claim 1.", ["A device.", "The device of claim 1."]),
        ("[0012] The valve\r\n\t(a) a spring;\n • a rod", ["The valve", "a spring;", "a rod"]),
        ("(C) CLASSIFICATION:\nD) A lid.", ["CLASSIFICATION:", "A lid."]),
        ("3.1 Background\n12) rods", ["Background", "rods"]),
        ("8.The device of claim 1.\n9.A rod.", ["The device of claim 1.", "A rod."]),
        ("(12) 34 § 5", []),
        ("", []),
    ],
)
def test_text_is_cut_where_sentences_end(text, expected):
    assert texts(text) == expected


def test_a_long_claim_is_cut_into_pieces_that_keep_every_sign():
    pieces = texts(LONG_CLAIM)
    assert len(LONG_CLAIM.split()) > 180
    assert max(len(piece.split()) for piece in pieces) <= MOST_WORDS
    assert SIGN.findall(" ".join(pieces)) == SIGN.findall(LONG_CLAIM)
    assert any(piece.startswith("characterised in that") for piece in pieces)


def test_a_short_sentence_is_not_cut_at_its_marks():
    text = "A device, comprising: a rod; and a spring, wherein the rod is bent."
    assert texts(text) == [text]


def test_a_very_long_word_stays_out_of_the_segments():
    assert texts("the word " + "x" * 20_000 + " is long") == ["the word", "is long"]


@given(st.text(alphabet=st.sampled_from("aB1.;:,() \n\t—wherein•é"), max_size=400) | st.text(max_size=300))
def test_putting_back_what_was_cut_gives_the_text(text):
    segments = split(text)
    assert join(text, segments, [segment.of(text) for segment in segments]).text == text


@given(st.text(alphabet=st.sampled_from("ab,; .:"), max_size=3000))
def test_no_segment_is_long_or_has_space_around_it(text):
    for content in texts(text):
        assert len(content.split()) <= MOST_WORDS
        assert len(content) <= MOST_CHARACTERS
        assert content == content.strip()


def test_joining_tells_where_each_translation_begins():
    text = "1. One.  Two."
    joined = join(text, split(text), ["Primeiro.", "Dois."])
    assert joined.text == "1. Primeiro.  Dois."
    assert [joined.text[start:][:3] for start in joined.starts] == ["Pri", "Doi"]


def test_a_segment_can_be_cut_smaller():
    text = "one two, three four five"
    parts = cut(text, Segment(0, len(text)), 3, Coverage.of([]))
    assert [part.of(text) for part in parts] == ["one two", "three four five"]


def test_a_unit_before_a_bracket_is_no_mark_of_a_list():
    text = "for some time (for example 0.5 to 24 h) compared with a) the wild type"
    parts = cut(text, Segment(0, len(text)), 11, Coverage.of([]))
    assert [part.of(text) for part in parts] == [
        "for some time (for example 0.5 to 24 h) compared with",
        "a) the wild type",
    ]


def test_what_belongs_together_is_not_cut():
    text = "the rod is bent in such a way or such that it is not turned or moved"
    assert [part.of(text) for part in cut(text, Segment(0, len(text)), 9, Coverage.of([]))] == [
        "the rod is bent in such a way",
        "or such that it is not turned or moved",
    ]


def test_a_code_is_not_cut():
    text = "the sequence of SEQ ID NO: 7 and the rest"
    assert [part.of(text) for part in cut(text, Segment(0, len(text)), 3, Coverage.of([(16, 28)]))][1:] == [
        "SEQ ID NO: 7",
        "and the rest",
    ]
