"""Every format goes in and comes out with the same structure; hostile and broken files are refused in words."""

import io
import re
import tarfile
import zipfile
from collections import Counter
from contextlib import nullcontext

import pytest
from lxml import etree

from examkit.errors import ExamError
from services.translate.documents.jobs import Order
from services.translate.documents.opening import open_document
from services.translate.documents.output import Output
from services.translate.documents.work import translating
from services.translate.engine import NO_WISHES
from services.translate.languages import LanguageTag
from tests.fakes_translate import WordByWordTranslator
from tests.office_files import DECLARATION, PARAGRAPHS, docx_parts, odt_parts, packed, paragraph, run, unpacked

PT = LanguageTag("pt")


def translated(data, ending="", output=Output.DOCUMENT, source="en", translator=None):
    done = []
    work = translating(translator or WordByWordTranslator(), lambda *_: nullcontext(NO_WISHES))
    result = work(data, Order(source, "pt", output, ending), lambda share, _: done.append(share))
    assert done[0] == 0
    assert done == sorted(done)
    assert done[-1] == 1
    return result


def texts(xml, name):
    return ["".join(map(str, node.itertext())) for node in etree.fromstring(xml).iter(f"{{*}}{name}")]


def refusal(data, ending="", source="en"):
    with pytest.raises(ExamError) as caught:
        open_document(data, ending, source and LanguageTag(source), PT)
    return caught.value.code


# ---- docx


def test_a_docx_comes_back_with_all_its_parts():
    parts = docx_parts()
    result = translated(packed(parts))
    assert result.ending == "docx"
    found = unpacked(result.content)
    assert list(found) == list(parts)
    changed = {"word/document.xml", "word/header1.xml", "word/footnotes.xml"}
    for name in parts.keys() - changed:
        assert found[name] == (parts[name] if isinstance(parts[name], bytes) else parts[name].encode())
    assert texts(found["word/header1.xml"], "t") == ["THE HEADER"]
    assert texts(found["word/footnotes.xml"], "t") == [" THE NOTE"]
    document = found["word/document.xml"]
    assert texts(document, "p") == [
        "FASTENING DEVICE",
        "A RED HOUSING & A SPRING AS IN FIGURE ONE, PAGE PAGE7 WITH a+b=c AND H2O.was deletedTHE BOX TEXT",
        "THE BOX TEXT",
        "[0001]FIRST LINESECOND LINE",
        "THE FIGURE",
        "TABLE CELL",
        "12345",
    ]
    assert document.startswith(DECLARATION.encode())


def test_formatting_and_all_that_is_no_text_stays_where_it_was():
    document = unpacked(translated(packed(docx_parts())).content)["word/document.xml"].decode()
    assert (
        '<w:r><w:t xml:space="preserve">FASTENING </w:t></w:r><w:r><w:rPr><w:b/></w:rPr><w:t '
        'xml:space="preserve">DEVICE' in document
    )
    assert "<w:i/>" in document.split("RED HOUSING")[0].rpartition("<w:r>")[2]
    for kept in (*re.findall(r"<w:r><w:(?:fldChar|instrText).*?</w:r>", PARAGRAPHS[1]), "<m:oMath>", "<w:delText>"):
        assert kept in document
    before, after = ("".join(PARAGRAPHS), document)
    names = re.compile(
        r"<(w:(?:hyperlink|tab|br|footnoteReference|bookmarkStart|bookmarkEnd|pPr|tbl|pict|sectPr|p))[ />]"
    )
    assert Counter(names.findall(before)) + Counter(["w:sectPr"]) == Counter(names.findall(after))
    assert "SPRING</w:t></w:r><w:r><w:rPr><w:vertAlign" in document
    assert re.search(
        r'<w:bookmarkStart[^>]*/><w:r><w:t xml:space="preserve">THE FIGURE</w:t></w:r><w:bookmarkEnd', document
    )


def test_words_that_change_places_take_their_formatting_along():
    parts = docx_parts([paragraph(run("a "), run("red", "<w:b/>"), run(" car"))])
    document = unpacked(translated(packed(parts), translator=WordByWordTranslator(backwards=True)).content)
    assert (
        '<w:r><w:t xml:space="preserve">CAR </w:t></w:r><w:r><w:rPr><w:b/></w:rPr><w:t '
        'xml:space="preserve">RED</w:t></w:r>'
        '<w:r><w:t xml:space="preserve"> A</w:t></w:r>'
    ) in document["word/document.xml"].decode()


