"""Marks of offices' XML are read whatever the office's way to write them, and nothing in XML is trusted."""

import io
from contextlib import suppress
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.image_search.codes import NiceClass, ViennaCode
from services.image_search.importing import trademark_xml
from services.image_search.importing.records import Record, Refusal, UnreadableFileError
from services.image_search.importing.trademark_xml import mark_id_of, read_trademarks
from services.image_search.marks import MarkMetadata

ST96 = b"""<?xml version="1.0" encoding="UTF-8"?>
<tmk:TrademarkTransaction xmlns:tmk="http://www.wipo.int/standards/XMLSchema/ST96/Trademark"
    xmlns:com="http://www.wipo.int/standards/XMLSchema/ST96/Common"><tmk:TrademarkBag>
  <tmk:Trademark>
    <com:RegistrationOfficeCode>EM</com:RegistrationOfficeCode>
    <com:ApplicationNumber>
      <com:ST13ApplicationNumber>EM500000018153217</com:ST13ApplicationNumber>
      <com:ApplicationNumberText>018153217</com:ApplicationNumberText>
    </com:ApplicationNumber>
    <tmk:ApplicationDate>2019-11-15+02:00</tmk:ApplicationDate>
    <tmk:MarkCurrentStatusCode>Registered</tmk:MarkCurrentStatusCode>
    <tmk:PriorityBag><tmk:Priority>
      <com:ApplicationNumber><com:ApplicationNumberText>US1</com:ApplicationNumberText></com:ApplicationNumber>
      <tmk:ApplicationDate>2001-01-01</tmk:ApplicationDate>
    </tmk:Priority></tmk:PriorityBag>
    <tmk:MarkRepresentation>
      <tmk:MarkFeatureCategory>Combined</tmk:MarkFeatureCategory>
      <tmk:MarkReproduction>
        <tmk:WordMarkSpecification>
          <tmk:MarkVerbalElementText>Rising Fern</tmk:MarkVerbalElementText>
        </tmk:WordMarkSpecification>
        <tmk:MarkImageBag><tmk:MarkImage>
          <com:FileName>018153217.TIF</com:FileName>
          <com:ImageFormatCategory>TIFF</com:ImageFormatCategory>
          <tmk:MarkImageClassification><com:FigurativeElementClassificationBag><com:ViennaClassificationBag>
            <com:ViennaClassificationEdition>8</com:ViennaClassificationEdition>
            <com:ViennaClassification><com:ViennaCategory>05</com:ViennaCategory>
              <com:ViennaDivision>03</com:ViennaDivision><com:ViennaSection>13</com:ViennaSection>
            </com:ViennaClassification>
            <com:ViennaClassification><com:ViennaCategory>26</com:ViennaCategory>
              <com:ViennaDivision>1</com:ViennaDivision>
            </com:ViennaClassification>
          </com:ViennaClassificationBag></com:FigurativeElementClassificationBag></tmk:MarkImageClassification>
        </tmk:MarkImage></tmk:MarkImageBag>
      </tmk:MarkReproduction>
    </tmk:MarkRepresentation>
    <tmk:GoodsServicesBag><tmk:GoodsServices>
      <tmk:ClassificationKindCode>Nice</tmk:ClassificationKindCode>
      <tmk:ClassDescriptionBag>
        <tmk:ClassDescription><tmk:ClassNumber>30</tmk:ClassNumber></tmk:ClassDescription>
        <tmk:ClassDescription><tmk:ClassNumber>09</tmk:ClassNumber></tmk:ClassDescription>
      </tmk:ClassDescriptionBag></tmk:GoodsServices>
      <tmk:GoodsServices><tmk:ClassificationKindCode>Domestic</tmk:ClassificationKindCode>
        <tmk:ClassDescriptionBag><tmk:ClassDescription><tmk:ClassNumber>1</tmk:ClassNumber></tmk:ClassDescription>
        </tmk:ClassDescriptionBag></tmk:GoodsServices>
    </tmk:GoodsServicesBag>
    <tmk:ApplicantBag>
      <tmk:Applicant><com:Contact><com:Name><com:OrganizationName>
        <com:OrganizationStandardName>Fern Foods Ltd</com:OrganizationStandardName></com:OrganizationName></com:Name>
        <com:PostalAddressBag/></com:Contact></tmk:Applicant>
      <tmk:Applicant><com:Contact><com:Name><com:PersonName><com:PersonStructuredName>
        <com:FirstName>Ana</com:FirstName><com:LastName>Silva</com:LastName></com:PersonStructuredName>
        </com:PersonName></com:Name></com:Contact></tmk:Applicant>
    </tmk:ApplicantBag>
    <tmk:RepresentativeBag><tmk:Representative><com:LastName>Other</com:LastName></tmk:Representative></tmk:RepresentativeBag>
  </tmk:Trademark>
  <tmk:Trademark><com:RegistrationOfficeCode>EM</com:RegistrationOfficeCode></tmk:Trademark>
</tmk:TrademarkBag></tmk:TrademarkTransaction>"""


