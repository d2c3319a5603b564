"""Are marks written as the ST.96 that offices send, and read again as the same marks?"""

import io
from datetime import date

from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from services.image_search.codes import NiceClass, ViennaCode
from services.image_search.importing.records import Record
from services.image_search.importing.trademark_xml import read_trademarks
from services.image_search.marks import Mark, MarkMetadata
from services.image_search.st96 import write_trademark, write_trademarks

NAMESPACES = {
    "tmk": "http://www.wipo.int/standards/XMLSchema/ST96/Trademark",
    "com": "http://www.wipo.int/standards/XMLSchema/ST96/Common",
}
FERN = MarkMetadata(
    name="Rising Fern",
    applicant="Fern & Foods <Ltd>",
    office="NZ",
    status="registered",
    application_date=date(2021, 3, 4),
    nice_classes=(NiceClass(29), NiceClass(30)),
    vienna_codes=(ViennaCode.parse("05.03.13"), ViennaCode.parse("26.1")),
    mark_feature="figurative",
)


def read_again(xml: bytes) -> list[Record]:
    records = list(read_trademarks(io.BufferedReader(io.BytesIO(xml)), "marks.xml"))
    assert all(isinstance(record, Record) for record in records)
    return [record for record in records if isinstance(record, Record)]


def test_a_mark_has_the_elements_that_offices_use():
    root = etree.fromstring(write_trademark(Mark("NZ-1", FERN, "0" * 64)))
    image = "tmk:MarkRepresentation/tmk:MarkReproduction/tmk:MarkImageBag/tmk:MarkImage/tmk:MarkImageClassification"
    vienna = f"{image}/com:FigurativeElementClassificationBag/com:ViennaClassificationBag/com:ViennaClassification"
    for path, texts in {
        "com:ApplicationNumber/com:ApplicationNumberText": ["NZ-1"],
        "com:ApplicationDate": ["2021-03-04"],
        "tmk:MarkCurrentStatusCode": ["registered"],
        "tmk:MarkRepresentation/tmk:MarkFeatureCategory": ["figurative"],
        "tmk:GoodsServicesBag/tmk:GoodsServices/tmk:ClassDescriptionBag/tmk:ClassDescription/tmk:ClassNumber": [
            "29",
            "30",
        ],
        f"{vienna}/com:ViennaCategory": ["05", "26"],
        f"{vienna}/com:ViennaSection": ["13"],
    }.items():
        assert [element.text for element in root.iterfind(path, NAMESPACES)] == texts, path


def test_what_is_written_is_read_as_the_same_mark():
    (record,) = read_again(write_trademark(Mark("NZ-1", FERN, "0" * 64)))
    assert (record.mark_id, record.metadata) == ("NZ-1", FERN)


def test_a_bag_holds_every_mark_and_nothing_else():
    marks = [Mark(f"NZ-{number}", MarkMetadata(office="NZ"), "0" * 64) for number in range(3)]
    root = etree.fromstring(write_trademarks(marks))
    assert etree.QName(root).localname == "TrademarkBag"
    assert [record.mark_id for record in read_again(write_trademarks(marks))] == ["NZ-0", "NZ-1", "NZ-2"]
    assert len(etree.fromstring(write_trademarks([]))) == 0


@given(st.text(min_size=1))
def test_no_name_of_a_mark_can_break_the_document(name):
    root = etree.fromstring(write_trademark(Mark("NZ-1", MarkMetadata(name=name, applicant=name), "0" * 64)))
    assert len(root) == 3
