"""A translation with other numbers: only where each has its one place."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.translate.languages import LanguagePair, LanguageTag
from services.translate.memory.adaptation import adapted, with_first_letter_of
from services.translate.memory.units import Unit, compared, skeleton

PAIR = LanguagePair(LanguageTag("en"), LanguageTag("pt"))


def adapt(source, target, other):
    return adapted(Unit(PAIR, source, target), other)


@pytest.mark.parametrize(
    ("source", "target", "other", "expected"),
    [
        ("the rod (12) and the cap (14)", "a haste (12) e a tampa (14)", "the rod (14) and the cap (12a)",
         "a haste (14) e a tampa (12a)"),
        ("heated to 2.5 °C", "aquecido a 2,5 °C", "heated to 37.25 °C", "aquecido a 37,25 °C"),
        ("1,000.5 kg", "1.000,5 kg", "2,300.7 kg", "2.300,7 kg"),
        ("the rod 12 by the rod 12", "a haste 12 pela haste 12", "the rod 7' by the rod 7'",
         "a haste 7' pela haste 7'"),
        ("3 of 4", "3 em 4", "3 of 5", "3 em 5"),
    ],
)  # fmt: skip
def test_numbers_are_put_in_their_places(source, target, other, expected):
    assert adapt(source, target, other) == expected


@pytest.mark.parametrize(
    ("source", "target", "other"),
    [
        ("2 rods", "duas hastes", "3 rods"),  # spelt out
        ("12 by 12", "12 por 12", "12 by 13"),  # one number, two new ones
        ("5 rods", "5 de 9 hastes", "6 rods"),  # a number from nowhere
        ("the rod 12", "a haste 12 (12)", "the rod 13"),  # said twice
        ("heated to 25 °C", "aquecido a 25 °C", "heated to 2.5 °C"),  # a separator, which may differ
    ],
)
def test_what_is_not_safe_is_not_adapted(source, target, other):
    assert adapt(source, target, other) is None


@given(st.lists(st.integers(0, 999), min_size=1, max_size=6, unique=True), st.data())
def test_every_number_of_the_segment_stands_in_the_adapted_target(numbers, data):
    others = data.draw(st.lists(st.integers(0, 999), min_size=len(numbers), max_size=len(numbers), unique=True))
    order = data.draw(st.permutations(range(len(numbers))))
    source, other = (" by ".join(f"({n})" for n in some) for some in (numbers, others))
    target = " por ".join(f"({numbers[i]})" for i in order)
    assert adapt(source, target, other) == " por ".join(f"({others[i]})" for i in order)


def test_the_first_letter_follows_the_segment():
    unit = Unit(PAIR, "The valve.", "A válvula.")
    assert with_first_letter_of("the valve.", unit, unit.target) == "a válvula."
    assert with_first_letter_of("The  valve.", unit, "EPO") == "EPO"


def test_segments_are_compared_without_white_space_and_first_case():
    assert compared("  The\tvalve\n12 ") == "the valve 12"
    assert skeleton("The rod (12a), 1st, 2.5 °C, 3′") == "the rod (#), #st, # °C, #"