def read(xml: bytes, file: str = "marks.xml") -> list[Any]:
    return list(read_trademarks(io.BufferedReader(io.BytesIO(xml)), file))


def refused(xml: bytes) -> str:
    with pytest.raises(UnreadableFileError) as raised:
        read(xml)
    return raised.value.detail


def sample(shared_data, name: str) -> Record:
    (record,) = read((shared_data / "trademark-xml" / name).read_bytes(), f"export/{name}")
    assert isinstance(record, Record)
    return record


def test_st96_is_read():
    first, second = read(ST96)
    assert isinstance(first, Record)
    assert first.mark_id == "EM-018153217"
    assert first.metadata == MarkMetadata(
        name="Rising Fern",
        applicant="Fern Foods Ltd; Ana Silva",
        office="EM",
        status="registered",
        application_date=date(2019, 11, 15),
        nice_classes=(NiceClass(9), NiceClass(30)),
        vienna_codes=(ViennaCode((5, 3, 13)), ViennaCode((26, 1))),
        mark_feature="combined",
    )
    assert "018153217.TIF" in first.images
    assert isinstance(second, Refusal)
    assert (str(second.place), second.code) == ("marks.xml, record 2", "unreadable-record")


def test_older_names_and_namespaces_mean_the_same():
    older = ST96.replace(b"XMLSchema/ST96/Trademark", b"XMLSchema/Trademark/1").replace(b"tmk:", b"ns2:")
    older = older.replace(b"xmlns:tmk", b"xmlns:ns2")
    assert read(older)[0] == read(ST96)[0]


def test_real_st66_is_read(shared_data):
    record = sample(shared_data, "pgtm-pgtm.xml")
    assert record.mark_id == "PG-M-1-061818"
    assert record.metadata == MarkMetadata(
        applicant="TOYOTA JIDOSHA KABUSHIKI KAISHA (also trading as Toyota Motor Corporation)",
        office="PG",
        status="registered",
        application_date=date(1999, 1, 6),
        nice_classes=(NiceClass(40),),
        vienna_codes=(ViennaCode((18, 1)),),
        mark_feature="figurative",
    )
    assert {"export/ATTACHMENT/logo", "export/ATTACHMENT/logo.tif", "export/PG-M-1-061818"} <= set(record.images)


def test_real_israeli_marks_are_read(shared_data):
    record = sample(shared_data, "iltm-international.xml")
    assert record.mark_id == "IL-310118"
    assert record.metadata.name == "TOPGUN"
    assert record.metadata.office == "IL"
    assert record.metadata.status == "active"
    assert record.metadata.application_date == date(2018, 10, 21)
    assert record.metadata.nice_classes == (NiceClass(13),)
    assert record.metadata.vienna_codes == (ViennaCode((18, 5)), ViennaCode((27, 5)))
    assert "ISRAEL AEROSPACE INDUSTRIES LTD." in (record.metadata.applicant or "")
    assert "2018/10/310118.jpg" in record.images


def test_every_real_record_has_a_number_an_office_an_applicant_and_a_class(shared_data):
    files = sorted((shared_data / "trademark-xml").glob("*.xml"))
    assert len(files) >= 20
    for file in files:
        (record,) = read(file.read_bytes(), file.name)
        assert isinstance(record, Record), file.name
        metadata = record.metadata
        assert record.mark_id.startswith(f"{metadata.office}-"), file.name
        assert metadata.applicant and metadata.status and metadata.application_date and metadata.nice_classes, file.name


