"""Patent XML of every kind: what is found in it, which language is chosen, and what is refused how."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from examkit.errors import ErrorKind, ExamError
from services.classify.ipc import Symbol
from services.classify.patent_xml import (
    MalformedXmlError,
    NotAPatentDocumentError,
    XmlEntitiesError,
    XmlTooDeepError,
    XmlWithoutTextError,
    read_patent,
    read_patents,
)
from services.classify.text import PatentText

EPO = b"""<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE ep-patent-document PUBLIC "-//EPO//EP PATENT DOCUMENT 1.5//EN" "ep-patent-document-v1-5.dtd">
<ep-patent-document country="EP" doc-number="1234567" kind="A1" lang="de"><SDOBI lang="de"><B500>
<B510EP><classification-ipcr sequence="1"><text>A46B 9/ 04 A I </text></classification-ipcr></B510EP>
<B540><B541>de</B541><B542>Zahnb\xc3\xbcrste</B542><B541>en</B541><B542>Toothbrush</B542></B540></B500></SDOBI>
<abstract id="a"><p>Eine Zahnb\xc3\xbcrste mit <b>Kopf</b>.</p></abstract>
<description id="d"><heading>GEBIET</heading><p num="0001">Die Erfindung.</p></description>
<claims lang="de"><claim num="0001"><claim-text>Zahnb\xc3\xbcrste.</claim-text></claim></claims>
<claims lang="en"><claim num="0001"><claim-text>A brush.</claim-text></claim></claims></ep-patent-document>"""

US_GRANT = b"""<us-patent-grant lang="EN" country="US" file="x"><us-bibliographic-data-grant>
<publication-reference><document-id><country>US</country><doc-number>08930553</doc-number><kind>B2</kind></document-id>
</publication-reference><application-reference><document-id><country>US</country><doc-number>1</doc-number>
</document-id></application-reference><classifications-ipcr><classification-ipcr>
<ipc-version-indicator><date>20060101</date></ipc-version-indicator><classification-level>A</classification-level>
<section>G</section><class>06</class><subclass>F</subclass><main-group>15</main-group><subgroup>16</subgroup>
</classification-ipcr></classifications-ipcr><classification-national><main-classification>709228</main-classification>
</classification-national><invention-title>Managing H<sub>2</sub>O</invention-title>
<field-of-search><classification-ipc><main-classification>H04L 1/00</main-classification></classification-ipc>
</field-of-search></us-bibliographic-data-grant><abstract><p>See FIG. <b>1</b>.</p><p>More</p></abstract>
</us-patent-grant>"""

ST96 = b"""<pat:PatentPublication xmlns:pat="http://www.wipo.int/standards/XMLSchema/%sPatent%s"
 xmlns:com="http://www.wipo.int/standards/XMLSchema/%sCommon%s"><pat:BibliographicData>
