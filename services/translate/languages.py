"""Language tags and pairs of them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from examkit.errors import ErrorDetail, InvalidInputError

# RFC 5646: language, script, region, variants; extensions and private use say nothing that a translator could follow.
_TAG = re.compile(
    r"(?P<language>[a-z]{2,3})(?:-(?P<script>[a-z]{4}))?(?:-(?P<region>[a-z]{2}|[0-9]{3}))?"
    r"(?P<variants>(?:-(?:[a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*)",
    re.IGNORECASE,
)


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

    Raise InvalidInputError: `same-language`, or `unsupported-language-pair`, whose details list the pairs there are,
    those from the same language first.
    """
    if asked.source.serves(asked.target):
        raise InvalidInputError("Source and target are the same language.", code="same-language")
    serving = [pair for pair in installed if pair.serves(asked)]
    if not serving:
        nearest = sorted(installed, key=lambda pair: not pair.source.serves(asked.source))
        raise InvalidInputError(
            f"There is no translator from {asked}.",
            code="unsupported-language-pair",
            details=[ErrorDetail("/targetLanguage", f"{pair} is supported") for pair in nearest],
        )
    return min(serving, key=lambda pair: pair.distance(asked))
