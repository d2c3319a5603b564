"""Flat OpenDocument texts to open, and what stands in those that were saved."""

import zipfile
from pathlib import Path
from xml.etree import ElementTree

NAMESPACES = {
    "office": "urn:oasis:names:tc:opendocument:xmlns:office:1.0",
    "text": "urn:oasis:names:tc:opendocument:xmlns:text:1.0",
    "style": "urn:oasis:names:tc:opendocument:xmlns:style:1.0",
    "table": "urn:oasis:names:tc:opendocument:xmlns:table:1.0",
    "draw": "urn:oasis:names:tc:opendocument:xmlns:drawing:1.0",
    "fo": "urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0",
    "svg": "urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0",
    "xlink": "http://www.w3.org/1999/xlink",
    "dc": "http://purl.org/dc/elements/1.1/",
}
_STYLES = """
<style:style style:name="Heading" style:family="paragraph"><style:text-properties fo:font-weight="bold"/></style:style>
"""
_AUTOMATIC = """
<style:style style:name="bold" style:family="text"><style:text-properties fo:font-weight="bold"/></style:style>
<style:style style:name="red" style:family="text"><style:text-properties fo:color="#ff0000"/></style:style>
<style:style style:name="low" style:family="text"><style:text-properties style:text-position="sub 58%"/></style:style>
<style:style style:name="fixed" style:family="section"><style:section-properties/></style:style>
"""


def flat(body: str, before: str = "") -> str:
    """Write a flat OpenDocument text with the styles `bold`, `red` and `low`."""
    names = " ".join(f'xmlns:{prefix}="{name}"' for prefix, name in NAMESPACES.items())
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document {names} office:version="1.3"'
        ' office:mimetype="application/vnd.oasis.opendocument.text">'
        f"<office:styles>{_STYLES}</office:styles><office:automatic-styles>{_AUTOMATIC}</office:automatic-styles>"
        f"<office:body><office:text>{before}{body}</office:text></office:body></office:document>"
    )


def paragraph(content: str) -> str:
    """Write a paragraph."""
    return f"<text:p>{content}</text:p>"


def span(style: str, content: str) -> str:
    """Write words of a style."""
    return f'<text:span text:style-name="{style}">{content}</text:span>'


class Saved:
    """A saved OpenDocument text, by its XML."""

    def __init__(self, file: Path) -> None:
        with zipfile.ZipFile(file) as package:
            self.root = ElementTree.fromstring(package.read("content.xml"))
        body = self.root.find(".//office:body/office:text", NAMESPACES)
        assert body is not None
        self.body = body

    def texts(self, path: str) -> list[str]:
        """Give the whole text of each element of such a path."""
        return ["".join(element.itertext()) for element in self.body.findall(path, NAMESPACES)]

    def words_with(self, name: str, value: str) -> list[str]:
        """Give the words that have a property of letters, as `fo:font-weight` has `bold`."""
        found = []
        for words in self.body.iterfind(".//text:span", NAMESPACES):
            style = self._style(words.get(_named("text:style-name"), ""))
            if style is not None and value in (style.get(_named(name)) or ""):
                found.append("".join(words.itertext()))
        return found

    def _style(self, name: str) -> ElementTree.Element | None:
        path = f".//style:style[@style:name='{name}']/style:text-properties"
        return self.root.find(path, NAMESPACES)


def _named(name: str) -> str:
    prefix, _, local = name.partition(":")
    return f"{{{NAMESPACES[prefix]}}}{local}"
