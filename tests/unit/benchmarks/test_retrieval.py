"""Rankings are judged as the logo benchmark asks, and intervals know that queries of one brand go together."""

import numpy as np
import pytest

from benchmarks.retrieval import Judged, Vectors, judge, mean_by_group, order_of, score_all, summarize


def test_average_precision_is_the_mean_over_right_answers():
    result = judge(np.array([4, 0, 2, 1, 3]), Judged(right={4, 2}, left_out=set()), "brand")
    assert result.precision == pytest.approx((1 + 2 / 3) / 2)
    assert result.rank == 1


def test_what_is_left_out_does_not_take_a_place():
    result = judge(np.array([4, 0, 2, 1, 3]), Judged(right={2}, left_out={4, 0}), "brand")
    assert (result.precision, result.rank) == (1, 1)


def test_right_answers_beyond_the_end_of_a_ranking_were_not_found():
    result = judge(np.array([4, 0]), Judged(right={0, 3}, left_out=set()), "brand")
    assert result.precision == pytest.approx(1 / 4)
    assert judge(np.array([4, 0]), Judged(right={3}, left_out=set()), "brand").rank == np.inf


def test_a_summary_counts_hits():
    results = [judge(np.arange(30), Judged({place}, set()), str(place)) for place in (0, 9, 10, 29)]
    quality = summarize(results)
    assert quality.queries == 4
    assert quality.hit_at_1.value == 0.25
    assert quality.hit_at_10.value == 0.5
    assert quality.mean_average_precision.value == pytest.approx((1 + 1 / 10 + 1 / 11 + 1 / 30) / 4, abs=1e-4)


def test_an_interval_is_wider_when_queries_go_together():
    values = np.repeat([0.0, 1.0], 50)
    alone = mean_by_group(values, [str(number) for number in range(100)])
    together = mean_by_group(values, [str(number // 10) for number in range(100)])
    assert alone.value == together.value == 0.5
    assert together.margin > 2 * alone.margin
    assert alone.low < 0.5 < alone.high


def test_the_best_pairing_of_views_counts_and_the_earlier_of_equals_comes_first():
    gallery = Vectors(np.array([[1, 0], [0, 1], [0.5, 0.5]], np.float32), np.array([0, 0, 1]))
    queries = Vectors(np.array([[0, 1], [1, 1]], np.float32), np.array([0, 1]))
    scores = list(score_all(queries, gallery))
    assert [row.tolist() for row in scores] == [[1, 0.5], [1, 1]]
    assert order_of(scores[1]).tolist() == [0, 1]