def test_a_field_over_several_paragraphs_is_left_as_it_is():
    begin = '<w:r><w:fldChar w:fldCharType="begin"/></w:r>'
    end = '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    kept = [paragraph(begin, run("contents one")), paragraph(run("contents two")), paragraph(run("three"), end)]
    document = unpacked(translated(packed(docx_parts([*kept, paragraph(run("text"))]))).content)["word/document.xml"]
    assert "".join(kept) in document.decode()
    assert texts(document, "t")[-1] == "TEXT"


# ---- odt


def test_an_odt_comes_back_with_the_same_structure():
    parts = odt_parts()
    content = translated(packed(parts)).content
    found = unpacked(content)
    assert list(found) == list(parts)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.infolist()[0].compress_type == zipfile.ZIP_STORED
    body = found["content.xml"].decode()
    expected = parts["content.xml"]
    for text in re.findall(r">([^<>]*[a-z][^<>]*)<", expected.partition("<office:body>")[2]):
        expected = expected.replace(f">{text}<", f">{text.upper().replace('&AMP;', '&amp;')}<")
    assert body == expected
    assert "THE HEADER" in found["styles.xml"].decode()


# ---- text and HTML


def test_a_text_keeps_its_lines_and_its_encoding():
    source = "\ufeffone (10)\r\n\r\n  two\u2028three\n".encode("utf-16-le")
    assert translated(source).content == "\ufeffONE (10)\r\n\r\n  TWO\u2028THREE\n".encode("utf-16-le")
    assert translated("caf\xe9".encode()).content == "CAF\xc9".encode()


def test_a_text_keeps_characters_that_are_not_seen():
    source = "one\u200b two\u200e (\u202d10\u202c)\n\u200f\n\u2067three\u2069"
    assert translated(source.encode(), "txt").content.decode() == source.upper()


def test_a_page_keeps_its_encoding_and_what_that_lacks_is_a_reference():
    source = (
        '<html><head><meta charset="iso-8859-1"><style>a{}</style></head><body><p>caf\xe9 &alpha;</p></body></html>'
    )
    found = translated(source.encode("latin-1")).content
    assert found == source.replace("caf\xe9 &alpha;", "CAF\xc9 &#913;").encode("latin-1")


# ---- patents

PATENT = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE ep-patent-document PUBLIC "-//EPO//DTD" "ep.dtd" [
<!ENTITY fig1 SYSTEM "1.tif" NDATA TIF><!NOTATION TIF SYSTEM "">]>
<ep-patent-document lang="en"><SDOBI><B540><B541>de</B541><B542>ein Titel</B542>
<B541>en</B541><B542>a title</B542></B540>
<B700><snm>Smith and sons</snm></B700></SDOBI>
<abstract id="a" lang="en"><p num="1">a <b>red</b> H<sub>2</sub>O car <?pi keep?></p></abstract>
<abstract lang="fr"><p>une voiture</p></abstract>
<description lang="en"><p>see <patcit><text>EP1 smith</text></patcit> and
 <figref>figure 1</figref> <maths><math><mi>x</mi></math></maths>
 <tables><table><row><entry>cell text</entry></row></table></tables> end</p></description>
