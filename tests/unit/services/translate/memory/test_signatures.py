"""Units that are like a segment are found among others."""

from hypothesis import given, settings
from hypothesis import strategies as st

from services.translate.memory.distance import similarity
from services.translate.memory.signatures import BYTES, Mark, Marks, signature

WORDS = ["valve", "spring", "housing", "rod", "of", "the", "is", "closed", "by", "wherein", "said", "first", "chamber"]
SENTENCES = st.lists(st.sampled_from(WORDS), min_size=6, max_size=30).map(" ".join)


def marks(*skeletons):
    return Marks.none().with_more([Mark(i, len(s), signature(s)) for i, s in enumerate(skeletons)])


@settings(deadline=None)
@given(st.lists(SENTENCES, min_size=1, max_size=20), st.data())
def test_a_sentence_with_one_word_changed_is_found(sentences, data):
    known = marks(*sentences)
    chosen = data.draw(st.integers(0, len(sentences) - 1))
    words = sentences[chosen].split()
    words[data.draw(st.integers(0, len(words) - 1))] = "lever"
    asked = " ".join(words)
    if similarity(asked, sentences[chosen]) >= 0.75:
        assert chosen in known.nearest(asked, 20)


def test_marks_may_come_one_after_another():
    texts = ["the rod is closed", "a", "the valve opens the chamber of the housing"]
    one_by_one = Marks.none()
    for number, text in enumerate(texts):
        one_by_one = one_by_one.with_more([Mark(number, len(text), signature(text))])
    for text in texts:
        assert one_by_one.nearest(text, 5) == marks(*texts).nearest(text, 5) != []


def test_what_shares_nothing_and_what_is_of_another_length_is_left_out():
    known = marks("the rod is closed", "the rod is closed by the first spring of the housing")
    assert known.nearest("the rod is closed", 5) == [0]
    assert known.nearest("zzz yyy xxx www vv", 5) == []
    assert Marks.none().nearest("the rod", 5) == []


def test_a_signature_is_of_one_size():
    assert {len(signature(text)) for text in ("", "a", "é" * 5000)} == {BYTES}
