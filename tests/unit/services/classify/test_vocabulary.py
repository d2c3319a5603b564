"""The terms of a model, and a text among them."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.classify.text import PatentText
from services.classify.vocabulary import Vocabulary, surfaces

VOCABULARY = Vocabulary(["brush", "brush head", "handl"], np.array([2.0, 3.0, 1.0], np.float32))


def test_weights_grow_with_count_and_rarity_and_have_length_one():
    vector = VOCABULARY.vector(Counter({"handl": 1, "brush": 3, "unknown": 9}))
    assert vector.ids.tolist() == [0, 2]
    assert np.linalg.norm(vector.weights) == pytest.approx(1)
    assert vector.weights[0] / vector.weights[1] == pytest.approx((1 + np.log(3)) * 2)


def test_a_text_without_known_terms_has_an_empty_vector():
    vector = VOCABULARY.vector_of(PatentText(text="nothing known"))
    assert vector.ids.size == vector.weights.size == 0
    assert VOCABULARY.known(["brush", "nothing"]) == 1
    assert len(VOCABULARY) == 3


def test_terms_are_shown_in_the_words_of_the_text():
    document = PatentText(title="Brushes", abstract="A brush head. Handles and handle.")
    found = surfaces(document, frozenset({"brush", "handl", "absent"}))
    assert found == {"brush": "brushes", "handl": "handles"}


@given(st.builds(PatentText, *[st.text(max_size=60)] * 5))
def test_any_text_has_a_vector(document):
    vector = VOCABULARY.vector_of(document)
    assert np.isfinite(vector.weights).all()
