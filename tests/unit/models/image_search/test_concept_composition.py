"""A composition learned on compounds puts the vectors of their words together."""

import numpy as np

from models.image_search.concept_composition import fit_composition
from services.image_search.concept_space import Composition, unit

RANDOM = np.random.default_rng(3)
WORDS = {f"w{n}": vector for n, vector in enumerate(unit(RANDOM.normal(size=(80, 6))))}
LEFT, RIGHT = RANDOM.normal(size=(2, 6, 6))


def encode(texts):
    """Give words a vector, and compounds one that follows from those of their words."""
    rows = []
    for text in texts:
        left, _, right = text.partition(" ")
        rows.append(WORDS[left] @ LEFT + WORDS[right] @ RIGHT if right else WORDS[left])
    return unit(np.stack(rows))


def test_what_compounds_mean_is_learned_and_used_on_others():
    pairs = [f"{left} {right}" for left in WORDS for right in WORDS if left != right]
    matrix = fit_composition(pairs[::3], encode)
    assert matrix.shape == (12, 6)
    composition = Composition(matrix)
    found = np.stack([composition.compose([WORDS[word] for word in pair.split()]) for pair in pairs[1::3]])
    assert (found * encode(pairs[1::3])).sum(axis=1).mean() > 0.95


def test_one_word_means_itself_and_more_are_read_from_left_to_right():
    composition = Composition(np.vstack([np.eye(3), 2 * np.eye(3)]).astype(np.float32))
    first, second, third = np.eye(3, dtype=np.float32)
    assert composition.compose([first]).tolist() == first.tolist()
    both = composition.compose([first, second])
    assert np.allclose(both, unit(first + 2 * second))
    assert np.allclose(composition.compose([first, second, third]), unit(both + 2 * third))
