"""Apertium, a translator by rules between close languages, where its Debian packages are installed."""

import re
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from services.translate.engines.apertium_pipe import ApertiumPipe
from services.translate.engines.protocol import Draft
from services.translate.languages import LanguagePair, LanguageTag

NAME: Final = "apertium"
_PROGRAM: Final = "apertium"
_MODES: Final = Path("/usr/share/apertium/modes")
_SECONDS: Final = 20.0
# A mark stands before a word that is not known (*) or cannot be inflected (#, @).
_MARKED = re.compile(r"[*#@]+(?=[^\W_])(\w+)")
_CODE = re.compile(r"\S*\d\S*")
# Characters that mean something in Apertium's streams, or that its programs were seen to change.
_NOT_KEPT: Final = frozenset("*#@~^$[]{}\\/<>_\0")


@dataclass(frozen=True)
class Direction:
    """A direction that Debian has data for: its mode, and the package that brings it."""

    pair: LanguagePair
    mode: str
    package: str

    @property
    def is_installed(self) -> bool:
        """Tell whether program and data are on this machine."""
        return shutil.which(_PROGRAM) is not None and self._file.is_file()

    @property
    def _file(self) -> Path:
        return _MODES / f"{self.mode}.mode"

    def open(self) -> "ApertiumEngine":
        """Make an engine of it; its programs start with the first text."""
        return ApertiumEngine(self, ApertiumPipe(self._file, _SECONDS))


class ApertiumEngine:
    """Translates one direction; words that it does not know are left, and told."""

    name = NAME

    def __init__(self, direction: Direction, pipe: ApertiumPipe) -> None:
        self.pair = direction.pair
        self.model = direction.package, direction.mode
        self._pipe = pipe

    def keeps(self, character: str) -> bool:
        """Tell whether a character comes through as itself."""
        return character not in _NOT_KEPT and character.isprintable()

    def translate(self, segments: Sequence[str]) -> list[Draft]:
        """Translate segments one after another; raise NotReadyError when the programs fail."""
        return [_without_marks(self._pipe.translate(segment)) for segment in segments]

    def alternatives(self, segment: str) -> list[Draft]:
        """Give none: rules say one thing."""
        return []

    def close(self) -> None:
        """End the programs."""
        self._pipe.close()


def _direction(source: str, target: str, mode: str, package: str) -> Direction:
    return Direction(LanguagePair(LanguageTag(source), LanguageTag(target)), mode, package)


DIRECTIONS: Final = (
    _direction("es", "pt", "es-pt_BR", "apertium-es-pt"),
    _direction("pt", "es", "pt-es", "apertium-es-pt"),
    _direction("gl", "pt", "gl-pt", "apertium-pt-gl"),
    _direction("pt", "gl", "pt-gl", "apertium-pt-gl"),
    _direction("es", "gl", "es-gl", "apertium-es-gl"),
    _direction("gl", "es", "gl-es", "apertium-es-gl"),
    _direction("ca", "pt", "cat-por_BR", "apertium-por-cat"),
    _direction("pt", "ca", "por-cat", "apertium-por-cat"),
    _direction("es", "ca", "spa-cat", "apertium-spa-cat"),
    _direction("ca", "es", "cat-spa", "apertium-spa-cat"),
    _direction("fr", "ca", "fra-cat", "apertium-fra-cat"),
    _direction("ca", "fr", "cat-fra", "apertium-fra-cat"),
    _direction("fr", "es", "fr-es", "apertium-fr-es"),
    _direction("es", "fr", "es-fr", "apertium-fr-es"),
    _direction("it", "es", "ita-spa", "apertium-spa-ita"),
    _direction("es", "it", "spa-ita", "apertium-spa-ita"),
)


def _without_marks(answer: str) -> Draft:
    """Take the marks off; a code, which has digits, is unknown to any engine and rightly left as it is."""
    codes = [code.span() for code in _CODE.finditer(answer)]
    unknown, parts, done, length = [], [], 0, 0
    for found in _MARKED.finditer(answer):
        before = answer[done : found.start()]
        start = length + len(before)
        parts += [before, found[1]]
        length, done = start + len(found[1]), found.end()
        if not any(first <= found.start() < last for first, last in codes):
            unknown.append((start, length))
    return Draft("".join([*parts, answer[done:]]), unknown=tuple(unknown))


def installed() -> Iterator[Direction]:
    """Give the directions whose data are on this machine."""
    return (direction for direction in DIRECTIONS if direction.is_installed)
