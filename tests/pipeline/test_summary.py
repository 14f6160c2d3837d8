"""Means over what is not distinguished, by the names of metrics."""

import math

from lcpjax.pipeline.summary import grouped_means

ROWS = [
    {"variant": "best", "source": "N(0, I)", "gamma": 0.1, "error": 1.0},
    {"variant": "best", "source": "N(0, I)", "gamma": 0.1, "error": 3.0},
    {"variant": "best", "source": "own prior, corrected", "gamma": 1.0, "error": math.nan},
]


def test_a_mean_is_of_its_group_alone_and_named_by_it():
    found = grouped_means(ROWS, {"error": "stage/error_sigma"}, ("variant", "source", "gamma"))
    assert found == {"stage/error_sigma/best/n0_i/gamma_0.1": 2.0}


def test_a_mean_that_is_not_a_number_is_left_out_and_not_zero():
    assert grouped_means(ROWS[2:], {"error": "stage/error_sigma"}) == {}
