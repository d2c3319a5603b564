"""How far a translation can be trusted, told from source and target alone and from the engine's own probabilities."""

import math
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

_NUMBER = re.compile(r"\d+(?:[.,\u00a0\u202f]\d+|[ \u2009]\d{3}(?!\d))*")
_BRACKETED = re.compile(r"[(\[]([^()\[\]]{1,60})[)\]]")
_SIGN = re.compile(r"\d+[A-Za-z]?['′″]*")
# Names stay as they are in a translation: words with a capital alone at their beginning tell nothing.
_WORD = re.compile(r"\b(?![^\W\d_a-zà-ÿ][a-zà-ÿ])[^\W\d_]{4,}")
_SHORTEST_COMPARED: Final = 20
_LEAST_RATIO: Final = 0.5
_GREATEST_RATIO: Final = 2.2
_REPEATED_WORDS: Final = 3
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


@dataclass(frozen=True)
class Quality:
    """`score` in [0, 1], higher is better, not calibrated; `flags` in the order of `Flag`."""

    score: float
    flags: tuple[Flag, ...]


def assess(
    source: str, target: str, *, log_probability: float, pieces: int, is_kept: bool, unknown_words: int = 0
) -> Quality:
    """Judge a translation; `is_kept` says that a part of the source stands in it untranslated.

    The score is the geometric mean of the probabilities of the target's pieces, 1 where there are none, times the share
    of its words that the engines knew.
    """
    unknown_share = min(1.0, unknown_words / max(1, len(target.split())))
    score = (math.exp(min(0.0, log_probability / pieces)) if pieces else 1.0) * (1 - unknown_share)
    checks = {
        Flag.NUMBER_MISSING: bool(missing_numbers(source, target)),
        Flag.SIGN_MISSING: bool(missing_signs(source, target)),
        Flag.UNTRANSLATED: is_kept or unknown_share > _MANY_UNKNOWN or _is_untranslated(source, target),
        Flag.LENGTH_RATIO: _is_length_odd(source, target),
        Flag.REPETITION: repeats_itself(target) and not repeats_itself(source),
    }
    return Quality(score, tuple(flag for flag, is_raised in checks.items() if is_raised))


def missing_numbers(source: str, target: str) -> Counter[str]:
    """Count the numbers of the source that the target lacks; 1,000.5 and 1.000,5 are the same number."""
    return Counter(_numbers(source)) - Counter(_numbers(target))


def missing_signs(source: str, target: str) -> Counter[str]:
    """Count the reference signs in brackets, such as (12) and (122a, 122b'), that the target lacks."""
    return Counter(_signs(source)) - Counter(_signs(target))


def repeats_itself(text: str) -> bool:
    """Tell whether a run of words is said three times on end, as decoders do that run in circles."""
    words = text.lower().split()
    return any(
        _is_circle(words, start, length) for length in range(1, 9) for start in range(len(words) - 3 * length + 1)
    )


def _is_circle(words: list[str], start: int, length: int) -> bool:
    first, second, third = (words[start + i * length : start + (i + 1) * length] for i in range(_REPEATED_WORDS))
    return first == second == third and any(word.isalpha() for word in first)


def _numbers(text: str) -> Iterator[str]:
    for number in _NUMBER.findall(text):
        yield re.sub(r"\D", "", number)


def _signs(text: str) -> Iterator[str]:
    for content in _BRACKETED.findall(text):
        yield from _SIGN.findall(content)


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
