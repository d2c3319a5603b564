"""What the service can do: translate texts with the engines installed, in a chain where there is no direct one."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, Protocol, Self

from examkit.errors import ErrorDetail, InvalidInputError
from services.translate.detection import LanguageDetector
from services.translate.engines.installed import Installation, open_engines
from services.translate.languages import LanguagePair, LanguageTag, find_pair
from services.translate.making import Maker, Wishes
from services.translate.routing import Route, RouteTable, Status, plan
from services.translate.translations import Answer, Translation

NO_WISHES: Final = Wishes()


class Translator(Protocol):
    """What the API needs of an engine."""

    def routes(self) -> Sequence[Route]:
        """Give the ways there are and those that there could be, in a fixed order."""

    def translate(
        self, texts: Sequence[str], source: LanguageTag | None, target: LanguageTag, wishes: Wishes = NO_WISHES
    ) -> Answer:
        """Translate texts, each by itself; without source, each text's language is detected.

        Raise InvalidInputError: `blank-text`, `same-language`, `unsupported-language-pair`, `undetected-language`;
        NotReadyError: `engine-failed`, `terminology-unavailable`.
        """

    def close(self) -> None:
        """End the programs that engines run."""


class RoutedTranslator:
    """Translates by the best way that the engines of an installation allow."""

    def __init__(self, installation: Installation, table: RouteTable, *, with_weak: bool) -> None:
        self._installation = installation
        self._routes = plan(installation.steps, table, with_weak=with_weak)
        self._ready: Mapping[LanguagePair, Route] = {
            route.pair: route for route in self._routes if route.status is Status.READY
        }
        direct = [pair.source for pair, route in self._ready.items() if not route.is_gist]
        self._detector = LanguageDetector((pair.source for pair in self._ready), direct)

    @classmethod
    def load(cls, artifacts_dir: Path, *, with_weak: bool = False) -> Self:
        """Open and warm up the engines; raise ArtifactError when there is none or one cannot be trusted."""
        return cls(open_engines(artifacts_dir), RouteTable.open(artifacts_dir), with_weak=with_weak)

    def close(self) -> None:
        """End the programs that engines run."""
        self._installation.close()

    def routes(self) -> Sequence[Route]:
        """Give the ways there are and those that there could be, in order of the languages."""
        return self._routes

    def translate(
        self, texts: Sequence[str], source: LanguageTag | None, target: LanguageTag, wishes: Wishes = NO_WISHES
    ) -> Answer:
        """Translate texts, each by itself; see Translator."""
        _refuse_blank(texts)
        asked = [LanguagePair(source or self._detect(text, target), target) for text in texts]
        pairs = [find_pair(pair, list(self._ready)) for pair in asked]
        translations: dict[int, Translation] = {}
        for pair in dict.fromkeys(pairs):
            indexes = [i for i, other in enumerate(pairs) if other == pair]
            route = self._ready[pair]
            maker = Maker(route, [self._installation.engines[step] for step in route.steps], self._detector)
            found = maker.make([texts[i] for i in indexes], [asked[i] for i in indexes], wishes)
            translations.update(zip(indexes, found, strict=True))
        return Answer(tuple(translations[i] for i in range(len(texts))), *self._model(self._ready[pairs[0]]))

    def _detect(self, text: str, target: LanguageTag) -> LanguageTag:
        if any(character.isalpha() for character in text):
            return self._detector.detect(text)
        # Numbers and signs are of no language: any will do, best one that is translated directly.
        fitting = [route for route in self._ready.values() if route.pair.target.serves(target)]
        return min(fitting or self._ready.values(), key=lambda route: route.is_gist).pair.source

    def _model(self, route: Route) -> tuple[str, str]:
        names, versions = zip(*(self._installation.engines[step].model for step in route.steps), strict=True)
        return "+".join(names), "+".join(versions)


def _refuse_blank(texts: Sequence[str]) -> None:
    blank = [ErrorDetail(f"/texts/{i}", "is blank") for i, text in enumerate(texts) if not text.strip()]
    if blank:
        raise InvalidInputError("A text to translate is blank.", code="blank-text", details=blank)
