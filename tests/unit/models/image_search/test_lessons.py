"""Batches pair drawings of one mark and set each beside a near one of another brand."""

import numpy as np
import pytest

from models.image_search.drawings import Drawing, first_views, related, view_pairs
from models.image_search.lessons import NEIGHBOURS, Course, Pool, make_pool
from models.image_search.logos import Logo, LogoSet, Relevance


def drawing(name: str, brand: str, views: int = 1) -> Drawing:
    shade = 60 + hash_of(name)
    plain = np.zeros((128, 128), np.uint8)
    plain[20:100, 30:90] = shade
    return Drawing(name, brand, tuple(np.roll(plain, view) for view in range(views)))


def hash_of(name: str) -> int:
    return sum(map(ord, name)) % 190


@pytest.fixture
def pool() -> Pool:
    logos = [drawing(f"{brand}{hand}", f"brand{brand}", 1 + hand) for brand in range(30) for hand in range(2)]
    logos += [drawing(f"single{number}", f"single{number}") for number in range(10)]
    icons = [drawing(f"icon{number}{style}", f"icon{number}") for number in range(8) for style in "ab"]
    pairs = {(2 * brand, 2 * brand + 1): 2.0 for brand in range(30)}
    pairs |= {(70 + 2 * number, 71 + 2 * number): 1.0 for number in range(8)}
    count = sum(len(each.views) for each in logos + icons)
    embeddings = np.random.default_rng(0).normal(size=(count, 8)).astype(np.float32)
    return make_pool(logos, icons, pairs, embeddings)


def test_a_pool_survives_being_stored(pool, tmp_path):
    pool.save(tmp_path / "pool.npz")
    again = Pool.load(tmp_path / "pool.npz")
    assert all((getattr(again, name) == values).all() for name, values in vars(pool).items())


def test_neighbours_are_of_other_brands(pool):
    assert pool.neighbours.shape == (len(pool.brands), NEIGHBOURS)
    assert (pool.brands[pool.neighbours] != pool.brands[:, None]).all()


def test_a_batch_is_the_same_for_the_same_step_and_another_for_the_next(pool):
    first, again, next_one = Course(pool).batch(1), Course(pool).batch(1), Course(pool).batch(2)
    assert (first.views == again.views).all()
    assert (first.brands == again.brands).all()
    assert (first.brands != next_one.brands).any()


def test_a_batch_has_32_pairs_of_one_brand_each(pool):
    for step in range(5):
        batch = Course(pool).batch(step)
        assert batch.views.shape == (64, 128, 128)
        assert batch.views.dtype == np.uint8
        assert (batch.brands[::2] == batch.brands[1::2]).all()
        assert len(np.unique(batch.brands)) > 10


def test_views_of_a_pair_are_paired_in_all_ways():
    drawings = [drawing("a", "x", 1), drawing("b", "x", 2), drawing("c", "y", 2)]
    assert first_views(drawings).tolist() == [0, 1, 3, 5]
    assert view_pairs(drawings, [(0, 1), (1, 2)]) == [[(0, 1), (0, 2)], [(1, 3), (1, 4), (2, 3), (2, 4)]]


def test_drawings_are_related_once_and_only_where_both_are_there(tmp_path):
    logos = LogoSet(tmp_path)
    names = ("a", "b", "c")
    vars(logos)["logos"] = {name: Logo(name, name, "x", "MIT", False, True) for name in names}
    vars(logos)["relevant"] = {
        "a": [Relevance("b", "near"), Relevance("c", "far")],
        "b": [Relevance("a", "near")],
        "c": [Relevance("a", "far")],
    }
    assert related(logos, [drawing("b", "x"), drawing("a", "x")]) == {(1, 0): "near"}