<pat:PatentPublicationIdentification><com:IPOfficeCode>RU</com:IPOfficeCode>
<pat:PublicationNumber>2700001</pat:PublicationNumber><com:PatentDocumentKindCode>C1</com:PatentDocumentKindCode>
</pat:PatentPublicationIdentification><pat:PatentClassificationBag><pat:IPCRClassificationBag><pat:IPCRClassification>
<pat:PatentClassificationText>A46B   9/04        20060101AFI20200101BHRU        </pat:PatentClassificationText>
</pat:IPCRClassification><pat:IPCRClassification><pat:Section>H</pat:Section><pat:Class>01</pat:Class>
<pat:SubClass>L</pat:SubClass><pat:MainGroup>21</pat:MainGroup><pat:SubGroup>768</pat:SubGroup></pat:IPCRClassification>
</pat:IPCRClassificationBag></pat:PatentClassificationBag><pat:InventionTitleBag>
<pat:InventionTitle com:languageCode="ru">\xd0\xa9\xd0\xb5\xd1\x82\xd0\xba\xd0\xb0</pat:InventionTitle>
<pat:InventionTitle com:languageCode="en">Brush</pat:InventionTitle></pat:InventionTitleBag></pat:BibliographicData>
<pat:Abstract com:languageCode="en"><pat:P>A brush.</pat:P></pat:Abstract>
<pat:Claims com:languageCode="en"><pat:Claim><pat:ClaimNumber>1</pat:ClaimNumber><pat:ClaimText>A brush with
<pat:ClaimText>a head.</pat:ClaimText></pat:ClaimText></pat:Claim></pat:Claims>
<pat:Description com:languageCode="en"><pat:TechnicalField><pat:P>Brushes.</pat:P></pat:TechnicalField>
</pat:Description></pat:PatentPublication>"""

PATDOC = b"""<!DOCTYPE PATDOC SYSTEM "ST32-US-Grant-025xml.dtd" [
<!ENTITY US0-D1.TIF SYSTEM "US0-D1.TIF" NDATA TIF> ]>
<PATDOC><SDOBI><B100><B110><DNUM><PDAT>06337117</PDAT></DNUM></B110><B130><PDAT>B1</PDAT></B130>
<B190><PDAT>US</PDAT></B190></B100><B500><B510><B511><PDAT>B32B  302</PDAT></B511><B512><PDAT>G06F 1516</PDAT></B512>
<B516><PDAT>7</PDAT></B516></B510><B540><STEXT><PDAT>Optical memory</PDAT></STEXT></B540></B500></SDOBI>
<SDOAB><BTEXT><PARA><PTEXT><PDAT>H</PDAT><HIL><SB><PDAT>2</PDAT></SB></HIL><PDAT>O &ldquo;wet&rdquo; &PHgr;x</PDAT>
</PTEXT></PARA></BTEXT></SDOAB><SDOCL><H><STEXT><PDAT>What is claimed is:</PDAT></STEXT></H><CL><CLM>
<PARA><PTEXT><PDAT>1. A memory comprising:</PDAT></PTEXT></PARA><CLMSTEP><PTEXT><PDAT>a layer.</PDAT></PTEXT></CLMSTEP>
</CLM><CLM><PARA><PTEXT><PDAT>2. The memory of claim 1.</PDAT></PTEXT></PARA></CLM></CL></SDOCL></PATDOC>"""

PAP = b"""<patent-application-publication><subdoc-bibliographic-information><document-id>
<doc-number>20010000044</doc-number><kind-code>A1</kind-code></document-id><technical-information><classification-ipc><classification-ipc-primary>
<ipc>G06F017/60</ipc></classification-ipc-primary></classification-ipc><title-of-invention> Trade </title-of-invention>
</technical-information></subdoc-bibliographic-information><subdoc-claims><claim><claim-text><highlight><bold>1</bold>
</highlight>. A method<superscript>2</superscript>.</claim-text></claim></subdoc-claims>
</patent-application-publication>"""

GAZETTE = b"""<revista numero="2861"><despacho><titulo>Recurso provido</titulo><processo-patente>
<numero inid="21" kindcode="A2">BR 10 2012 030516-0</numero></processo-patente></despacho><despacho><processo-patente>
<numero inid="21" kindcode="B1">BR 11 2023 026163-5</numero><titulo inid="54">ESCOVA DE DENTES</titulo>
<classificacao-internacional-lista><classificacao-internacional inid="51" ano="2006.01">A46B 9/04
</classificacao-internacional></classificacao-internacional-lista></processo-patente></despacho></revista>"""

OPS = b"""<ops:world-patent-data xmlns="http://www.epo.org/exchange" xmlns:ops="http://ops.epo.org"><exchange-documents>
<exchange-document country="EP" doc-number="1000000" kind="A1"><bibliographic-data><classification-ipc>
<edition>7</edition><main-classification> 7A 61K   9/16   A</main-classification></classification-ipc>
<invention-title lang="fr">Brosse</invention-title></bibliographic-data>
<abstract lang="en"><p>A brush.</p></abstract></exchange-document>
<exchange-document country="EP" doc-number="1000000" kind="B1"><bibliographic-data>
<invention-title lang="fr">Brosse</invention-title></bibliographic-data></exchange-document>
</exchange-documents></ops:world-patent-data>"""


def symbols(*texts):
    return tuple(Symbol.parse(text) for text in texts)


def abstract_in(xml: bytes) -> str:
    return read_patent(xml).text.abstract


def test_an_epo_document_is_read_in_its_main_language_or_the_wished_one():
    german = read_patent(EPO, "de")
    assert (german.document_id, german.language, german.languages) == ("EP1234567A1", "de", ("de", "en"))
    assert german.symbols == symbols("A46B 9/04")
    assert german.text == PatentText(
        "Zahnbürste", "Eine Zahnbürste mit Kopf.", "1. Zahnbürste.", "GEBIET Die Erfindung."
    )
    assert read_patent(EPO).text == PatentText("Toothbrush", claims="1. A brush.")


def test_a_us_grant_says_its_number_and_only_its_own_symbols():
    grant = read_patent(US_GRANT)
    assert (grant.document_id, grant.language) == ("US08930553B2", "en")
    assert grant.symbols == symbols("G06F 15/16")
    assert grant.text == PatentText("Managing H2O", "See FIG. 1. More")


@pytest.mark.parametrize("place", [(b"ST96/", b"", b"ST96/", b""), (b"", b"/1", b"", b"/1")])
def test_st96_is_read_in_both_namespaces(place):
    document = read_patent(ST96 % place)
    assert (document.document_id, document.language, document.languages) == ("RU2700001C1", "en", ("ru", "en"))
    assert document.symbols == symbols("A46B 9/04", "H01L 21/768")
    assert document.text == PatentText("Brush", "A brush.", "1. A brush with a head.", "Brushes.")
    assert read_patent(ST96 % place, "ru-RU").text == PatentText("Щетка")


def test_the_usptos_older_xml_is_read_with_its_pictures_undeclared_signs_and_columns():
    document = read_patent(PATDOC)
    assert (document.document_id, document.language) == ("US06337117B1", "en")
    assert document.symbols == symbols("B32B 3/02", "G06F 15/16")
    assert document.text.title == "Optical memory"
    assert document.text.abstract == "H2O “wet” x"
    assert document.text.claims == "1. A memory comprising: a layer.\n2. The memory of claim 1."
    application = read_patent(PAP)
    assert (application.document_id, application.symbols) == ("US20010000044A1", symbols("G06F 17/60"))
    assert application.text == PatentText("Trade", claims="1. A method2.")


def test_a_gazette_holds_documents_with_and_without_text():
    bare, titled = read_patents(GAZETTE)
    assert (bare.document_id, bare.text.is_blank) == ("BR102012030516-0A2", True)
    assert (titled.document_id, titled.language) == ("BR112023026163-5B1", "pt")
    assert (titled.text.title, titled.symbols) == ("ESCOVA DE DENTES", symbols("A46B 9/04"))
    with pytest.raises(XmlWithoutTextError):
        read_patent(GAZETTE)


def test_an_answer_of_ops_holds_several_documents():
    first, second = read_patents(OPS)
    assert (first.document_id, first.language, first.languages) == ("EP1000000A1", "en", ("fr", "en"))
    assert first.symbols == symbols("A61K 9/16")
    assert (second.document_id, second.language, second.text.title) == ("EP1000000B1", "fr", "Brosse")


def test_a_weekly_file_of_joined_documents_is_read_one_after_another():
    joined = b'\n<?xml version="1.0"?>\n'.join([b"", US_GRANT, PAP, US_GRANT])
    assert [document.document_id[:4] for document in read_patents(joined)] == ["US08", "US20", "US08"]


def test_the_documents_before_a_broken_one_are_read():
    documents = read_patents(b'\n<?xml version="1.0"?>\n'.join([US_GRANT, US_GRANT[:-3]]))
    assert next(documents).document_id == "US08930553B2"
    with pytest.raises(MalformedXmlError):
        next(documents)


def test_a_piece_cut_out_of_docdb_keeps_its_undeclared_prefix():
    inside = b"<exch:abstract><exch:p>A brush.</exch:p></exch:abstract>" * 60
    xml = b'<exch:exchange-document country="WO" doc-number="1" kind="A1">' + inside + b"</exch:exchange-document>"
    document = read_patent(xml)
    assert (document.document_id, document.text.abstract) == ("WO1A1", "A brush.")


@pytest.mark.parametrize(
    ("parts", "wished", "chosen"),
    [
        ('<abstract lang="de">ab cd</abstract><abstract lang="en">a</abstract>', None, "en"),
        ('<abstract lang="de">ab cd</abstract><abstract lang="en">a</abstract>', "DE-at", "de"),
        ('<abstract lang="de">ab cd</abstract><abstract lang="fr">a</abstract>', None, "de"),
        ('<abstract lang="de">a</abstract><invention-title lang="en">b</invention-title>', None, "en"),
        (
            '<invention-title lang="de">ab cd</invention-title><invention-title lang="en">a</invention-title>',
            None,
            "en",
        ),
        ('<abstract xml:lang="ko">a</abstract>', "fr", "ko"),
        ('<abstract lang="XX">a</abstract>', None, ""),
        ("<abstract>a</abstract>", None, ""),
    ],
)
def test_the_wished_language_is_chosen_else_english_else_the_one_with_most_text(parts, wished, chosen):
    assert read_patent(f"<d>{parts}</d>".encode(), wished).language == chosen


def test_a_text_that_does_not_say_its_language_goes_with_any():
    titles = b'<invention-title lang="de">Eins</invention-title><invention-title lang="en">One</invention-title>'
    xml = b"<d>" + titles + b"<abstract>x</abstract></d>"
    assert read_patent(xml).text == PatentText("One", "x")
    assert read_patent(xml, "de").text == PatentText("Eins", "x")


def test_a_hundred_languages_are_a_hundred_choices():
    codes = [f"{first}{second}" for first in "abcdefghij" for second in "klmnopqrst"]
    xml = "".join(f'<abstract lang="{code}">text in {code}</abstract>' for code in codes)
    document = read_patent(f"<d>{xml}</d>".encode(), "cn")
    assert document.languages == tuple(codes)
    assert document.text.abstract == "text in cn"


@pytest.mark.parametrize(
    ("inside", "text"),
    [
        (b"word1<p/>word2", "word1 word2"),
        (b"<p>word1</p><p>word2</p>", "word1 word2"),
        (b"word1<br/>word2", "word1 word2"),
        (b"C<sub>2</sub>H<sub>5</sub>OH", "C2H5OH"),
        (b"multi<i>poly</i>mer", "multipolymer"),
        (b"see <figref>FIG. 1</figref>, <crossref>[3]</crossref>.", "see FIG. 1, [3]."),
        (b"<row><entry>pH</entry><entry>7</entry></row>", "pH 7"),
        (b"where <maths><math><mi>x</mi><mo>=</mo></math></maths> holds", "where holds"),
        (b"half<!-- a secret -->way<?pi x?>s", "halfways"),
        (b"a<![CDATA[ <b> & c]]>", "a <b> & c"),
        (b"&lt;p&gt; &#233; &amp;", "<p> é &"),
        (b"wait&hellip;&nosuch;now", "wait… now"),
    ],
)
def test_text_runs_on_inside_words_and_has_space_between_them(inside, text):
    assert abstract_in(b"<d><abstract>" + inside + b"</abstract></d>") == text


def test_claims_are_numbered_once_and_in_order():
    claims = [b"1. A brush.", b"2 . A comb.", b"3.5 mm of bristle", b"4.) A 2. head", b" ", b"(6) A handle."]
    inside = b"".join(b"<claim><claim-text>" + claim + b"</claim-text></claim>" for claim in claims)
    text = read_patent(b"<claims>" + inside + b"</claims>").text.claims
    assert text.splitlines() == [
        "1. A brush.",
        "2. A comb.",
        "3. 3.5 mm of bristle",
        "4. A 2. head",
        "5. (6) A handle.",
    ]
    assert read_patent(b"<claims>All that is shown.</claims>").text.claims == "All that is shown."


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "iso-8859-1"])
def test_a_document_is_read_in_the_encoding_it_declares(encoding):
    declared = encoding.removesuffix("-sig")
    xml = f'<?xml version="1.0" encoding="{declared}"?><d><abstract>Bürste</abstract></d>'
    assert abstract_in(xml.encode(encoding)) == "Bürste"


@pytest.mark.parametrize(
    "xml",
    [
        b"",
        b" \n",
        b"PATN\nWKU  039373754\nTTL  Bumper support",
        b'{"title": "A brush"}',
        b"<!DOCTYPE PATDOC [ ]><PATDOC><B110>1<B130>A",
        EPO[:-30],
        b"<d><abstract>a & b</abstract></d>",
        b"<d><abstract>a</d>",
        b'<?xml version="1.0" encoding="no-such"?><d/>',
        b'<?xml version="1.0" encoding="UTF-8"?><d><abstract>B\xfcrste</abstract></d>',
        b'<?xml version="1.0" encoding="UTF-16"?><d/>',
        b"<d>\0</d>",
        b"<d/><d/>",
        b"&x;" * 200,
        b'<!DOCTYPE d [<!ATTLIST d b CDATA "' + b"&x;" * 200 + b'"',
        b"<exch:d>" + b"<exch:abstract/>" * 200 + b"</exch:e>",
        b'<!DOCTYPE d SYSTEM "d"><d>' + b"&x;" * 200 + b"</e>",
    ],
)
def test_what_is_no_well_formed_xml_is_malformed(xml):
    with pytest.raises(MalformedXmlError) as caught:
        list(read_patents(xml))
    assert caught.value.kind is ErrorKind.MALFORMED


def test_a_problem_says_where_it_is_and_quotes_nothing():
    with pytest.raises(MalformedXmlError) as caught:
        read_patent(b"<d>\n<secretname>secretvalue</othername></d>")
    assert "line 2" in caught.value.detail
    assert "secret" not in caught.value.detail


LAUGHS = b"".join(b'<!ENTITY a%d "%b">' % (number, b"&a%d;" % (number - 1) * 10) for number in range(1, 12))


@pytest.mark.parametrize(
    "xml",
    [
        b'<!DOCTYPE d [<!ENTITY e "text">]><d><abstract>&e;</abstract></d>',
        b'<!DOCTYPE d [<!ENTITY e "unused">]><d><abstract>a</abstract></d>',
        b'<!DOCTYPE d [<!ENTITY e SYSTEM "file:///etc/passwd">]><d><abstract>&e;</abstract></d>',
        b'<!DOCTYPE d [<!ENTITY e SYSTEM "file:///etc/passwd">]><d b="&e;"><abstract>a</abstract></d>',
        b'<!DOCTYPE d [<!ENTITY % e SYSTEM "http://localhost/e.dtd"> %e;]><d><abstract>a</abstract></d>',
        b"<!DOCTYPE d [<!ENTITY % e \"<!ENTITY f 'g'>\"> %e;]><d><abstract>&f;</abstract></d>",
        b'<!DOCTYPE d [<!ENTITY a0 "ha">' + LAUGHS + b"]><d><abstract>&a11;</abstract></d>",
        b'<!DOCTYPE d [<!ENTITY a0 "ha">' + LAUGHS + b']><d b="&a11;"/>',
        '<!DOCTYPE d [<!ENTITY e "text">]><d b="&#0;"/>'.encode("utf-16"),
        b'<?xml version="1.0" encoding="UTF-7"?>+ADwAIQ-DOCTYPE d +AFsAPAAh-ENTITY x +ACI-y+ACIAPgBdAD4APA-d+AD4-'
        b"+ADw-abstract+AD4-x+ADw-/abstract+AD4APA-/d+AD4-",
    ],
)
def test_entities_of_ones_own_are_refused_by_their_own_code(xml):
    with pytest.raises(XmlEntitiesError) as caught:
        list(read_patents(xml))
    assert caught.value.kind is ErrorKind.INVALID_INPUT


def test_no_dtd_is_opened(tmp_path):
    dtd = tmp_path / "patent.dtd"
    dtd.write_text('<!ENTITY secret "from the file">')
    xml = f'<!DOCTYPE d SYSTEM "{dtd.as_uri()}"><d><abstract>a &secret; b</abstract></d>'
    assert abstract_in(xml.encode()) == "a b"


@pytest.mark.parametrize("xml", [b"<d>" * 300, b"<d>" * 300 + b"</d>" * 300, b"<d>" + b"x" * 11_000_000 + b"</d>"])
def test_what_goes_beyond_the_parsers_limits_is_too_large(xml):
    with pytest.raises(XmlTooDeepError) as caught:
        read_patent(xml)
    assert caught.value.kind is ErrorKind.TOO_LARGE


@pytest.mark.parametrize(
    "xml", [b"<html><title>Brushes</title></html>", b"<d/>", b"<d><abstract> <p/> </abstract></d>"]
)
def test_other_xml_is_no_patent_document(xml):
    with pytest.raises(NotAPatentDocumentError):
        read_patent(xml)


def test_a_patent_document_without_text_says_so():
    with pytest.raises(XmlWithoutTextError):
        read_patent(b'<patent-document ucid="X"><abstract> </abstract></patent-document>')


@given(st.binary())
@example(b"<\xff\xfe")
def test_no_bytes_make_it_fail_otherwise_than_described(xml):
    _read_or_refuse(xml)


PIECES = [
    *(f"<{name}>" for name in ("d", "abstract", "claims", "claim", "exchange-document", "B540", "B542", "x:p")),
    *(f"</{name}>" for name in ("d", "abstract", "claims", "claim", "exchange-document", "B540", "B542", "x:p")),
    '<classification-ipcr lang="en">',
    "</classification-ipcr>",
    "<document-id><doc-number>1</doc-number></document-id>",
    "<section>A</section>",
    "<main-group>9</main-group>",
    "&hellip;",
    "&amp;",
    "&",
    "A46B 9/04",
    "<!DOCTYPE d [",
    '<!ENTITY e SYSTEM "f" NDATA g>',
    '<!ENTITY e "f">',
    "]>",
    '\n<?xml version="1.0"?>',
    "<![CDATA[",
    "]]>",
    "é",
]


@settings(max_examples=150)
@given(st.lists(st.sampled_from(PIECES), max_size=20), st.sampled_from(["utf-8", "utf-16", "latin-1"]))
def test_no_pieces_of_patents_make_it_fail_otherwise_than_described(pieces, encoding):
    _read_or_refuse("".join(["<d>", *pieces, "</d>"]).encode(encoding))


@given(st.integers(0, len(EPO)), st.integers(0, 255))
def test_a_changed_byte_is_read_or_refused(place, byte):
    _read_or_refuse(EPO[:place] + bytes([byte]) + EPO[place + 1 :])


def _read_or_refuse(xml):
    try:
        documents = list(read_patents(xml))
    except ExamError:
        return
    assert documents
