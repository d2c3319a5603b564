"""Edit distance by bits, against the definition."""

from hypothesis import given
from hypothesis import strategies as st

from services.translate.memory.distance import distance, similarity

FEW = st.text("abc", max_size=40)


def by_definition(one, other):
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        above, row[0] = row[0], i
        for j, b in enumerate(other, 1):
            above, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, above + (a != b))
    return row[-1]


@given(FEW | st.text(max_size=90), FEW | st.text(max_size=90))
def test_it_is_the_distance(one, other):
    assert distance(one, other) == by_definition(one, other)


def test_similarity_is_relative_to_the_longer_text():
    assert similarity("", "") == 1.0
    assert similarity("the valve", "the value") == 1 - 1 / 9
    assert similarity("abc", "") == 0.0
