"""How far a translation can be trusted, told from source and target alone and from the engine's own probabilities."""

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from services.translate.losses import missing_marks, missing_numbers, missing_signs

# Names stay as they are in a translation: words with a capital alone at their beginning tell nothing. Chinese, Japanese
# and Korean words are short.
_WORD = re.compile(r"\b(?![^\W\d_a-zà-ÿ][a-zà-ÿ])[^\W\d_]{4,}|[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+")
_SHORTEST_COMPARED: Final = 20
_LEAST_RATIO: Final = 0.5
_GREATEST_RATIO: Final = 2.2
_TIMES: Final = 3
_LONGEST_CIRCLE: Final = 8
_SAME_SHARE: Final = 0.7
_FEWEST_WORDS: Final = 3
_MANY_UNKNOWN: Final = 0.2


class Flag(StrEnum):
    """What a reader should look at."""

    NUMBER_MISSING = "number-missing"
    SIGN_MISSING = "sign-missing"
    UNTRANSLATED = "untranslated"
    LENGTH_RATIO = "length-ratio"
    REPETITION = "repetition"
    LANGUAGE_WRONG = "language-wrong"


class Way(StrEnum):
    """What made a translation: a neural engine, rules, or a chain of engines with a neural one."""

    NEURAL = "neural"
    RULES = "rules"
    CHAIN = "chain"


@dataclass(frozen=True)
class Making:
    """How a translation was made.

    `log_probability` and `pieces` are as `Draft` tells them; `is_kept` says that a part of the source stands in it
    untranslated, `unknown_words` how many words no engine knew; `is_approved` that a person approved it;
    `is_other_language` that it is surely not in the target language.
    """

    way: Way = Way.NEURAL
    log_probability: float = 0.0
    pieces: int = 0
    is_kept: bool = False
    unknown_words: int = 0
    is_approved: bool = False
    is_other_language: bool = False


@dataclass(frozen=True)
class _Calibration:
    """A logistic curve over the mean log-probability of a piece."""

    offset: float
    slope: float

    def of(self, mean: float) -> float:
        return 1 / (1 + math.exp(-self.offset - self.slope * mean))


# Fitted by logistic regression to every other segment of the development halves of FLORES-200, NTREX-128 and TICO-19
# (neural: en-pt, pt-en; rules: es-pt, pt-es; chain: es-en, fr-en, en-es), 1,041, 1,026 and 1,849 of them. On the
# segments between these the expected calibration error fell from 0.35 to 0.04, 0.75 to 0.02 and 0.44 to 0.07. Neither
# the length nor the share of unknown words told anything besides.
_CALIBRATIONS: Final = {
    Way.NEURAL: _Calibration(0.604, 4.108),
    Way.RULES: _Calibration(-1.437, 0.0),
    Way.CHAIN: _Calibration(0.025, 4.462),
}


@dataclass(frozen=True)
class Quality:
    """`score` in [0, 1] and `flags` in the order of `Flag`.

    The score is the probability that the translation shares as much with a person's as a chrF of 60 says.
    """

    score: float
    flags: tuple[Flag, ...]


def assess(source: str, target: str, making: Making) -> Quality:
    """Judge the translation of a segment."""
    unknown_share = making.unknown_words / max(1, len(target.split()))
    checks = {
        Flag.NUMBER_MISSING: bool(missing_numbers(source, target)),
        Flag.SIGN_MISSING: bool(missing_signs(source, target) or missing_marks(source, target)),
        Flag.UNTRANSLATED: making.is_kept or unknown_share > _MANY_UNKNOWN or _is_untranslated(source, target),
        Flag.LENGTH_RATIO: _is_length_odd(source, target),
        Flag.REPETITION: repeats_itself(target) and not repeats_itself(source),
        Flag.LANGUAGE_WRONG: making.is_other_language,
    }
    flags = tuple(flag for flag, is_raised in checks.items() if is_raised)
    is_unread = Flag.UNTRANSLATED in flags and not making.pieces and making.way is Way.NEURAL
    return Quality(0.0 if is_unread and not making.is_approved else _score(making), flags)


def overall(whole: Quality, parts: Sequence[tuple[int, Quality]]) -> Quality:
    """Judge a text by its segments: the mean of their scores, each weighed by its length, and the flags of both."""
    weight = sum(length for length, _ in parts)
    score = sum(length * part.score for length, part in parts) / weight if weight else whole.score
    raised = {flag for part in (whole, *(quality for _, quality in parts)) for flag in part.flags}
    return Quality(score, tuple(flag for flag in Flag if flag in raised))


def _score(making: Making) -> float:
    if making.is_kept:
        return 0.0
    if making.is_approved or (making.way is Way.NEURAL and not making.pieces):  # there was nothing to translate
        return 1.0
    return _CALIBRATIONS[making.way].of(min(0.0, making.log_probability / max(1, making.pieces)))


def repeats_itself(text: str) -> bool:
    """Tell whether a run of words is said three times on end, as decoders do that run in circles."""
    words = text.lower().split()
    return any(_has_circle(words, length) for length in range(1, _LONGEST_CIRCLE + 1))


def _has_circle(words: list[str], length: int) -> bool:
    """Tell whether so many words are said three times on end, which is: whether twice as many come again so far on."""
    same = 0
    for place, (word, later) in enumerate(zip(words, words[length:], strict=False), 1):
        same = same + 1 if word == later else 0
        if same >= (_TIMES - 1) * length and any(map(str.isalpha, words[place - length : place])):
            return True
    return False


def _is_untranslated(source: str, target: str) -> bool:
    words = Counter(word.lower() for word in _WORD.findall(source))
    if words.total() < _FEWEST_WORDS:
        return bool(words) and source == target
    same = words & Counter(word.lower() for word in _WORD.findall(target))
    return same.total() >= _SAME_SHARE * words.total()


def _is_length_odd(source: str, target: str) -> bool:
    if len(source) < _SHORTEST_COMPARED:
        return False
    return not _LEAST_RATIO <= len(target) / len(source) <= _GREATEST_RATIO
