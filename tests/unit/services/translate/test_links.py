"""Which word comes from which."""

from services.translate.engines.links import links
from services.translate.engines.vocabulary import PieceText


def pieces(text, *parts):
    spans, start = [], 0
    for part in parts:
        start = text.index(part, start)
        spans.append((start, start + len(part)))
        start += len(part)
    return PieceText(text, tuple(range(len(parts))), tuple(spans))


def linked(source, target, looked_at):
    return [(source.text[slice(*one)], target.text[slice(*other)]) for one, other in links(source, target, looked_at)]


def test_most_pieces_of_a_word_decide():
    source = pieces("the closing valve", "the", " clos", "ing", " valve")
    target = pieces("válvula fechada.", "vál", "vul", "a", " fecha", "da", ".")
    assert linked(source, target, [3, 3, 0, 1, 2, 4]) == [("valve", "válvula"), ("closing", "fechada")]


def test_punctuation_is_no_word_but_within_a_number():
    source, target = pieces("2.5 mm.", "2", ".", "5", " mm", "."), pieces("2,5 mm.", "2", ",", "5", " mm", ".")
    assert linked(source, target, [0, 1, 2, 3, 4]) == [("2.5", "2,5"), ("mm", "mm")]


def test_nothing_links_to_nothing():
    assert linked(pieces(""), pieces("a", "a"), [0]) == []
    assert linked(pieces("...", "..."), pieces("a", "a"), [0]) == []
