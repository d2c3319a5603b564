"""A translator without a model, for tests of what stands above the engine."""

import re
from collections.abc import Sequence

from examkit.errors import InvalidInputError
from services.translate.engine import NO_WISHES
from services.translate.languages import LanguagePair, LanguageTag, find_pair
from services.translate.making import Wishes
from services.translate.quality import Flag, Quality
from services.translate.routing import Route, Step
from services.translate.translations import Answer, SegmentTranslation, Translation

ENGLISH, PORTUGUESE = LanguageTag("en"), LanguageTag("pt")
PAIRS = (LanguagePair(ENGLISH, PORTUGUESE), LanguagePair(PORTUGUESE, ENGLISH))


class FakeTranslator:
    """Puts the target language before each text; a text without an asked language is English."""

    def routes(self) -> Sequence[Route]:
        return [_route(pair) for pair in PAIRS]

    def translate(
        self, texts: Sequence[str], source: LanguageTag | None, target: LanguageTag, wishes: Wishes = NO_WISHES
    ) -> Answer:
        if not all(text.strip() for text in texts):
            raise InvalidInputError("A text to translate is blank.", code="blank-text")
        asked = LanguagePair(source or ENGLISH, target)
        pair = find_pair(asked, PAIRS)
        return Answer(
            tuple(_translation(text, asked, pair, wishes.alternatives) for text in texts),
            f"fake-{pair.target}",
            "1.0.0",
        )

    def close(self) -> None:
        """Hold nothing."""


class WordByWordTranslator(FakeTranslator):
    """Puts every word in capitals, and tells which comes from which; the order may be turned around."""

    def __init__(self, *, backwards: bool = False) -> None:
        self._backwards = backwards

    def translate(
        self, texts: Sequence[str], source: LanguageTag | None, target: LanguageTag, wishes: Wishes = NO_WISHES
    ) -> Answer:
        asked = LanguagePair(source or ENGLISH, target)
        pair = find_pair(asked, PAIRS)
        translate = _turned if self._backwards else _raised
        return Answer(tuple(translate(text, asked, pair) for text in texts), "fake", "1.0.0")


def _raised(text: str, asked: LanguagePair, pair: LanguagePair) -> Translation:
    raised = "".join(c.upper() if len(c.upper()) == 1 else c for c in text)
    links = tuple((word.span(), word.span()) for word in re.finditer(r"\S+", text))
    whole = SegmentTranslation((0, len(text)), (0, len(text)), Quality(0.75, ()))
    return Translation(raised, asked, _route(pair), Quality(0.75, ()), links, (), (whole,))


def _turned(text: str, asked: LanguagePair, pair: LanguagePair) -> Translation:
    """Turn the words of each line around."""
    parts: list[str] = []
    links: list[tuple[tuple[int, int], tuple[int, int]]] = []
    for line in re.finditer(r"[^\n\r\v\f]+|[\n\r\v\f]", text):
        before = sum(map(len, parts))
        tokens = list(re.finditer(r"\s+|\S+", line.group()))[::-1]
        for token in tokens:
            if not token.group().isspace():
                start = line.start() + token.start()
                links.append(((start, start + len(token.group())), (before, before + len(token.group()))))
            parts.append(token.group().upper() if len(token.group().upper()) == len(token.group()) else token.group())
            before += len(token.group())
    quality = Quality(0.75, (Flag.REPETITION,))
    whole = SegmentTranslation((0, len(text)), (0, len(text)), quality)
    return Translation("".join(parts), asked, _route(pair), quality, tuple(links), (), (whole,))


def _route(pair: LanguagePair) -> Route:
    return Route((Step(pair, "fake"),))


def _translation(text: str, asked: LanguagePair, pair: LanguagePair, alternatives: int) -> Translation:
    prefix = f"[{pair.target}] "
    links = (((0, len(text)), (len(prefix), len(prefix) + len(text))),)
    quality = Quality(0.75, (Flag.UNTRANSLATED,))
    others = tuple(f"[{pair.target} {k}] {text}" for k in range(alternatives))
    return Translation(prefix + text, asked, _route(pair), quality, links, ((0, 4),), alternatives=others)
