"""The words that the concept encoder is asked by: taught names, their other names, and further nouns."""

from collections.abc import Iterator, Sequence
from typing import Final

from models.image_search.concept_drawings import Drawing
from models.image_search.concepts import is_apart
from models.image_search.keywords import Keywords
from models.image_search.wordnet import WordNet
from services.image_search.concept_words import Vocabulary, fold

_MOST_NAMES: Final = 12  # that a word may stand for; one that stands for more says too little


def vocabulary_of(
    names: Sequence[str], drawings: Sequence[Drawing], wordnet: WordNet, keywords: Keywords
) -> Vocabulary:
    """Collect what may be asked by: names, their other names and synonyms, what other languages call them.

    To these come other single words: nouns, and what compounds are made of; compounds are put together by the service.
    """
    place = {name: at for at, name in enumerate(names)}
    words: dict[str, tuple[int, ...]] = {" ".join(fold(name)): (at,) for name, at in place.items()}
    for level in _other_words(names, drawings, wordnet, keywords):
        found: dict[str, dict[int, None]] = {}
        for word, name in level:
            if name in place and word not in words and len(word) > 1 and not is_apart(word):
                found.setdefault(word, {})[place[name]] = None
        words |= {word: tuple(places) for word, places in found.items() if len(places) <= _MOST_NAMES}
    single = {noun for noun in wordnet.nouns() if fold(noun) == [noun]}
    parts = {part for compound in compounds_of(wordnet) for part in compound.split()}
    nouns = sorted((single | parts) - words.keys())
    return Vocabulary(names, words, {noun: at for at, noun in enumerate(nouns)})


def compounds_of(wordnet: WordNet) -> list[str]:
    """Return the things whose names are two words, but those that are kept apart."""
    return [name for name in wordnet.things() if len(name.split()) == len(fold(name)) == 2 and not is_apart(name)]


def _other_words(
    names: Sequence[str], drawings: Sequence[Drawing], wordnet: WordNet, keywords: Keywords
) -> Iterator[Iterator[tuple[str, str]]]:
    """Yield words and the names they stand for, the surest first; a word of one source is not asked of the next."""
    yield ((_folded(each.name), name) for _, name, each in keywords.foreign())
    yield ((_folded(tag), each.concept) for each in drawings for tag in each.tags)
    yield ((_folded(word), name) for name in names for word in sorted(wordnet.synonyms(name)))
    yield ((_folded(word), name) for name, words in keywords.english_keywords().items() for word in words)
    yield ((_folded(word), name) for _, name, each in keywords.foreign() for word in each.keywords)


def _folded(words: str) -> str:
    return " ".join(fold(words))
