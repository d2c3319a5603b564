"""What the service can do: translate texts with the students installed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol

from examkit.artifact import Artifact, open_artifact, read_manifest
from examkit.errors import ArtifactError, ErrorDetail, InvalidInputError
from services.translate.decoder import decode
from services.translate.fallbacks import Rendering, put_together, render
from services.translate.languages import LanguageDetector, LanguagePair, LanguageTag, find_pair
from services.translate.quality import Quality, assess
from services.translate.segments import split
from services.translate.student import FORMAT, FORMAT_VERSION, Span, Student

ENGINE_NAME = "marian-student"


@dataclass(frozen=True)
class Route:
    """A pair that can be translated, the languages passed on the way, and the engine of each step."""

    pair: LanguagePair
    languages: tuple[LanguageTag, ...]
    engines: tuple[str, ...]


@dataclass(frozen=True)
class Translation:
    """One text translated; `alignment` pairs characters of the source with those of the translation, word by word."""

    text: str
    pair: LanguagePair
    route: Route
    quality: Quality
    alignment: tuple[tuple[Span, Span], ...]


@dataclass(frozen=True)
class Answer:
    """Translations in the order of their texts, and the artifact that made them (the first one, when several did)."""

    translations: tuple[Translation, ...]
    model_name: str
    model_version: str


class Translator(Protocol):
    """What the API needs of an engine."""

    def routes(self) -> Sequence[Route]:
        """Give what can be translated, in a fixed order."""

    def translate(self, texts: Sequence[str], source: LanguageTag | None, target: LanguageTag) -> Answer:
        """Translate texts, each by itself; without source, each text's language is detected.

        Raise InvalidInputError: `blank-text`, `same-language`, `unsupported-language-pair`, `undetected-language`.
        """


@dataclass(frozen=True)
class _Installed:
    """A student and where it comes from."""

    route: Route
    artifact: Artifact
    student: Student


class StudentTranslator:
    """Translates with every Marian student found in a folder of artifacts."""

    def __init__(self, installed: Sequence[_Installed]) -> None:
        self._installed: Mapping[LanguagePair, _Installed] = {item.route.pair: item for item in installed}
        self._detector = LanguageDetector(item.route.pair.source for item in installed)

    @classmethod
    def load(cls, artifacts_dir: Path) -> "StudentTranslator":
        """Open and warm up the students; raise ArtifactError when there is none or one cannot be trusted."""
        folders = sorted(path.parent for path in artifacts_dir.glob("*/manifest.json"))
        artifacts = [
            open_artifact(folder, format=FORMAT, format_version=FORMAT_VERSION)
            for folder in folders
            if read_manifest(folder).format == FORMAT
        ]
        if not artifacts:
            raise ArtifactError(f"{artifacts_dir} holds no artifact of the format {FORMAT}.")
        return cls([_install(artifact) for artifact in artifacts])

    def routes(self) -> Sequence[Route]:
        """Give what can be translated, in the order of the artifacts' names."""
        return [item.route for item in self._installed.values()]

    def translate(self, texts: Sequence[str], source: LanguageTag | None, target: LanguageTag) -> Answer:
        """Translate texts, each by itself; see Translator."""
        _refuse_blank(texts)
        asked = [LanguagePair(source or self._detect(text, target), target) for text in texts]
        pairs = [find_pair(pair, list(self._installed)) for pair in asked]
        translations: dict[int, Translation] = {}
        for pair in dict.fromkeys(pairs):
            indexes = [i for i, other in enumerate(pairs) if other == pair]
            found = _translate(self._installed[pair], [texts[i] for i in indexes], [asked[i] for i in indexes])
            translations.update(zip(indexes, found, strict=True))
        manifest = self._installed[pairs[0]].artifact.manifest
        return Answer(tuple(translations[i] for i in range(len(texts))), manifest.name, manifest.version)

    def _detect(self, text: str, target: LanguageTag) -> LanguageTag:
        if any(character.isalpha() for character in text):
            return self._detector.detect(text)
        # Numbers and signs are of no language: any that can be translated into the target will do.
        sources = (pair.source for pair in self._installed if pair.target.serves(target))
        return next(sources, next(iter(self._installed)).source)


def _install(artifact: Artifact) -> _Installed:
    properties = artifact.manifest.properties
    source, target = (LanguageTag.parse(str(properties[f"{side}_language"])) for side in ("source", "target"))
    student = Student(artifact)
    decode(student, ["1"])
    return _Installed(Route(LanguagePair(source, target), (source, target), (ENGINE_NAME,)), artifact, student)


def _refuse_blank(texts: Sequence[str]) -> None:
    blank = [ErrorDetail(f"/texts/{i}", "is blank") for i, text in enumerate(texts) if not text.strip()]
    if blank:
        raise InvalidInputError("A text to translate is blank.", code="blank-text", details=blank)


def _translate(installed: _Installed, texts: Sequence[str], asked: Sequence[LanguagePair]) -> list[Translation]:
    """Translate texts of one language, all their segments together."""
    segments = [split(text) for text in texts]
    sources = [segment.of(text) for text, parts in zip(texts, segments, strict=True) for segment in parts]
    student = installed.student
    renderings = iter(render(sources, partial(decode, student), student.vocabulary.keeps))
    wholes = [put_together(text, parts, renderings) for text, parts in zip(texts, segments, strict=True)]
    return [
        Translation(whole.text, pair, installed.route, _quality(text, whole), whole.links)
        for text, pair, whole in zip(texts, asked, wholes, strict=True)
    ]


def _quality(source: str, whole: Rendering) -> Quality:
    return assess(
        source,
        whole.text,
        log_probability=whole.log_probability,
        pieces=whole.pieces,
        is_kept=whole.is_kept,
    )