<claims lang="en"><claim num="1"><claim-text>a car <claim-text>with wheels</claim-text></claim-text></claim></claims>
</ep-patent-document>
"""


def test_of_a_patent_only_the_texts_of_the_language_change():
    expected = PATENT
    for text in ("a title", "a <b>red</b>", "see ", "and\n ", "figure 1", "cell text", " end", "a car ", "with wheels"):
        expected = expected.replace(text, text.upper().replace("<B>", "<b>").replace("</B>", "</b>"))
    expected = expected.replace(" car <?pi", " CAR <?pi").replace("AND\n ", "AND ").replace("</maths>\n ", "</maths> ")
    assert translated(PATENT.encode()).content.decode() == expected


def test_a_patent_keeps_what_only_its_dtd_explains():
    source = PATENT.replace("a car ", "a car &bogus; val&c-1;ve ").replace("<b>red</b>", "<b>red&bogus;</b>")
    found = translated(source.encode()).content.decode()
    assert re.findall("&[^;]*;", found) == ["&bogus;", "&bogus;", "&c-1;"]
    assert "A CAR &bogus; VAL&c-1;VE <claim-text>" in found
    assert "<b>RED&bogus;</b> H<sub>2</sub>O CAR" in found


def test_a_patent_document_of_st96_is_known_by_its_names():
    source = (
        '<pat:PatentPublication xmlns:pat="p" xmlns:com="c" com:languageCode="en"><com:Name>smith</com:Name>'
        "<pat:InventionTitle>a title</pat:InventionTitle><pat:Abstract><pat:P>the <com:B>red"
        "</com:B> car</pat:P></pat:Abstract>"
        '<pat:Claims com:languageCode="de"><pat:Claim>ein Auto</pat:Claim></pat:Claims></pat:PatentPublication>'
    )
    found = translated(source.encode(), source=None).content.decode()
    assert found == source.replace("a title", "A TITLE").replace(
        "the <com:B>red</com:B> car", "THE <com:B>RED</com:B> CAR"
    )


def test_every_patent_sample_keeps_its_structure(shared_data):
    names = re.compile(r"<[^<>]*>")
    with tarfile.open(shared_data / "patents" / "xml_samples.tar.gz") as archive:
        wanted = [m for m in archive if re.search(r"(ep_st36/.*v1-5-B|marec/EP|docdb/WO|xml2014).*\.xml$", m.name)]
        for member in [m for m in wanted if m.size < 120_000]:
            stream = archive.extractfile(member)
            assert stream is not None
            data = stream.read()
            if str(open_document(data, "", None, PT).language) != "en":
                continue
            found = translated(data, source=None).content
            before, after = data.decode("utf-8-sig"), found.decode("utf-8-sig")
            assert Counter(names.findall(before)) == Counter(names.findall(after)), member.name


# ---- XLIFF

XLIFF_1 = """<?xml version="1.0"?>
<xliff version="1.2" xmlns="urn:oasis:names:tc:xliff:document:1.2"><file original="a" source-language="en" datatype="x">
<body>
  <trans-unit id="1">
    <source>a <g id="1">red</g> car<x id="2"/><bpt id="3">&lt;b&gt;</bpt> now</source>
  </trans-unit>
  <trans-unit id="2"><source>two</source><target state="new"/></trans-unit>
  <trans-unit id="3"><source>three</source><target>feito</target></trans-unit>
  <trans-unit id="4" translate="no"><source>four</source></trans-unit>
  <trans-unit id="5"><source>123</source><alt-trans><source>five</source></alt-trans></trans-unit>
</body></file></xliff>
"""
XLIFF_2 = """<xliff xmlns="urn:oasis:names:tc:xliff:document:2.0"
 version="2.0" srcLang="en" trgLang="pt-BR"><file id="f">
<unit id="1"><segment id="s" state="initial">
  <source>a <pc id="1">red</pc> <mrk id="m" translate="no">Car</mrk><ph id="2"/></source>
