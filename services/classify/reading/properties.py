"""What the properties of an office document call it, kept by Word and OpenDocument in the same element."""

from typing import Final

from services.classify.reading.markup import Attributes, Walker, walk
from services.classify.reading.package import Package

_PREFIXES: Final = {"http://purl.org/dc/elements/1.1/": "dc"}


def name_in(package: Package, part: str) -> str:
    """Return the title in a part with properties, empty where there is none."""
    named = _Named()
    if part in package:
        walk(package.pieces(part), _PREFIXES, named)
    return named.name


class _Named(Walker):
    """Finds what the properties call the document."""

    def __init__(self) -> None:
        self.name = ""
        self._is_title = False

    def start(self, name: str, attributes: Attributes) -> None:
        self._is_title = name == "dc:title"

    def end(self, name: str) -> None:
        self._is_title = False

    def text(self, text: str) -> None:
        if self._is_title:
            self.name += text
