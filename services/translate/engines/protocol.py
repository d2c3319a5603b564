"""What every engine of translation offers, whatever it is made of."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from services.translate.languages import LanguagePair
from services.translate.untranslatable import Span


@dataclass(frozen=True)
class Draft:
    """What an engine gives for one segment.

    `log_probability` is the sum of the natural log-probabilities of its pieces, `pieces` how many they are, the end
    included; both 0 for an engine that knows no probabilities. `links` gives, for each word of the translation, the
    characters of the source word that it comes from and its own; none where the engine cannot tell. `unknown` are the
    words of the translation that the engine does not know and left as they were.
    """

    text: str
    log_probability: float = 0.0
    pieces: int = 0
    links: tuple[tuple[Span, Span], ...] = ()
    unknown: tuple[Span, ...] = ()


class Engine(Protocol):
    """Translates segments of one pair of languages; every method is safe to call from several threads."""

    @property
    def name(self) -> str:
        """Give the name of the kind of engine."""

    @property
    def pair(self) -> LanguagePair:
        """Tell what is translated into what."""

    @property
    def model(self) -> tuple[str, str]:
        """Give name and version of the artifact, or of the package, that it works with."""

    def keeps(self, character: str) -> bool:
        """Tell whether a character comes through as itself; what does not is kept from the engine."""

    def translate(self, segments: Sequence[str]) -> list[Draft]:
        """Translate segments, each by itself, in order; one that the engine cannot read gives an empty text.

        Raise NotReadyError (`engine-failed`) when the engine ended or does not answer.
        """

    def alternatives(self, segment: str) -> list[Draft]:
        """Translate a segment in several ways, likely ones first, `translate`'s own among them; none if it cannot.

        Raise NotReadyError as `translate` does.
        """
