"""A translator without a model, for tests of what stands above the engine."""

from collections.abc import Sequence

from examkit.errors import InvalidInputError
from services.translate.engine import Answer, Translation
from services.translate.languages import LanguagePair, LanguageTag, find_pair
from services.translate.quality import Flag, Quality
from services.translate.routing import Route, Step

ENGLISH, PORTUGUESE = LanguageTag("en"), LanguageTag("pt")
PAIRS = (LanguagePair(ENGLISH, PORTUGUESE), LanguagePair(PORTUGUESE, ENGLISH))


class FakeTranslator:
    """Puts the target language before each text; a text without an asked language is English."""

    def routes(self) -> Sequence[Route]:
        return [_route(pair) for pair in PAIRS]

    def translate(
        self, texts: Sequence[str], source: LanguageTag | None, target: LanguageTag, alternatives: int = 0
    ) -> Answer:
        if not all(text.strip() for text in texts):
            raise InvalidInputError("A text to translate is blank.", code="blank-text")
        asked = LanguagePair(source or ENGLISH, target)
        pair = find_pair(asked, PAIRS)
        translations = tuple(_translation(text, asked, pair, alternatives) for text in texts)
        return Answer(translations, f"fake-{pair.target}", "1.0.0")

    def close(self) -> None:
        """Hold nothing."""


def _route(pair: LanguagePair) -> Route:
    return Route((Step(pair, "fake"),))


def _translation(text: str, asked: LanguagePair, pair: LanguagePair, alternatives: int) -> Translation:
    prefix = f"[{pair.target}] "
    links = (((0, len(text)), (len(prefix), len(prefix) + len(text))),)
    quality = Quality(0.75, (Flag.UNTRANSLATED,))
    others = tuple(f"[{pair.target} {k}] {text}" for k in range(alternatives))
    return Translation(prefix + text, asked, _route(pair), quality, links, ((0, 4),), alternatives=others)
