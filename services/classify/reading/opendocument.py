"""OpenDocument texts (odt): what stands on their pages, without headers, footers, comments and what was deleted."""

from typing import Final

from services.classify.reading.document import EncryptedDocumentError, UnsupportedDocumentError, Writing
from services.classify.reading.markup import Attributes, EnoughError, Walker, walk
from services.classify.reading.package import Package
from services.classify.reading.paragraphs import Paragraphs
from services.classify.reading.properties import name_in

_MIME_TYPE: Final = "mimetype"
_OPENDOCUMENT: Final = b"application/vnd.oasis.opendocument."
_CONTENT: Final = "content.xml"
_MANIFEST: Final = "META-INF/manifest.xml"
_META: Final = "meta.xml"
_WHOLE: Final = "encrypted-package"  # of OpenDocument 1.4, in which the manifest cannot be read either
_ODF: Final = "urn:oasis:names:tc:opendocument:xmlns"
_PREFIXES: Final = {
    f"{_ODF}:office:1.0": "office",
    f"{_ODF}:text:1.0": "text",
    f"{_ODF}:style:1.0": "style",
    f"{_ODF}:drawing:1.0": "draw",
    f"{_ODF}:svg-compatible:1.0": "svg",
    f"{_ODF}:manifest:1.0": "manifest",
}
_PARAGRAPHS: Final = frozenset({"text:p", "text:h"})
_SPACES: Final = frozenset({"text:s", "text:tab"})
_TITLE: Final = "Title"


def is_opendocument(package: Package) -> bool:
    """Tell whether a package says that it is an OpenDocument of any kind."""
    return _MIME_TYPE in package and next(package.pieces(_MIME_TYPE), b"").startswith(_OPENDOCUMENT)


def read_opendocument(package: Package) -> Writing:
    """Read an OpenDocument text; raise MalformedDocumentError, EncryptedDocumentError or UnsupportedDocumentError."""
    if _WHOLE in package or _has(package, _MANIFEST, "manifest:encryption-data"):
        raise EncryptedDocumentError("The document is encrypted: save it without a password.")
    body = _Body()
    is_whole = walk(package.pieces(_CONTENT), _PREFIXES, body)
    if not body.is_text:
        raise UnsupportedDocumentError("The file is an OpenDocument, but no text.")
    return Writing(body.paragraphs.lines, body.title, name_in(package, _META), is_whole=is_whole)


class _Seeker(Walker):
    """Looks for an element."""

    def __init__(self, name: str) -> None:
        self._name = name

    def start(self, name: str, attributes: Attributes) -> None:
        if name == self._name:
            raise EnoughError


def _has(package: Package, part: str, element: str) -> bool:
    return part in package and not walk(package.pieces(part), _PREFIXES, _Seeker(element))


class _Body(Walker):
    """Gathers the paragraphs of the document; notes and boxes come after the paragraph that they stand in."""

    passed_over = frozenset(
        {"text:tracked-changes", "text:note-citation", "office:annotation", "office:forms", "svg:title", "svg:desc"}
    )

    def __init__(self) -> None:
        self.paragraphs = Paragraphs()
        self.title = ""
        self.is_text = False
        self._titles = {_TITLE}
        self._open_styles: list[str] = []

    def start(self, name: str, attributes: Attributes) -> None:
        self.is_text |= name == "office:text"
        if name == "style:style" and attributes.get("style:parent-style-name") == _TITLE:
            self._titles.add(attributes.get("style:name", ""))
        elif name in _PARAGRAPHS:
            self.paragraphs.begin()
            self._open_styles.append(attributes.get("text:style-name", ""))
        elif name == "text:line-break":
            self.paragraphs.break_line()
        elif name in _SPACES:
            self.paragraphs.write(" ")

    def end(self, name: str) -> None:
        if name in _PARAGRAPHS:
            text = self.paragraphs.end()
            if self._open_styles.pop() in self._titles and not self.title:
                self.title = text

    def text(self, text: str) -> None:
        self.paragraphs.write(text.replace("\n", " "))
