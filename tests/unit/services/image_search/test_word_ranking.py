"""A ranking by words joins what marks show and what they are called, and is the same however many are looked at."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from examkit.errors import InvalidInputError
from services.image_search import word_ranking
from services.image_search.concept import ConceptEncoder
from services.image_search.index import MarkIndex
from services.image_search.vienna import ViennaTable
from services.image_search.word_ranking import AskedWords, NamedRows, Understood, ask_by_words, rank_by_words
from tests.portraits import make_portrait
from tests.tiny_concept import write_concept_encoder, write_vienna_codes

NOBODY = NamedRows.of({}, 1)
A = np.array([1, 0, 0, 0], np.float32)


def index_of(*concepts):
    """Index marks from row 1 on, None for one whose concept is not known."""
    index = MarkIndex(4, 2, 2)
    index.put(range(1, len(concepts) + 1), [make_portrait([A], concept=concept) for concept in concepts])
    return index


def asked(named=NOBODY, row=(1, 0)):
    return AskedWords(None if row is None else np.array(row, np.float32), named, Understood())


def found(index, asked, stop=10, allowed=None):
    ranked = rank_by_words(index, asked, range(stop), allowed)
    return [(one.row_id, round(one.likeness.score, 3)) for one in ranked]


def test_what_is_shown_ranks_where_no_mark_is_called_so():
    index = index_of((0.6, 0.8), (1, 0), (0, 1))
    assert found(index, asked()) == [(2, 1), (1, 0.6), (3, 0)]
    (best, *_) = rank_by_words(index, asked(), range(1))
    assert (best.likeness.concept, best.likeness.words, best.likeness.shape) == (1, 0, None)


def test_a_name_counts_by_its_share_of_the_words_and_either_can_be_enough():
    index = index_of((0.6, 0.8), (0.8, 0.6), (0, 1), None)
    named = NamedRows.of({1: 1, 3: 2, 4: 1}, 2)
    assert found(index, asked(named)) == [(3, 1), (1, 0.8), (2, 0.8), (4, 0.5)]
    last = rank_by_words(index, asked(named), range(4))[-1].likeness
    assert (last.concept, last.words) == (None, 0.5)


def test_words_that_no_concept_stands_for_find_names_alone():
    assert found(index_of((1, 0), (0, 1)), asked(NamedRows.of({2: 1}, 1), row=None)) == [(2, 1)]


def test_only_allowed_marks_are_found():
    index = index_of((1, 0), (0.8, 0.6), (0.6, 0.8))
    named = NamedRows.of({1: 1, 3: 1}, 1)
    assert found(index, asked(named), allowed=np.array([2, 3])) == [(3, 1), (2, 0.8)]


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 1000), st.integers(1, 6))
def test_what_is_looked_at_holds_the_best(seed, stop):
    random = np.random.default_rng(seed)
    rows = random.normal(size=(40, 2))
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    index = index_of(*(None if n % 7 == 0 else row for n, row in enumerate(rows)))
    named = NamedRows.of({row: int(random.integers(1, 4)) for row in range(1, 41, 2)}, 3)
    whole = found(index, asked(named), stop=stop)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(word_ranking, "WINDOWS", (6, 10_240))
        assert found(index, asked(named), stop=stop) == whole


@pytest.fixture(scope="module")
def concepts(tmp_path_factory):
    folder = tmp_path_factory.mktemp("words")
    table = ViennaTable.open(write_vienna_codes(folder / "codes", {"03": "Animals", "24": "Signs"}))
    return ConceptEncoder(write_concept_encoder(folder / "encoder"), table)


def test_a_text_is_read_as_what_it_names_and_what_is_like_it(concepts):
    read = ask_by_words(concepts, "an eagle with a crown", NOBODY)
    assert read.understood == Understood(("eagle", "crown"), is_approximate=False)
    assert read.row is not None
    assert ask_by_words(concepts, "Buzzards", NOBODY).understood.is_approximate


def test_unknown_words_need_a_mark_that_is_called_so(concepts):
    named = NamedRows.of({5: 1}, 1)
    assert ask_by_words(concepts, "qwertz", named) == AskedWords(None, named, Understood())
    for text in ("qwertz", "\x00\x07", "7 & 8", "的"):
        with pytest.raises(InvalidInputError) as raised:
            ask_by_words(concepts, text, NOBODY)
        assert raised.value.code == "unknown-concept"
