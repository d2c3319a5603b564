"""The benchmark of the search of marks judges what a search finds, and sets it beside its goals."""

import numpy as np
import pytest

from benchmarks.goals import Reached
from benchmarks.image_search_gallery import Gallery, judge_queries, rank_by_vectors
from benchmarks.image_search_goals import imitation_goal, quality_goals
from benchmarks.image_search_tables import imitations_table, levels_table
from benchmarks.retrieval import Result, Vectors, summarize
from models.image_search.logos import Logo, LogoSet, Relevance


def gallery_of(brands: str, relevant: dict[str, list[tuple[str, str]]]) -> Gallery:
    """Make a gallery of images 0, 1, ... with a brand of one letter each, without pixels."""
    logos = LogoSet.__new__(LogoSet)
    vars(logos)["logos"] = {
        str(number): Logo(str(number), "", brand, "MIT", False, True) for number, brand in enumerate(brands)
    }
    vars(logos)["relevant"] = {
        query: [Relevance(image_id, level) for image_id, level in others] for query, others in relevant.items()
    }
    return Gallery(logos, {})


def quality(precision: float):
    return summarize([Result("brand", precision, 1 / precision)] * 2)


@pytest.fixture
def gallery():
    return gallery_of("aaabbb", {"0": [("1", "same"), ("2", "far")]})


def test_answers_of_other_levels_and_of_the_same_brand_take_no_place(gallery):
    angles = np.array([0.0, 0.1, 0.3, 0.2, 1.0, 2.0])
    vectors = Vectors(np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32), np.arange(6))
    judged = judge_queries(gallery, rank_by_vectors(gallery, vectors), ["0"])
    assert judged["all"].mean_average_precision.value == pytest.approx((1 + 2 / 3) / 2, abs=1e-4)
    assert judged["far"].mean_average_precision.value == 0.5
    among = judge_queries(gallery, rank_by_vectors(gallery, vectors), ["0"], among={0, 1, 2, 4})
    assert among["far"].mean_average_precision.value == 1


def test_goals_are_reached_by_the_combined_strategy():
    combined = {"all": quality(0.9), "near and far": quality(0.7), "far": quality(0.5)}
    goals = quality_goals(combined, {"near and far": quality(0.45)})
    assert [goal.reached for goal in goals] == [Reached.AIM, Reached.MUST, Reached.MISSED, Reached.MUST]


def test_the_worst_imitation_counts():
    goal = imitation_goal({"hue": quality(1.0), "fill": quality(0.05)})
    assert goal.measured == (0.5, 0.0)
    assert goal.reached is Reached.MISSED


def test_tables_hold_every_method_level_and_imitation():
    levels = {"all": quality(0.9), "near and far": quality(0.7), "far": quality(0.5)}
    assert levels_table("title", {"one": levels, "two": levels}).row_count == 2
    table = imitations_table({"hue": quality(1.0), "fill": quality(0.05)})
    assert list(table.columns[0].cells) == ["fill", "hue"]
