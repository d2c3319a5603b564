"""Plurals and genders of English, Portuguese, Spanish and Galician by their endings; of other languages, nothing.

What the endings do not tell is left open: a term that they inflect wrongly can be listed in its other form as well.
"""

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class Gender(StrEnum):
    """Grammatical gender, as the shipped glossary writes it."""

    MASCULINE = "m"
    FEMININE = "f"


_Rules = tuple[tuple[re.Pattern[str], str], ...]


def _rules(*rules: tuple[str, str]) -> _Rules:
    return tuple((re.compile(ending + "$"), plural) for ending, plural in rules)


# Tried in order; the first that fits gives the plural.
_ENGLISH: Final = _rules((r"(?<=[^aeiou])y", "ies"), (r"(s|x|z|ch|sh)", r"\1es"), (r"(?<=[^\W\d_])", "s"))
_PORTUGUESE: Final = _rules(
    (r"ão", "ões"),
    (r"m", "ns"),
    (r"([ao])l", r"\1is"),
    (r"(?<=[áéíóúâêô]\w)el|(?<=[áéíóúâêô]\w\w)el|(?<=[áéíóúâêô]\w)il", "eis"),
    (r"el", "éis"),
    (r"ul", "uis"),
    (r"il", "is"),
    (r"ês", "eses"),
    (r"(?<=[^\W\d_])([rz])", r"\1es"),
    (r"([sx])", r"\1"),
    (r"(?<=[^\W\d_])", "s"),
)
_SPANISH: Final = _rules(
    (r"ión", "iones"),
    (r"ón", "ones"),
    (r"án", "anes"),
    (r"ín", "ines"),
    (r"és", "eses"),
    (r"z", "ces"),
    (r"([aeioué])", r"\1s"),
    (r"([sx])", r"\1"),
    (r"(?<=[^\W\d_])", "es"),
)
_RULES: Final[Mapping[str, _Rules]] = {"en": _ENGLISH, "pt": _PORTUGUESE, "gl": _PORTUGUESE, "es": _SPANISH}
_FEMININE: Final = re.compile(
    r"(?:(?<!em)(?<!om)(?<!gram)a|[çsc]ão|[csxt]i[oó]n|da?de?|dad|tad|gem|ude|tud|umbre|ície)$"
)
_MASCULINE: Final = re.compile(r"(?:(?<!ã)o|[dtl]or|ema|oma|grama|aje|el|il|ol)$")
_GENDERED: Final = frozenset(("pt", "es", "gl"))
_INVARIABLE: Final = frozenset(("mais", "más", "não", "no"))
_PREPOSITION: Final = {
    "en": re.compile(r"of|for|to|in|with|without|from|on|by|at"),
    "pt": re.compile(r"d[eoa]s?|em|n[oa]s?|para|por|pel[oa]s?|com|sem|a|à|aos?|às|e|ou"),
    "es": re.compile(r"del?|en|para|por|con|sin|al?|y|e|o|u"),
    "gl": re.compile(r"d[eoa]s?|en|n[oa]s?|para|por|pol[oa]s?|con|sen|a|á|aos?|ás|e|ou"),
}


def plural(phrase: str, language: str) -> str:
    """Give the plural of a noun with what belongs to it; the phrase itself for a language without rules here."""
    rules = _RULES.get(language)
    if rules is None:
        return phrase
    words = phrase.split(" ")
    head = _length_of_head(words, language)
    inflected = range(head - 1, head) if language == "en" else range(head)
    return " ".join(_plural_of_word(word, rules) if i in inflected else word for i, word in enumerate(words))


def gender(phrase: str, language: str) -> Gender | None:
    """Guess the gender of a noun with what belongs to it by the ending of its first word; None where that is open."""
    word = phrase.split(" ", maxsplit=1)[0].lower()
    if language not in _GENDERED:
        return None
    for ending, found in ((_FEMININE, Gender.FEMININE), (_MASCULINE, Gender.MASCULINE)):
        if ending.search(word) or ending.search(word.removesuffix("s")):
            return found
    return Gender.FEMININE if word.endswith(("ções", "sões", "ciones", "siones", "dades")) else None


def _length_of_head(words: list[str], language: str) -> int:
    """Count the words before the first preposition."""
    preposition = _PREPOSITION[language]
    return next((i for i, word in enumerate(words) if i and preposition.fullmatch(word.lower())), len(words))


def _plural_of_word(word: str, rules: _Rules) -> str:
    if word in _INVARIABLE or word.endswith("mente"):
        return word
    for ending, written in rules:
        changed, count = ending.subn(written, word, count=1)
        if count:
            return changed
    return word