</segment><ignorable><source> </source></ignorable><segment><source>two</source><target></target></segment></unit>
</file></xliff>
"""


def test_targets_of_xliff_1_are_filled_and_marked_and_others_stay():
    found = translated(XLIFF_1.encode(), source=None).content.decode()
    mark = 'state="needs-review-translation" state-qualifier="mt-suggestion"'
    expected = XLIFF_1.replace('datatype="x"', 'datatype="x" target-language="pt"').replace(
        "now</source>",
        f'now</source>\n    <target {mark}>A <g id="1">RED</g> CAR<x id="2"/><bpt id="3">&lt;b&gt;</bpt> NOW</target>',
    )
    expected = expected.replace('<target state="new"/>', f"<target {mark}>TWO</target>")
    assert found == expected.replace("<source>123</source>", f"<source>123</source><target {mark}>123</target>")


def test_targets_of_xliff_2_are_filled_and_their_segments_marked():
    found = translated(XLIFF_2.encode(), source=None).content.decode()
    target = '<target>A <pc id="1">RED</pc> <mrk id="m" translate="no">Car</mrk><ph id="2"/></target>'
    expected = XLIFF_2.replace('state="initial"', 'state="translated"').replace(
        '<ph id="2"/></source>', f'<ph id="2"/></source>\n  {target}'
    )
    expected = expected.replace(
        "<segment><source>two</source><target></target>",
        '<segment state="translated"><source>two</source><target>TWO</target>',
    )
    assert found == expected


def test_xliff_into_another_language_is_refused():
    assert refusal(XLIFF_2.replace("pt-BR", "de").encode(), source=None) == "document-languages"
    assert refusal(XLIFF_1.encode(), source="fr") == "document-languages"


# ---- what else can be had


def test_a_bilingual_page_shows_segments_flags_and_that_it_is_machine_made():
    source = "<p>the <b>car</b> <code>x &lt; y</code></p><p>two</p>"
    turning = WordByWordTranslator(backwards=True)
    result = translated(source.encode(), output=Output.BILINGUAL_HTML, translator=turning)
    page = result.content.decode()
    assert result.media_type == "text/html"
    assert "made by a machine" in page
    assert ">the car x &lt; y</td>" in page
    assert ">x &lt; y CAR THE<" in page
    assert "words are repeated" in page
    assert not re.search(r"(?:src|href)=|url\(|@import", page)


def test_a_translation_memory_is_tmx():
    result = translated(b"the car\n\nx & \x07y <z>".replace(b"\x07", b""), "txt", Output.TMX)
    root = etree.fromstring(result.content)
    assert root.tag == "tmx"
    assert [seg.text for seg in root.iter("seg")] == ["the car", "THE CAR", "x & y <z>", "X & Y <Z>"]
    assert "machine" in (root.findtext("header/note") or "")


# ---- hostile and broken files


def bomb():
    return packed(docx_parts() | {"word/document.xml": b"<a>" + b" " * (60 * 1024 * 1024)})


def lying():
    """Write a part that is longer than the archive says."""
    data = packed(docx_parts() | {"word/document.xml": b" " * 100_000})
    return data.replace((100_000).to_bytes(4, "little"), (100).to_bytes(4, "little"))


LAUGHS = '<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'
XXE = '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]>'


def with_document(prefix):
    parts = docx_parts()
    document = parts["word/document.xml"]
    return packed(parts | {"word/document.xml": document.replace("<w:document", f"{prefix}<w:document", 1)})


@pytest.mark.parametrize(
    ("data", "ending", "code"),
    [
        (b"", "docx", "unreadable-document"),
        (b"", "", "empty-document"),
        (b"   \n", "txt", "empty-document"),
        (b"plain words", "docx", "unreadable-document"),
        (b"PK\x03\x04 broken", "docx", "unreadable-document"),
        (packed(docx_parts())[:-200], "docx", "unreadable-document"),
        (packed(docx_parts() | {"word/vbaProject.bin": b"x"}), "docm", "document-with-macros"),
        (packed(odt_parts() | {"Basic/Standard/Module1.xml": b"x"}), "odt", "document-with-macros"),
        (packed({"a.txt": b"x"}), "zip", "unsupported-document"),
        (packed(docx_parts() | {"../../etc/passwd": b"x"}), "docx", "unreadable-document"),
        (packed(docx_parts() | {"/etc/passwd": b"x"}), "docx", "unreadable-document"),
        (packed({f"p{n}": b"" for n in range(5_001)}), "docx", "document-too-large"),
        (with_document(LAUGHS), "docx", "xml-entities"),
        (with_document(XXE), "docx", "xml-entities"),
        (packed(docx_parts() | {"word/document.xml": b"<w:document"}), "docx", "malformed-markup"),
        (b"\xd0\xcf\x11\xe0" + bytes(600), "doc", "unsupported-document"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "png", "unreadable-document"),
        (b"GIF89a\0\0\1", "", "unsupported-document"),
        (b"<?xml version='1.0'?><unknown>text</unknown>", "xml", "unsupported-document"),
        (b"<?xml version='1.0' encoding='utf-7'?><a>text</a>", "xml", "unreadable-document"),
        (b"<?xml version='1.0' encoding='base64'?><a>text</a>", "xml", "unreadable-document"),
        (f"<?xml version='1.0'?>{XXE}<abstract>&b;</abstract>".encode(), "xml", "xml-entities"),
        (b"<?xml version='1.0'?><abstract>text", "xml", "malformed-markup"),
        (b"words \xff\xfe", "txt", "unreadable-document"),
        (b"word " * 400_001, "txt", "document-too-large"),
        (b'<?xml version="1.0"?><doc lang="en"><abstract lang="de">ein Auto</abstract></doc>', "xml", "empty-document"),
    ],
    ids=range(26),
)
def test_a_broken_or_hostile_file_is_refused_in_words(data, ending, code):
    assert refusal(data, ending) == code


def test_bombs_do_not_go_off():
    assert refusal(bomb()) == "document-too-large"
    assert refusal(lying()) in ("unreadable-document", "malformed-markup")


def test_an_encrypted_odt_is_refused():
    parts = odt_parts()
    parts["META-INF/manifest.xml"] = parts["META-INF/manifest.xml"].replace(
        "/></", "><manifest:encryption-data/></manifest:file-entry></"
    )
    assert refusal(packed(parts)) == "unreadable-document"
