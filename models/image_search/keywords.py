"""Keywords and names of emoji in several languages (Unicode CLDR): further names for what the icons show."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Self

from models.image_search.npm_packages import NpmPackage, PackageFolder

PACKAGE: Final = NpmPackage(
    "cldr-annotations-full", "48.2.0", "28576e51225deb51e3ddd734b0f824a0079682cb5d8c27faa9f68149317a14d1"
)
ENGLISH: Final = "en"
LANGUAGES: Final = (ENGLISH, "es", "fr", "pt")


@dataclass(frozen=True)
class Annotation:
    """What one language calls an emoji, and the words it is found by."""

    name: str
    keywords: tuple[str, ...]


@dataclass(frozen=True)
class Keywords:
    """Annotations of every emoji (its characters) by language."""

    by_language: Mapping[str, Mapping[str, Annotation]]

    @classmethod
    def read(cls, packages: PackageFolder) -> Self:
        """Read the languages that are served."""
        return cls({language: dict(_annotations(packages, language)) for language in LANGUAGES})

    def english_keywords(self) -> dict[str, tuple[str, ...]]:
        """Return the English keywords of each English name."""
        return {each.name: each.keywords for each in self.by_language[ENGLISH].values()}

    def foreign(self) -> Iterator[tuple[str, str, Annotation]]:
        """Yield language, English name, and what that language calls it."""
        english = self.by_language[ENGLISH]
        for language, annotations in self.by_language.items():
            if language != ENGLISH:
                for emoji, annotation in annotations.items():
                    if emoji in english:
                        yield language, english[emoji].name, annotation


def _annotations(packages: PackageFolder, language: str) -> Iterator[tuple[str, Annotation]]:
    document = packages.read_json(PACKAGE, f"annotations/{language}/annotations.json")
    for emoji, entry in document["annotations"]["annotations"].items():
        if "tts" in entry:
            keywords = tuple(word.lower() for word in entry.get("default", ()))
            yield emoji, Annotation(entry["tts"][0].lower(), keywords)
