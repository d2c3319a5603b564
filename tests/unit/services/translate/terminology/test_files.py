"""Glossaries are read from CSV and TBX, and bad ones are refused with the lines that are wrong."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from examkit.errors import ExamError
from services.translate.languages import LanguagePair, LanguageTag
from services.translate.markup.xml import XmlEntitiesError
from services.translate.terminology.csv_file import read_csv
from services.translate.terminology.entries import (
    MOST_ENTRIES,
    Entry,
    GlossaryLanguagesError,
    MalformedGlossaryError,
    TooManyTermsError,
    UnusableTermsError,
    checked,
)
from services.translate.terminology.tbx_file import read_tbx

PAIR = LanguagePair(LanguageTag("en"), LanguageTag.parse("pt-BR"))
TWO = (Entry("housing", "carcaça"), Entry("coil spring", "mola helicoidal"))

TBX_2 = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE martif SYSTEM "TBXcoreStructV02.dtd">
<martif type="TBX" xml:lang="en"><text><body>
  <termEntry id="1"><langSet xml:lang="en-US"><tig><term>housing</term></tig></langSet>
    <langSet xml:lang="PT_br">
      <tig><term>caixa</term><termNote type="administrativeStatus">deprecatedTerm-admn-sts</termNote></tig>
      <tig><term>carcaça</term></tig></langSet></termEntry>
  <termEntry id="2">
    <langSet xml:lang="pt"><ntig><termGrp><term>mola <hi>helicoidal</hi></term></termGrp></ntig></langSet>
    <langSet xml:lang="en"><ntig><termGrp><term>coil spring</term></termGrp></ntig></langSet></termEntry>
  <termEntry id="3"><langSet xml:lang="fr"><tig><term>ressort</term></tig></langSet></termEntry>
</body></text></martif>"""
TBX_3 = """<tbx xmlns="urn:iso:std:iso:30042:ed-2" type="TBX-Basic" style="dca"><text><body>
<conceptEntry><langSec xml:lang="en"><termSec><term>housing</term></termSec></langSec>
<langSec xml:lang="pt"><termSec><term>carcaça</term></termSec></langSec></conceptEntry></body></text></tbx>"""
BOMB = '<!DOCTYPE m [<!ENTITY a "x"><!ENTITY b "&a;&a;">]><martif>&b;</martif>'
OUTSIDE = '<!DOCTYPE m [<!ENTITY a SYSTEM "file:///etc/passwd">]><martif>&a;</martif>'


@pytest.mark.parametrize(
    "text",
    [
        "housing,carcaça\ncoil spring,mola helicoidal\n",
        "\ufeffhousing;carcaça\r\n\r\ncoil spring;mola helicoidal;a note",
        "housing\tcarcaça\ncoil spring\tmola helicoidal\nHousing\tcarcaça",
        'target,source\ncarcaça,housing\n"mola helicoidal","coil spring"\n',
        "pt,EN-us\ncarcaça,housing\nmola helicoidal,coil spring",
    ],
)
def test_csv_is_read_however_it_is_written(text):
    assert checked(read_csv(text.encode(), PAIR)) == TWO


def test_csv_in_utf_16_is_read():
    assert checked(read_csv("housing,carcaça\ncoil spring,mola helicoidal".encode("utf-16"), PAIR)) == TWO


@pytest.mark.parametrize(
    ("content", "error", "words"),
    [
        (b"housing,carca\xe7a", MalformedGlossaryError, "UTF-8 (line 1)"),
        (b'a,b\n"housing,carca', MalformedGlossaryError, "line 2"),
        (b"en,fr\na,b", GlossaryLanguagesError, "en to pt-BR"),
        (b"", UnusableTermsError, "no terms"),
        (b"a,b\nhousing\n,x\nhousing,c\n", UnusableTermsError, "2 of the terms"),
        (b"a,b\nA,c\n", UnusableTermsError, "1 of the terms"),
        (b"(,b", UnusableTermsError, "1 of the terms"),
        (b'a,"b\nc"', UnusableTermsError, "1 of the terms"),
    ],
)
def test_bad_csv_is_refused(content, error, words):
    with pytest.raises(error) as refused:
        checked(read_csv(content, PAIR))
    assert words in refused.value.detail


def test_what_is_wrong_is_told_by_line():
    rows = b"valve,v\xc3\xa1lvula\n\nhousing\n%b,x\nVALVE,torneira\n" % (b"y" * 201)
    with pytest.raises(UnusableTermsError) as refused:
        checked(read_csv(rows, PAIR))
    assert [(detail.pointer, detail.message) for detail in refused.value.details] == [
        ("/lines/3", "line 3: its translation is empty"),
        ("/lines/4", "line 4: the term has more than 200 characters"),
        ("/lines/5", "line 5: the term stands in line 1 with another translation"),
    ]


def test_too_many_terms_are_refused():
    rows = "\n".join(f"term{i},termo{i}" for i in range(MOST_ENTRIES + 1))
    with pytest.raises(TooManyTermsError):
        checked(read_csv(rows.encode(), PAIR))


def test_tbx_of_both_versions_is_read():
    assert checked(read_tbx(TBX_2.encode(), PAIR)) == TWO
    assert checked(read_tbx(TBX_3.encode(), PAIR)) == TWO[:1]


@pytest.mark.parametrize(
    ("text", "error"),
    [
        (BOMB, XmlEntitiesError),
        (OUTSIDE, XmlEntitiesError),
        (TBX_2[:400], MalformedGlossaryError),
        ("no xml", MalformedGlossaryError),
        ("<html/>", MalformedGlossaryError),
        ("<martif/>", GlossaryLanguagesError),
        (TBX_2.replace('"pt"', '"it"').replace("PT_br", "de"), GlossaryLanguagesError),
        ("<martif>" * 500, MalformedGlossaryError),
    ],
)
def test_bad_tbx_is_refused(text, error):
    with pytest.raises(error):
        checked(read_tbx(text.encode(), PAIR))


def test_entities_in_another_encoding_are_refused_too():
    with pytest.raises(XmlEntitiesError):
        list(read_tbx(f'<?xml version="1.0" encoding="UTF-16"?>{BOMB}'.encode("utf-16"), PAIR))


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_any_bytes_give_terms_or_a_clear_error(content):
    for read in (read_csv, read_tbx):
        try:
            entries = checked(read(content, PAIR))
        except ExamError as error:
            assert error.detail
        else:
            assert all(entry.source and entry.target for entry in entries)
