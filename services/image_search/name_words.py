"""The words of a mark's name, as the register keeps them, and those of a text that are looked for among them."""

import re
from typing import Final

from services.image_search.folding import fold_text

_WORD: Final = re.compile(r"[^\W_]+")
_LONGEST: Final = 100
_MOST_SEARCHED: Final = 20
# What joins the parts of a description in English, Spanish, French and Portuguese.
JOINING: Final = frozenset(
    {"a", "an", "and", "the", "with", "of", "in", "on", "or", "un", "una", "el", "la", "los", "las", "con", "y", "de"}
    | {"del", "en", "une", "le", "les", "avec", "et", "du", "des", "dans", "sur", "um", "uma", "o", "os", "as", "com"}
    | {"e", "do", "da", "dos", "das", "em", "no", "na", "au", "aux", "al", "its", "his", "her", "by", "at", "to", "s"}
)


def words_of_name(name: str | None) -> list[str]:
    """Return each word of a name once, in lower case and without accents; letters and digits make a word."""
    found = (word[:_LONGEST] for word in _WORD.findall(fold_text(name or "")))
    return list(dict.fromkeys(found))


def words_to_search(text: str) -> list[str]:
    """Return the words of a text that say something; all of them where none does."""
    words = words_of_name(text)
    return [word for word in words if word not in JOINING][:_MOST_SEARCHED] or words[:_MOST_SEARCHED]
