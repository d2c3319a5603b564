"""Places in a translation told as places of the text that it was made from."""

from gateway.aligned_places import with_places_in_source

# "the brush head" from "a cabeça da escova", and one word made of two.
ALIGNMENT = [
    {"sourceStart": 0, "sourceEnd": 1, "targetStart": 0, "targetEnd": 3},
    {"sourceStart": 12, "sourceEnd": 18, "targetStart": 4, "targetEnd": 9},
    {"sourceStart": 2, "sourceEnd": 8, "targetStart": 10, "targetEnd": 14},
    {"sourceStart": 9, "sourceEnd": 11, "targetStart": 10, "targetEnd": 14},
]


def places(*targets, alignment=ALIGNMENT, part="title"):
    prediction = {"evidence": [{"term": "x", "places": [{"part": "title", "start": a, "end": b} for a, b in targets]}]}
    (evidence,) = with_places_in_source(prediction, {part: alignment})["evidence"]
    return [(place["start"], place["end"]) for place in evidence["places"]]


def test_a_word_is_where_the_word_is_that_it_comes_from():
    assert places((4, 9)) == [(12, 18)]
    assert places((0, 3), (4, 9)) == [(0, 1), (12, 18)]


def test_words_side_by_side_are_one_place_and_others_are_several():
    assert places((10, 14)) == [(2, 11)]
    assert places((0, 9)) == [(0, 1), (12, 18)]


def test_what_comes_from_nowhere_has_no_place_and_none_is_told_twice():
    assert places((20, 25)) == []
    assert places((4, 9), part="abstract") == []
    assert places((4, 9), (4, 9)) == [(12, 18)]


def test_there_are_fifty_places_at_most():
    many = [{"sourceStart": 3 * n, "sourceEnd": 3 * n + 1, "targetStart": 0, "targetEnd": 1} for n in range(90)]
    assert len(places((0, 1), alignment=many)) == 50


def test_a_prediction_without_evidence_stays_as_it_is():
    assert with_places_in_source({"symbol": "A46B"}, {}) == {"symbol": "A46B"}
