"""Where words of a translation come from: places that the classifier names in English, found in what was sent."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, Final

_MOST_PLACES: Final = 50

Members = Mapping[str, Any]
# For each part of a document, which word of the translation comes from which of the text, as the translator tells it.
Alignments = Mapping[str, Sequence[Members]]


def with_places_in_source(prediction: Members, alignments: Alignments) -> Members:
    """Return a prediction with the places of its evidence in the text that was translated, as far as they are known."""
    if "evidence" not in prediction:
        return prediction
    return {**prediction, "evidence": [_in_source(each, alignments) for each in prediction["evidence"]]}


def _in_source(evidence: Members, alignments: Alignments) -> Members:
    found = {}
    for place in evidence["places"]:
        for start, end in _joined(sorted(_sources(place, alignments.get(place["part"], ())))):
            found[place["part"], start] = {"part": place["part"], "start": start, "end": end}
    return {**evidence, "places": list(found.values())[:_MOST_PLACES]}


def _sources(place: Members, alignment: Iterable[Members]) -> Iterator[tuple[int, int]]:
    """Give where the words of a stretch of the translation come from."""
    for word in alignment:
        if word["targetStart"] < place["end"] and place["start"] < word["targetEnd"]:
            yield word["sourceStart"], word["sourceEnd"]


def _joined(stretches: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Make one of stretches with no more than a sign between them."""
    if not stretches:
        return
    begun = stretches[0][0]
    for (_, end), (start, _) in pairwise(stretches):
        if start > end + 1:
            yield begun, end
            begun = start
    yield begun, stretches[-1][1]
