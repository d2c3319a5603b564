"""Text to terms: the one analysis that training, scheme search and serving share, linear in the text's length."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

_CJK: Final = "぀-ヿ㐀-䶿一-鿿豈-﫿가-힣"
CJK_RUN: Final = re.compile(f"([{_CJK}]+)")
_WORD: Final = re.compile(r"[^\W\d_]{2,}")
_ACCENT: Final = re.compile("[̀-ͯ]")
_SUFFIX: Final = re.compile(r"(.{4,}?)(?:ations|ation|ings|ing|ers|er|ors|or|ies|es|ed|s|e|y)")

# Function words of the languages met in training, and the words every patent has. Words that mean something else in
# English (die, fur, pour, os) or are chemical symbols (ce, se, al) stay in.
_STOP_WORDS: Final = frozenset(
    re.findall(
        r"\w+",
        """
    a about above after again all also am an and any are as at be because been before being below between both but by
    can cannot could did do does doing down during each few for from further had has have having he her here hers him
    his how i if in into is it its itself me more most my no nor not of off on once only or other our out over own same
    she should so some such than that the their them then there these they this those through to too under until up
    upon very was we were what when where which while who whom why will with within without would you your
    said wherein whereby thereof therein thereto therefrom comprise comprises comprised comprising include includes
    included including method methods apparatus apparatuses device devices system systems invention inventions present
    provide provides provided providing disclosed disclosure embodiment embodiments according claim claims least one
    two first second plurality may use used using relates utility model
    aufweist aus bei beim betrifft das dem den der des durch ein eine einem einen einer eines erfindung fuer im ist
    mindestens mit nach oder sich sind sowie umfasst und vom von welche wenigstens wobei zum zur zwischen verfahren
    vorrichtung herstellung verwendung
    au aux avec cette chaque comprenant comprend concerne dans du elle est et il la le les leur moins ou par
    presente que qui sa ses sont sur un une appareil dispositif methode procede utilisation
    ao aos caracterizado cada com como compreende compreendem compreendendo comprende comprenden da de del do dos das
    el em en entre fornecido invencao invencion las lo los mas menos na nas no nos para pelo pela por pode que
    referida referido ser seu sua sobre su sus tambem tem um uma unos una aparato aparelho dispositivo metodo
    procedimiento processo producao produccion proceso sistema
    alla almeno che con da dal dei della delle di gli invenzione nel nella per
    """,
    )
)


@dataclass(frozen=True)
class TermVector:
    """A text in the space of a vocabulary: `ids` (int64, ascending) and `weights` (float32, of Euclidean length 1)."""

    ids: NDArray[np.int64]
    weights: NDArray[np.float32]


def fold(text: str) -> str:
    """Lower the case and drop accents, so that `Électricité` and `electricite` are one word; CJK is left as it is."""
    if text.isascii():
        return text.lower()
    stripped = _ACCENT.sub("", unicodedata.normalize("NFKD", text).lower())
    return unicodedata.normalize("NFC", stripped)


def words_of(text: str) -> Iterator[str]:
    """Yield the folded words of a text in order: letters only, two or more; runs of CJK characters stand alone."""
    folded = fold(text)
    if not folded.isascii():
        folded = CJK_RUN.sub(r" \1 ", folded)
    return (match.group() for match in _WORD.finditer(folded))


def is_stop_word(word: str) -> bool:
    """Tell whether a folded word says nothing of what a patent is about."""
    return word in _STOP_WORDS


def is_cjk(word: str) -> bool:
    """Tell whether a folded word is of Chinese, Japanese or Korean characters."""
    return word[0] >= "぀"


def stem(word: str) -> str:
    """Strip one light English ending, leaving at least four letters."""
    match = _SUFFIX.fullmatch(word)
    return match.group(1) if match else word


def terms_of(words: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield (term, words it stands for): stems, pairs of neighbouring stems, and character pairs of CJK words.

    A word beside itself makes no pair: it would say nothing that the word does not.
    """
    kept: list[tuple[str, str]] = []
    for word in words:
        if is_cjk(word):
            yield from ((pair, pair) for pair in map("".join, pairwise(word)))
        elif not is_stop_word(word):
            kept.append((stem(word), word))
    yield from kept
    yield from ((f"{a} {b}", f"{first} {second}") for (a, first), (b, second) in pairwise(kept) if a != b)


def count_terms(text: str) -> Counter[str]:
    """Count the terms of a text."""
    return Counter(term for term, _ in terms_of(words_of(text)))