@pytest.mark.parametrize(
    ("office", "number", "mark_id"),
    [
        ("AL", "AL/T/1996/001287", "AL-T-1996-001287"),
        ("TO", "2017/3420", "TO-2017-3420"),
        ("ID", "IDM000123", "ID-IDM000123"),
        (None, " 12 345 ", "12-345"),
        ("NZ", "///", ""),
        ("NZ", "", ""),
    ],
)
def test_an_id_is_made_of_office_and_number(office, number, mark_id):
    assert mark_id_of(office, number) == mark_id


@given(st.none() | st.sampled_from(["NZ", "EM"]), st.text(max_size=200))
def test_an_id_is_one_that_the_register_takes_or_empty(office, number):
    mark_id = mark_id_of(office, number)
    xml = f"<TradeMark><ApplicationNumber>{mark_id}</ApplicationNumber></TradeMark>".encode()
    (record,) = read(xml)
    assert record.mark_id == (mark_id or None)


BOMB = b'<!DOCTYPE TradeMark [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
REACHING = b'<!DOCTYPE TradeMark [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
MARK = b"<TradeMark><ApplicationNumber>1</ApplicationNumber></TradeMark>"


@pytest.mark.parametrize("declared", [BOMB, REACHING])
def test_entities_are_refused_before_anything_is_read(declared):
    assert "entities" in refused(declared + MARK.replace(b">1<", b">&a;<"))


def test_a_dtd_that_is_only_named_is_not_fetched():
    (record,) = read(b'<!DOCTYPE TradeMark SYSTEM "http://127.0.0.1:9/x.dtd">' + MARK)
    assert record.mark_id == "1"


@pytest.mark.parametrize(
    "xml",
    [
        b"",
        b"no xml",
        MARK[:-9],
        b"<html><body/></html>",
        b"<a>" * 5000 + b"</a>" * 5000,
        b"<a>" + MARK.replace(b">1<", b">&unknown;<") + b"</a>",
        MARK.decode().encode("utf-16")[2:],
    ],
    ids=["empty", "text", "cut", "html", "deep", "unknown-entity", "utf16-without-mark"],
)
def test_what_is_no_trademark_xml_is_refused_with_a_reason(xml):
    assert "XML" in refused(xml)


def test_what_stands_before_the_damage_is_read():
    records = read_trademarks(io.BufferedReader(io.BytesIO(b"<a>" + MARK * 3 + b"<broken")), "f.xml")
    assert [next(records).mark_id for _ in range(3)] == ["1"] * 3
    with pytest.raises(UnreadableFileError):
        next(records)


def test_a_record_without_end_is_refused_and_a_long_file_is_not(monkeypatch):
    monkeypatch.setattr(trademark_xml, "_LARGEST_RECORD_BYTES", 200_000)
    assert "record has more than" in refused(b"<a><TradeMark>" + b"<b>word</b>" * 200_000)
    assert len(read(b"<a>" + MARK * 20_000 + b"</a>")) == 20_000


@given(st.binary(max_size=300), st.integers(0, len(ST96)))
def test_no_bytes_raise_anything_but_a_refusal(noise, at):
    with suppress(UnreadableFileError):
        read(ST96[:at] + noise + ST96[at:])


def test_a_prefix_that_stands_for_nothing_is_refused():
    with pytest.raises(UnreadableFileError):
        read(b"<a><TradeMark><com:ApplicationNumber>1</com:ApplicationNumber></TradeMark></a>")


def test_texts_that_are_too_long_are_cut_and_values_that_cannot_be_are_left_out():
    (record,) = read(
        b"<TradeMark><RegistrationOfficeCode>Neverland</RegistrationOfficeCode><ApplicationNumber>1</ApplicationNumber>"
        b"<ApplicationDate>2021-02-30</ApplicationDate><MarkVerbalElementText>"
        + b"x"
        * 2000
        + b"</MarkVerbalElementText>"
        b"<GoodsServices><ClassNumber>99</ClassNumber><ClassNumber>x</ClassNumber></GoodsServices>"
        b"<MarkImageCategory><CategoryKind>Vienna</CategoryKind><CategoryCode>0.0</CategoryCode>"
        b"<CategoryCode>260103</CategoryCode></MarkImageCategory><MarkCurrentStatusCode>-</MarkCurrentStatusCode>"
        b"</TradeMark>"
    )
    assert record.metadata == MarkMetadata(name="x" * 500, vienna_codes=(ViennaCode((26, 1, 3)),))
