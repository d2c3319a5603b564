"""A chain of entries: whole as it was written, and broken by anything else."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.audit.chain import BrokenChainError, Head, Link, checked, link
from tests.audit_entries import entry


def chain(length: int) -> list[Link]:
    return link([entry(correlation_id=f"c-{number}") for number in range(length)], Head())


def test_an_entry_is_written_as_one_line_of_json_with_its_place():
    assert json.loads(chain(2)[1].content) == {
        "number": 2,
        "time": "2026-03-01T08:00:00.123Z",
        "correlationId": "c-1",
        "caller": "exk_12345678",
        "tenant": "office",
        "method": "POST",
        "route": "/api/v1/classify",
        "status": 200,
        "refusal": None,
        "isComplete": True,
        "requestBytes": 120,
        "responseBytes": 3400,
        "milliseconds": 12.5,
        "count": 1,
    }
    assert "\n" not in chain(2)[1].content


def test_a_chain_is_whole_however_it_was_cut_into_groups():
    first = link([entry()] * 3, Head())
    second = link([entry()] * 4, first[-1].head)
    assert first + second == link([entry()] * 7, Head())
    assert list(checked(first + second, [first[1].head, second[-1].head])) == first + second


def test_an_empty_chain_is_whole():
    assert list(checked([])) == []


@given(st.integers(0, 5), st.data())
def test_any_changed_character_is_found(place, data):
    links = chain(6)
    content = links[place].content
    at = data.draw(st.integers(0, len(content) - 1))
    sign = data.draw(st.characters(codec="ascii").filter(lambda sign: sign != content[at]))
    links[place] = replace(links[place], content=content[:at] + sign + content[at + 1 :])
    with pytest.raises(BrokenChainError, match=rf"^Entry {place + 1} was changed"):
        list(checked(links))


@pytest.mark.parametrize("place", range(5))
def test_a_removed_entry_is_found_unless_it_was_the_last(place):
    links = chain(6)
    del links[place]
    with pytest.raises(BrokenChainError, match=rf"^Entry {place + 1} is missing"):
        list(checked(links))


def test_entries_that_changed_places_are_found_even_with_their_numbers_put_right():
    links = chain(6)
    links[2], links[3] = replace(links[3], number=3), replace(links[2], number=4)
    with pytest.raises(BrokenChainError, match="Entry 3 was changed"):
        list(checked(links))


def test_a_tail_that_was_cut_off_is_found_by_a_kept_head():
    links = chain(6)
    with pytest.raises(BrokenChainError, match="ends at entry 4; entries up to 6 are gone"):
        list(checked(links[:4], [links[5].head]))


def test_a_chain_that_was_written_anew_is_found_by_a_kept_head():
    rewritten = link([entry(caller="somebody else")] * 6, Head())
    assert list(checked(rewritten)) == rewritten
    with pytest.raises(BrokenChainError, match="Entry 3 is not the one"):
        list(checked(rewritten, [chain(6)[2].head]))
