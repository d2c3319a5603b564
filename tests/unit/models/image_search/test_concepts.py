"""Names of icons are read as concepts, and what is kept apart never becomes a tag."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.image_search.concepts import are_kin, is_apart, is_for_tuning, read_name, tags_of
from models.image_search.wordnet import Synset, WordNet

THINGS = ("eagle", "cat", "crown", "leaf", "shooting star", "hummingbird")
WORDNET = WordNet(
    {name: Synset((name,), "05", ("bird",) if name == "eagle" else ()) for name in (*THINGS, "bird")}
    | {"idea": Synset(("idea",), "09", ())},
    {name: (name,) for name in (*THINGS, "bird", "idea")},
)


def concept_of(name: str) -> str | None:
    named = read_name(name, WORDNET)
    return named.concept if named else None


@pytest.mark.parametrize(
    ("name", "concept"),
    [
        ("eagle", "eagle"),
        ("eagle-outline", "eagle"),
        ("eagle-fill-24", "eagle"),
        ("cats", "cat"),
        ("golden-eagle", "golden eagle"),
        ("leaves-solid", "leaf"),
        ("shooting-star", "shooting star"),
        ("eagle-off", None),
        ("cat-check-outline", None),
        ("idea", None),
        ("the-very-big-old-eagle", None),
        ("24", None),
    ],
)
def test_a_file_name_is_read(name, concept):
    assert concept_of(name) == concept


@given(st.text(max_size=40))
def test_any_file_name_gives_a_plain_concept_or_none(name):
    concept = concept_of(name)
    assert concept is None or (concept == concept.lower() and "-" not in concept and len(concept) >= 3)


@given(st.text(min_size=1, max_size=20))
def test_what_is_apart_is_the_tenth_of_the_rule(name):
    value = int(hashlib.sha256(("concept:" + name).encode()).hexdigest()[:8], 16)
    assert is_apart(name) == (value % 10 == 0)
    assert not (is_apart(name) and is_for_tuning(name))


def test_a_plural_of_what_is_apart_is_apart_too():
    apart = next(name for name in (f"{letter}cat" for letter in "abcdefghijklmnopqrstuvwxyz") if is_apart(name))
    wordnet = WordNet({"cat": Synset(("cat",), "05", ())}, {"cat": ("cat",), apart: ("cat",)})
    named = read_name(f"{apart}s", wordnet)
    assert named is not None
    assert named.concept == apart
    assert named.is_apart


def test_tags_leave_out_what_is_apart():
    names = [f"{first}{second} cat" for first in "abcdef" for second in "abcdef"]
    kept = list(tags_of([name.replace(" ", "-") for name in names], WORDNET))
    assert kept == [name for name in names if not is_apart(name)]
    assert len(kept) < len(names)


@pytest.mark.parametrize(
    ("one", "other", "kin"),
    [("dog", "dog face", True), ("black cat", "cat", True), ("sea lion", "lion", True), ("cat", "dog", False)],
)
def test_kin_share_the_end_or_all_words(one, other, kin):
    assert are_kin(one, other) is kin
    assert are_kin(other, one) is kin


def test_a_thing_is_a_kind_of_what_is_above_it():
    assert list(WORDNET.kinds_of("eagle")) == [(0, "eagle"), (1, "bird")]
    assert not list(WORDNET.kinds_of("idea"))
