"""What claims say in a way of their own is said otherwise, what others say is left alone."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.translate.claim_wording import everyday_wording
from services.translate.placeholders import Rewriting

WORDS = st.lists(
    st.sampled_from(
        ["said", "Said", "the", "each", "rod", "rods,", "claim 1", "as recited in", "further", "comprising"]
    ),
    max_size=15,
)


def reworded(text):
    return Rewriting(text, tuple(everyday_wording(text, "en"))).after


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("wherein said rod is bent", "wherein the said rod is bent"),
        ("Said rod having a tip", "The said rod having a tip"),
        ("and said rod", "and the said rod"),
        ("moving said rod to said lid", "moving the said rod to the lid"),
        ("a rod, said rod being bent", "a rod, the rod being bent"),
        ("connected to each said rod", "connected to each rod"),
        ("of the said rod", "of the said rod"),
        ("driving said DC motor", "driving the said DC motor"),
        ("The rod of claim 1, wherein it is bent", "The rod according to claim 1, wherein it is bent"),
        ("A rod as recited in any one of claims 1 to 3", "A rod according to any one of claims 1 to 3"),
        ("A rod as in claim 3, having a tip", "A rod according to claim 3, having a tip"),
        ("The rod of any of claims 1 to 3", "The rod according to any of claims 1 to 3"),
        ("The rod of claim 2, further comprising a tip", "The rod according to claim 2, also comprising a tip"),
    ],
)
def test_claims_are_said_in_everyday_words(text, expected):
    assert reworded(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "He said people were bad.",
        "It is said to be good.",
        '"No," said the man, and said Smith.',
        "They said rods were bent.",
        "The scope of claim 1 is narrow.",
        "The features of claim 1 are known.",
        "The matter was discussed further.",
    ],
)
def test_what_anybody_says_is_left_alone(text):
    assert reworded(text) == text


def test_other_languages_are_left_alone():
    assert everyday_wording("wherein said rod", "pt") == []


@given(WORDS)
def test_the_edits_are_in_order_and_apart(words):
    edits = everyday_wording(" ".join(words), "en")
    assert all(first.end <= second.start for first, second in pairwise(edits))
