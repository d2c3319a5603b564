"""Words that claims use in a way of their own, said as everyday text says them, for models that learned from that.

`wherein said rod` is read as somebody saying something in four cases of ten; `wherein the said rod` is not. `The rod of
claim 1` becomes a rod that a claim has, and `as recited in` a participle that agrees with nothing.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from services.translate.placeholders import Edit

# `said` before a noun, and not after a subject: a determiner, not a verb.
_SAID: Final = re.compile(
    r"(?:\b(?P<determiner>the|each|every|any|another|an?|both|all)\s)?\b(?P<said>[Ss]aid)\s"
    r"(?!(?:an?|the|th(?:at|is|ese|ose|ey|ere)|it|s?he|we|you|i|to|is|was|are|were|if|so|no|not|nothing|how|what|when)\b)"
    r"(?=[a-z(\d]|[A-Z][A-Z\d]|[A-Z]\w*[-\d])"
)
_BEFORE_NOUN: Final = re.compile(
    r"(?:^(?:and\s|or\s)?|\b(?:of|in|on|to|from|with|by|between|at|into|onto|through|for|within|against|under|over|upon|via|wherein|"
    r"whereby|around|along|across|towards?|beneath|above|below|behind|near|adjacent|outside|inside|[a-z]{3,}ing)\s)$"
)
_AFTER_SUBJECT: Final = re.compile(r"\b(?:s?he|they|we|you|it|i|who|was|were|is|are|been|be)\s$", re.IGNORECASE)
_OF_CLAIMS: Final = re.compile(
    r"\b(?:wherein|whereby|compris(?:es|ing)|claims? \d|plurality|characteri[sz]ed|having|being|there(?:of|in|to)|"
    r"configured|adapted|such that|coupled|mounted|disposed|connected|including|respective)\b",
    re.IGNORECASE,
)
_CLAIM: Final = r"\s(?:any\s(?:(?:one\s)?(?:or\smore\s)?of\s)?)?(?:the\s)?(?:preceding\s|previous\s|above\s)?claims?\b"
_AS_IN_CLAIM: Final = re.compile(
    rf"\bas\s(?:recited|claimed|defined|set\sforth|described|specified|stated)\s(?:in|by)(?={_CLAIM})", re.IGNORECASE
)
# At the beginning only, and not what is a claim's own.
_OF_THE_CLAIM: Final = r"(?:scope|matter|wording|features?|preambles?|parts?|objects?|terms?|any|one|either|as)\b"
_OF_CLAIM: Final = re.compile(
    rf"^(?:the|an?)\s(?:(?!{_OF_THE_CLAIM})[\w-]+\s){{1,8}}?(?P<of>of|as\sin)(?={_CLAIM}\s?\d)", re.IGNORECASE
)
_ACCORDING: Final = "according to"
# Read as "comprising even more".
_FURTHER: Final = re.compile(r"\bfurther(?=\s(?:compris|includ|hav|contain)ing\b)")


def everyday_wording(text: str, language: str) -> list[Edit]:
    """Give what of a text in a language is to be said otherwise, in order; nothing is known of most languages."""
    return sorted(_WORDINGS[language](text), key=lambda edit: edit.start) if language in _WORDINGS else []


def _english(text: str) -> Iterator[Edit]:
    if "claim" in text or "Claim" in text:
        yield from (Edit(*match.span(), _ACCORDING) for match in _AS_IN_CLAIM.finditer(text))
        yield from (Edit(*match.span("of"), _ACCORDING) for match in _OF_CLAIM.finditer(text))
    yield from (Edit(*match.span(), "also") for match in _FURTHER.finditer(text))
    if "aid " in text:
        yield from _determiners(text)


def _determiners(text: str) -> Iterator[Edit]:
    """Give the article that a `said` stands for: `the said` once, as several of them, or one after a comma, mislead."""
    found = list(_SAID.finditer(text))
    is_claim = _OF_CLAIMS.search(text) or any(_BEFORE_NOUN.search(text[: match.start()]) for match in found)
    is_first = True
    for match in found:
        before = text[: match.start()]
        start, end = match.span("said")
        if match["determiner"]:
            if match["determiner"] != "the":
                yield Edit(start, end + 1, "")
        elif _BEFORE_NOUN.search(before) or (is_claim and not _AFTER_SUBJECT.search(before)):
            written = "the said" if is_first and not before.endswith(", ") else "the"
            is_first = False
            yield Edit(start, end, written.capitalize() if match["said"][0] == "S" else written)


_WORDINGS: Final[Mapping[str, Callable[[str], Iterator[Edit]]]] = {"en": _english}
