"""Figures of merit against scikit-learn's, and intervals that hold what they promise."""

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score, roc_curve

from lcpjax.errors import InputError
from lcpjax.evaluation.anomalies import detect

RANDOM = np.random.default_rng(0)


def scores(digits):
    normal, anomalous = RANDOM.normal(0, 1, 200), RANDOM.normal(1, 1, 150)
    return np.round(normal, digits), np.round(anomalous, digits)


@pytest.mark.parametrize("digits", [8, 0], ids=["no ties", "many ties"])
def test_the_figures_are_those_of_scikit_learn(digits):
    normal, anomalous = scores(digits)
    labels, both = np.repeat([0, 1], [200, 150]), np.concatenate([normal, anomalous])
    found = detect(normal, anomalous)
    assert found.auroc.value == pytest.approx(roc_auc_score(labels, both), abs=1e-12)
    assert found.aupr.value == pytest.approx(average_precision_score(labels, both), abs=1e-12)
    false, true, _ = roc_curve(labels, both, drop_intermediate=False)
    assert found.false_positive_rate.value == pytest.approx(false[np.argmax(true >= 0.95)], abs=1e-12)


def test_infinite_scores_are_the_most_anomalous():
    assert detect(np.array([0.0, 5.0]), np.array([np.inf, np.inf])).auroc.value == 1.0
    assert detect(np.array([0.0, np.inf]), np.array([np.inf])).auroc.value == 0.75


def test_the_interval_holds_the_truth_nineteen_times_of_twenty():
    """Of scores one standard deviation apart the AUROC is 0.760; the count is binomial, 4.3 standard errors allowed."""
    inside, in_half = 0, 0
    for _ in range(200):
        found = detect(RANDOM.normal(0, 1, 100), RANDOM.normal(1, 1, 100), num_resamples=200).auroc
        inside += found.low <= 0.7602 <= found.high
        in_half += abs(found.value - 0.7602) <= 0.25 * (found.high - found.low)
    allowed = 4.3 * np.sqrt(200 * 0.95 * 0.05)
    assert abs(inside - 190) < allowed
    # An interval half as wide would not.
    assert in_half < 190 - allowed


def test_scores_of_one_unit_are_resampled_together():
    """Each configuration ten times over: as units the interval is that of one each, as if independent a third of it."""
    normal, anomalous = RANDOM.normal(0, 1, 100), RANDOM.normal(1, 1, 100)
    units = np.repeat(np.arange(200), 10)
    repeated = [np.repeat(each, 10) for each in (normal, anomalous)]
    once = detect(normal, anomalous).auroc
    alike = detect(*repeated, normal_unit=units[:1000], anomalous_unit=units[1000:]).auroc
    assert alike.value == pytest.approx(once.value)
    # Errors of 400 resamples are known to 4 %; both have one.
    assert alike.error == pytest.approx(once.error, rel=4.3 * 0.06)
    assert detect(*repeated).auroc.error < 0.5 * once.error


def test_resamples_of_two_scores_of_the_same_configurations_belong_together():
    normal, anomalous = scores(8)
    one, other = detect(normal, anomalous).auroc, detect(2 * normal, 2 * anomalous).auroc
    np.testing.assert_array_equal(one.resampled, other.resampled)
    assert one.error > 0


def test_scores_that_are_no_numbers_are_refused():
    with pytest.raises(InputError, match="anomalous: 2 scores, 1 of them not numbers"):
        detect(np.zeros(2), np.array([0.0, np.nan]))
    with pytest.raises(InputError, match="normal: 0 scores"):
        detect(np.zeros(0), np.zeros(2))
    with pytest.raises(InputError, match="both or neither"):
        detect(np.zeros(2), np.zeros(2), normal_unit=np.arange(2))
    with pytest.raises(InputError, match="num_resamples = 1"):
        detect(np.zeros(2), np.zeros(2), num_resamples=1)
