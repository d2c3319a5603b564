"""Small office files with everything in them that a translation must leave alone, and hostile ones."""

import io
import zipfile

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006"
TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml"
NAMESPACES = (
    f'xmlns:w="{W}" xmlns:r="{OFFICE}/relationships" xmlns:m="{OFFICE}/math" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:v="urn:schemas-microsoft-com:vml" '
    'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"'
)
DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\r\n'


def run(text, properties=""):
    inside = f"<w:rPr>{properties}</w:rPr>" if properties else ""
    return f'<w:r>{inside}<w:t xml:space="preserve">{text}</w:t></w:r>'


def paragraph(*runs, properties=""):
    return f"<w:p>{properties}{''.join(runs)}</w:p>"


def field(result, code="PAGE"):
    parts = [
        '<w:fldChar w:fldCharType="begin"/>',
        f"<w:instrText>{code}</w:instrText>",
        '<w:fldChar w:fldCharType="separate"/>',
        f"<w:t>{result}</w:t>",
        '<w:fldChar w:fldCharType="end"/>',
    ]
    return "".join(f"<w:r>{part}</w:r>" for part in parts)


FORMULA = "<m:oMath><m:r><m:t>a+b=c</m:t></m:r></m:oMath>"
TEXT_BOX = (
    "<w:r><w:pict><v:rect style='width:120pt;height:40pt'><v:textbox><w:txbxContent>"
    f"{paragraph(run('the box text'))}</w:txbxContent></v:textbox></v:rect></w:pict></w:r>"
)
NOTE_MARK = '<w:r><w:rPr><w:vertAlign w:val="superscript"/></w:rPr><w:footnoteReference w:id="2"/></w:r>'
DELETED = '<w:del w:id="5" w:author="x"><w:r><w:delText>was deleted</w:delText></w:r></w:del>'
UNDERLINED = '<w:u w:val="single"/>'
LINK = f'<w:hyperlink w:anchor="fig1">{run("figure one", UNDERLINED)}</w:hyperlink>'
PARAGRAPHS = (
    paragraph(run("Fastening "), run("device", "<w:b/>"), properties='<w:pPr><w:pStyle w:val="Heading1"/></w:pPr>'),
    paragraph(
        run("A "),
        run("red", '<w:i/><w:lang w:val="en-US"/>'),
        '<w:proofErr w:type="spellStart"/>',
        run(" hou", "<w:i/>"),
        run("sing", "<w:i/>"),
        run(" &amp; a spring"),
        NOTE_MARK,
        run(" as in "),
        LINK,
        run(", page "),
        field("7"),
        run(" with "),
        FORMULA,
        run(" and H"),
        run("2", '<w:vertAlign w:val="subscript"/>'),
        run("O."),
        DELETED,
        TEXT_BOX,
    ),
    paragraph("<w:r><w:t>[0001]</w:t><w:tab/><w:t>first line</w:t><w:br/><w:t>second line</w:t></w:r>"),
    paragraph('<w:bookmarkStart w:id="1" w:name="fig1"/>', run("the figure"), '<w:bookmarkEnd w:id="1"/>'),
    "<w:tbl><w:tblPr/><w:tblGrid><w:gridCol w:w='4000'/></w:tblGrid><w:tr><w:tc><w:tcPr/>"
    + paragraph(run("table cell"))
    + "</w:tc></w:tr></w:tbl>",
    paragraph(run("12345")),
)
SECTION = (
    '<w:sectPr><w:headerReference w:type="default" r:id="rId1"/><w:pgSz w:w="11906" w:h="16838"/>'
    '<w:pgMar w:top="1440" w:right="1440" w:bottom="1440" w:left="1440" w:header="720" '
    'w:footer="720" w:gutter="0"/></w:sectPr>'
)
NOTES = (
    '<w:footnote w:type="separator" w:id="0"><w:p><w:r><w:separator/></w:r></w:p></w:footnote>'
    '<w:footnote w:type="continuationSeparator" w:id="1"><w:p><w:r><w:continuationSeparator/></w:r></w:p></w:footnote>'
    f'<w:footnote w:id="2">{paragraph("<w:r><w:footnoteRef/></w:r>", run(" the note"))}</w:footnote>'
)


