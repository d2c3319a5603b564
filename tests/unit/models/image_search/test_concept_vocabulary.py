"""What may be asked by: taught names first, then their other names, never one that is kept apart."""

from models.image_search.concept_drawings import Drawing
from models.image_search.concept_vocabulary import compounds_of, vocabulary_of
from models.image_search.concepts import is_apart
from models.image_search.icon_sets import Role
from models.image_search.keywords import Annotation, Keywords
from models.image_search.wordnet import Synset, WordNet

WORDNET = WordNet(
    {
        "e": Synset(("eagle", "bird of jove"), "05", ("b",)),
        "b": Synset(("bird",), "05", ()),
        "o": Synset(("osprey",), "05", ("b",)),
        "d": Synset(("dog",), "05", ()),
        "p": Synset(("aquila",), "17", (), is_proper=True),
        "i": Synset(("idea",), "09", ()),
        "t": Synset(("ear trumpet",), "06", ()),
    },
    {
        "eagle": ("e",),
        "bird of jove": ("e",),
        "bird": ("b",),
        "osprey": ("o",),
        "dog": ("d",),
        "aquila": ("p",),
        "idea": ("i",),
        "roost": ("i", "b"),
        "ear trumpet": ("t",),
    },
)
KEYWORDS = Keywords(
    {
        "en": {"🦅": Annotation("eagle", ("bird", "prey", "dog")), "👑": Annotation("crown", ("king", "prey"))},
        "es": {"🦅": Annotation("águila", ("ave",)), "👑": Annotation("corona", ("ave", "aguila"))},
        "fr": {},
        "pt": {"🦅": Annotation("águia", ())},
    }
)
DRAWINGS = [Drawing("toy", "eagle", "eagle", Role.TRAINED, False, True, ("raptor",))]
VOCABULARY = vocabulary_of(["bird", "crown", "eagle"], DRAWINGS, WORDNET, KEYWORDS)


def names_of(word):
    return tuple(VOCABULARY.names[at] for at in VOCABULARY.words.get(word, ()))


def test_a_taught_name_stands_for_itself_even_where_it_is_a_keyword():
    assert names_of("bird") == ("bird",)


def test_other_names_stand_for_names():
    assert names_of("aguila") == names_of("aguia") == names_of("raptor") == names_of("bird of jove") == ("eagle",)
    assert set(names_of("prey")) == set(names_of("ave")) == {"eagle", "crown"}


def test_what_is_kept_apart_is_no_other_name_but_may_be_asked_by_what_is_like_it():
    assert is_apart("dog")
    assert not names_of("dog")
    assert "dog" in VOCABULARY.nouns


def test_other_words_are_nouns_with_a_shape_and_what_compounds_are_made_of():
    assert compounds_of(WORDNET) == ["ear trumpet"]
    assert set(VOCABULARY.nouns) == {"dog", "osprey", "roost", "ear", "trumpet"}
