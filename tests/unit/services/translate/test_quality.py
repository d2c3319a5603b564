"""Flags and scores."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.translate.quality import (
    Flag,
    Making,
    Quality,
    Way,
    assess,
    overall,
    repeats_itself,
)


def flags(source, target, *, pieces=10, is_kept=False):
    return assess(source, target, Making(log_probability=-1.0, pieces=pieces, is_kept=is_kept)).flags


def test_a_good_translation_has_no_flag():
    source = "The method according to claim 1, wherein the temperature of the rod (12) is 2.5 °C."
    assert flags(source, "O método de acordo com a reivindicação 1, em que a temperatura da haste (12) é 2,5 °C.") == ()


@pytest.mark.parametrize(
    ("source", "target", "flag"),
    [
        ("claims 1 to 7 of the patent", "reivindicações 1 a da patente", Flag.NUMBER_MISSING),
        ("the rods (12, 14a) are bent", "as hastes (12) são dobradas", Flag.SIGN_MISSING),
        ("the rods (of steel) are bent", "as hastes são dobradas", Flag.SIGN_MISSING),
        ("a 2-naphthyl group", "um grupo 2 naftila", Flag.SIGN_MISSING),
        ("the valve is opened slowly", "the valve is opened slowly", Flag.UNTRANSLATED),
        ("a housing and a spring and a locking pin with a tip", "uma caixa", Flag.LENGTH_RATIO),
        ("the rod is bent in the middle", "a haste e a haste e a haste e a haste e é dobrada", Flag.REPETITION),
    ],
)
def test_each_defect_has_its_flag(source, target, flag):
    assert flag in flags(source, target)


def test_names_alone_do_not_make_a_text_untranslated():
    assert flags("He met James Paget in Great Yarmouth.", "Ele encontrou James Paget em Great Yarmouth.") == ()


def test_what_was_kept_or_never_translated_is_flagged():
    assert flags("the rod", "the rod", is_kept=True) == (Flag.UNTRANSLATED,)
    assert flags("x" * 5000, "x" * 5000, pieces=0) == (Flag.UNTRANSLATED,)
    assert flags("(12) γ", "(12) γ", pieces=0) == ()
    assert [assess(text, text, Making(pieces=0)).score for text in ("阀门(12)由弹簧(14)关闭", "(12) γ")] == [0.0, 1.0]


@pytest.mark.parametrize(
    ("text", "does"), [("a b a b a b", True), ("no no no", True), ("1 1 1", False), ("a b a b", False)]
)
def test_repetition_is_three_times_on_end(text, does):
    assert repeats_itself(text) is does


@settings(deadline=None)
@given(st.lists(st.sampled_from(["a", "b", "1"]), max_size=30))
def test_repetition_is_found_wherever_it_begins(words):
    expected = any(
        words[start : start + length] * 3 == words[start : start + 3 * length]
        and any(map(str.isalpha, words[start : start + length]))
        for length in range(1, 9)
        for start in range(len(words) - 3 * length + 1)
    )
    assert repeats_itself(" ".join(words)) is expected


@given(st.floats(-100, 0), st.floats(-100, 0), st.integers(1, 50), st.sampled_from(Way))
def test_the_score_is_in_the_unit_interval_and_grows_with_the_probability(one, other, pieces, way):
    scores = [assess("a", "b", Making(way, p, pieces)).score for p in sorted((one, other))]
    assert 0 <= scores[0] <= scores[1] <= 1


def test_a_way_in_several_steps_is_trusted_less():
    assert assess("a", "b", Making(Way.CHAIN, -3.0, 10)).score < assess("a", "b", Making(Way.NEURAL, -3.0, 10)).score


def test_with_nothing_to_translate_or_approved_the_score_is_one_and_for_what_was_left_it_is_none():
    assert assess("(12)", "(12)", Making()).score == 1.0
    assert assess("the rod", "a haste", Making(Way.CHAIN, is_approved=True)).score == 1.0
    assert assess("the rod", "the rod", Making(is_kept=True)).score == 0.0


def test_another_language_is_flagged():
    assert assess("the rod", "das Rohr", Making(is_other_language=True)).flags == (Flag.LANGUAGE_WRONG,)


def test_a_text_is_judged_by_its_segments():
    whole = Quality(0.1, (Flag.REPETITION,))
    parts = [(30, Quality(0.8, ())), (10, Quality(0.4, (Flag.NUMBER_MISSING,)))]
    found = overall(whole, parts)
    assert found.score == pytest.approx(0.7)
    assert found.flags == (Flag.NUMBER_MISSING, Flag.REPETITION)
    assert overall(whole, []) == whole