def docx_parts(paragraphs=PARAGRAPHS):
    """Give the parts of a Word document by their names."""
    relations = "http://schemas.openxmlformats.org/package/2006/relationships"
    return {
        "[Content_Types].xml": DECLARATION
        + '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/word/document.xml" ContentType="{TYPE}.document.main+xml"/>'
        f'<Override PartName="/word/header1.xml" ContentType="{TYPE}.header+xml"/>'
        f'<Override PartName="/word/footnotes.xml" ContentType="{TYPE}.footnotes+xml"/></Types>',
        "_rels/.rels": f'{DECLARATION}<Relationships xmlns="{relations}"><Relationship Id="rId1" '
        f'Type="{OFFICE}/relationships/officeDocument" Target="word/document.xml"/></Relationships>',
        "word/_rels/document.xml.rels": f'{DECLARATION}<Relationships xmlns="{relations}"><Relationship Id="rId1" '
        f'Type="{OFFICE}/relationships/header" Target="header1.xml"/><Relationship Id="rId2" '
        f'Type="{OFFICE}/relationships/footnotes" Target="footnotes.xml"/></Relationships>',
        "word/document.xml": (
            f"{DECLARATION}<w:document {NAMESPACES}><w:body>{''.join(paragraphs)}{SECTION}</w:body></w:document>"
        ),
        "word/header1.xml": f"{DECLARATION}<w:hdr {NAMESPACES}>{paragraph(run('the header'))}</w:hdr>",
        "word/footnotes.xml": f"{DECLARATION}<w:footnotes {NAMESPACES}>{NOTES}</w:footnotes>",
        "word/media/image1.png": b"\x89PNG not to be touched",
    }


ODF = "urn:oasis:names:tc:opendocument:xmlns"
ODT_NAMESPACES = (
    f'xmlns:office="{ODF}:office:1.0" xmlns:text="{ODF}:text:1.0" xmlns:style="{ODF}:style:1.0" '
    f'xmlns:table="{ODF}:table:1.0" xmlns:draw="{ODF}:drawing:1.0" xmlns:fo="{ODF}:xsl-fo-compatible:1.0" '
    f'xmlns:svg="{ODF}:svg-compatible:1.0" xmlns:xlink="http://www.w3.org/1999/xlink"'
)
ODT_BODY = (
    '<text:h text:outline-level="1">Fastening <text:span text:style-name="T1">device</text:span></text:h>'
    '<text:p>A <text:span text:style-name="T2">red housing</text:span> &amp; a spring'
    '<text:note text:id="n1" text:note-class="footnote"><text:note-citation>1</text:note-citation><text:note-body>'
    '<text:p>the note</text:p></text:note-body></text:note> as in <text:a xlink:type="simple" '
    'xlink:href="#fig1">figure one</text:a>, '
    'page <text:page-number text:select-page="current">7</text:page-number> and H<text:span '
    'text:style-name="T3">2</text:span>O.'
    '<draw:frame text:anchor-type="as-char" svg:width="4cm" svg:height="1cm"><draw:text-box>'
    "<text:p>the box text</text:p>"
    "</draw:text-box></draw:frame></text:p>"
    '<text:p>[0001]<text:tab/>first line<text:line-break/>second line<text:s text:c="3"/></text:p>'
    "<text:list><text:list-item><text:p>list item</text:p></text:list-item></text:list>"
    '<table:table table:name="t"><table:table-column/><table:table-row><table:table-cell office:value-type="string">'
    "<text:p>table cell</text:p></table:table-cell></table:table-row></table:table><text:p>12345</text:p>"
)
ODT_STYLES = (
    '<style:style style:name="T1" style:family="text"><style:text-properties fo:font-weight="bold"/></style:style>'
    '<style:style style:name="T2" style:family="text"><style:text-properties fo:font-style="italic"/></style:style>'
    '<style:style style:name="T3" style:family="text"><style:text-properties '
    'style:text-position="sub 58%"/></style:style>'
)


def odt_parts(body=ODT_BODY):
    """Give the parts of an OpenDocument text by their names."""
    head = '<?xml version="1.0" encoding="UTF-8"?>\n'
    master = (
        '<style:page-layout style:name="L1"><style:page-layout-properties fo:page-width="21cm" '
        'fo:page-height="29.7cm"/>'
        "</style:page-layout></office:automatic-styles><office:master-styles>"
        '<style:master-page style:name="Standard" style:page-layout-name="L1"><style:header><text:p>the header</text:p>'
        "</style:header></style:master-page></office:master-styles>"
    )
    mime = "application/vnd.oasis.opendocument.text"
    return {
        "mimetype": mime,
        "content.xml": f'{head}<office:document-content {ODT_NAMESPACES} office:version="1.2"><office:automatic-styles>'
        f"{ODT_STYLES}</office:automatic-styles><office:body><office:text>{body}</office:text></office:body>"
        "</office:document-content>",
        "styles.xml": f'{head}<office:document-styles {ODT_NAMESPACES} office:version="1.2"><office:automatic-styles>'
        f"{master}</office:document-styles>",
        "META-INF/manifest.xml": f'{head}<manifest:manifest xmlns:manifest="{ODF}:manifest:1.0" manifest:version="1.2">'
        f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{mime}"/>'
        '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/>'
        '<manifest:file-entry manifest:full-path="styles.xml" manifest:media-type="text/xml"/></manifest:manifest>',
    }


def packed(parts):
    """Zip parts, those called mimetype stored as they are."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            method = zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
            archive.writestr(zipfile.ZipInfo(name, (2026, 1, 2, 3, 4, 6)), content, method)
    return stream.getvalue()


def unpacked(content):
    """Give the parts of a zip by their names."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {info.filename: archive.read(info) for info in archive.infolist()}
