"""Nice classes and Vienna codes are read leniently and written one way."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from examkit.errors import InvalidInputError
from services.image_search.codes import NiceClass, ViennaCode

LEVEL = st.integers(1, 99)


@given(st.integers(1, 45))
def test_a_nice_class_reads_what_it_writes(number):
    assert NiceClass.parse(str(NiceClass(number))) == NiceClass.parse(f" {number:02d} ") == NiceClass(number)


@pytest.mark.parametrize("text", ["0", "46", "-1", "", "x", "9.0", "100000000000", "٣"])
def test_no_other_nice_class_exists(text):
    with pytest.raises(InvalidInputError) as raised:
        NiceClass.parse(text)
    assert raised.value.code == "unknown-nice-class"


@given(st.lists(LEVEL, min_size=1, max_size=3).map(tuple))
def test_a_vienna_code_reads_what_it_writes(numbers):
    code = ViennaCode(numbers)
    assert ViennaCode.parse_prefix(str(code)) == code
    assert ViennaCode.parse_prefix(".".join(map(str, numbers))) == code


def test_a_vienna_code_is_written_with_two_digits_a_level_and_read_without_dots():
    assert str(ViennaCode.parse("5.3.13")) == "05.03.13"
    assert ViennaCode.parse("050313") == ViennaCode((5, 3, 13))


@given(st.tuples(LEVEL, LEVEL, LEVEL), st.integers(1, 3))
def test_a_code_starts_with_each_of_its_own_prefixes_and_no_sibling(numbers, length):
    code, prefix = ViennaCode(numbers), ViennaCode(numbers[:length])
    sibling = ViennaCode((*numbers[: length - 1], numbers[length - 1] % 99 + 1))
    assert code.starts_with(prefix)
    assert not code.starts_with(sibling)


@pytest.mark.parametrize("text", ["", "5.", "5.3.13.1", "0.3.13", "100.1.1", "a.b.c", "5,3", "05031", "٥.٣.١"])
def test_nothing_else_is_a_vienna_code(text):
    with pytest.raises(InvalidInputError) as raised:
        ViennaCode.parse_prefix(text)
    assert raised.value.code == "unknown-vienna-code"


def test_a_mark_is_coded_by_sections_or_divisions_and_never_by_a_category_alone():
    assert ViennaCode.parse("18.5") == ViennaCode((18, 5))
    with pytest.raises(InvalidInputError):
        ViennaCode.parse("05")
