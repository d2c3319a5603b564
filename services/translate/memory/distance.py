"""How alike two texts are, by their edit distance."""

from collections import defaultdict


def similarity(one: str, other: str) -> float:
    """Return 1 less the Levenshtein distance by the length of the longer text, in [0, 1]."""
    longest = max(len(one), len(other))
    return 1 - distance(one, other) / longest if longest else 1.0


def distance(one: str, other: str) -> int:
    """Count the characters to insert, delete or replace, by Hyyrö's bit-parallel algorithm (2003).

    A column of the matrix of distances is two integers of `len(one)` bits, its steps up and its steps down.
    """
    if not one:
        return len(other)
    places: defaultdict[str, int] = defaultdict(int)
    for place, character in enumerate(one):
        places[character] |= 1 << place
    everywhere = (1 << len(one)) - 1
    last = 1 << (len(one) - 1)
    up, down, score = everywhere, 0, len(one)
    for character in other:
        equal = places.get(character, 0)
        diagonal = (((equal & up) + up) ^ up) | equal | down
        right_up = down | (everywhere & ~(diagonal | up))
        right_down = up & diagonal
        score += bool(right_up & last) - bool(right_down & last)
        right_up = right_up << 1 | 1
        up = (right_down << 1 | (everywhere & ~(diagonal | right_up))) & everywhere
        down = right_up & diagonal & everywhere
    return score
