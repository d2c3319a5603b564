"""Concepts: the plain name of what an icon shows, read from its file name, and which names are kept apart."""

import hashlib
import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from models.image_search.wordnet import WordNet

APART_PARTS = 10
_MOST_WORDS = 3
_MOST_LETTERS = 30
_WORD = re.compile(r"[a-z]+")

_WORDS = tomllib.loads(Path(__file__).with_name("name_words.toml").read_text())
_STYLES, _FOREIGN, _ALONE = (frozenset(_WORDS[part].split()) for part in ("styles", "foreign", "alone"))


@dataclass(frozen=True)
class Named:
    """What a file name says: the concept, and every form of the name on the way to it."""

    concept: str
    forms: frozenset[str]

    @property
    def is_apart(self) -> bool:
        """Tell whether the concept, or the plural it was read from, is kept apart."""
        return any(is_apart(form) for form in self.forms)


def is_apart(name: str) -> bool:
    """Tell whether a name (lower case, words parted by spaces) is among the tenth that nothing is trained on."""
    return int(hashlib.sha256(f"concept:{name}".encode()).hexdigest()[:8], 16) % APART_PARTS == 0


def is_for_tuning(name: str) -> bool:
    """Tell whether a name is among the tenth that choices are made on: those are left out of training to choose."""
    return int(hashlib.sha256(f"concept:{name}".encode()).hexdigest()[:8], 16) % APART_PARTS == 1


def read_name(file_name: str, wordnet: WordNet) -> Named | None:
    """Read the concept out of an icon's file name; None when it shows no concrete thing alone.

    Endings that tell of style are taken off, words that tell of an action or a control refuse the name, the last
    word is put in the singular, and it, or the whole, must be something that WordNet knows to have a shape.
    """
    words = _WORD.findall(re.sub(r"\d+", " ", file_name.lower()))
    while len(words) > 1 and words[-1] in _STYLES:
        words.pop()
    if not words or len(words) > _MOST_WORDS or _is_foreign(words, wordnet):
        return None
    plain = " ".join(words)
    concept = plain if wordnet.is_noun(plain) else " ".join([*words[:-1], wordnet.singular(words[-1])])
    if len(concept) < 3 or len(concept) > _MOST_LETTERS or not _is_concrete(concept, wordnet):
        return None
    return Named(concept, frozenset({plain, concept}))


def tags_of(names: Iterable[str], wordnet: WordNet) -> Iterator[str]:
    """Read further names of a drawing as tags; those of concepts that are kept apart are left out."""
    for name in names:
        named = read_name(name, wordnet)
        if named and not named.is_apart:
            yield named.concept


def are_kin(one: str, other: str) -> bool:
    """Tell whether two names share their last word or all words of one: neither right nor wrong for each other."""
    left, right = one.split(), other.split()
    return left[-1] == right[-1] or set(left) <= set(right) or set(right) <= set(left)


def _is_foreign(words: list[str], wordnet: WordNet) -> bool:
    if len(words) == 1:
        return words[0] in _FOREIGN - _ALONE
    return not _FOREIGN.isdisjoint(words) and not wordnet.is_thing(" ".join(words))


def _is_concrete(concept: str, wordnet: WordNet) -> bool:
    """Ask for a shape; of a compound that WordNet does not have, of its last word's commonest meaning."""
    if wordnet.is_noun(concept):
        return wordnet.is_thing(concept)
    return wordnet.is_mostly_thing(concept.rsplit(maxsplit=1)[-1])
