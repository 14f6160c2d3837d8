"""When a training counts as converged."""

import math

import pytest

from lcpjax.training import ComparedLengths, judge_convergence
from lcpjax.training.convergence import FEWEST_STEPS, LARGEST_FALL_NATS, LARGEST_RELATIVE_FALL

# Flattens at its end, as every curve does under a schedule that ends.
CURVE = [3.0, 2.0, 1.5, 1.2, 1.05, 1.01, 1.0, 1.0, 1.0, 1.0]


def judged(half, whole=1.0, losses=CURVE, num_steps=5000, **given):
    compared = None if half is None else ComparedLengths(half, whole)
    return judge_convergence(losses, compared, num_steps, **({"in_nats": False} | given))


def test_a_training_has_converged_if_half_of_its_steps_end_as_low():
    assert judged(1.0 + 0.9 * LARGEST_RELATIVE_FALL).is_converged
    verdict = judged(1.0 + 1.1 * LARGEST_RELATIVE_FALL)
    assert not verdict.is_converged
    assert verdict.reason == "half of its 5000 steps end 2.2 % higher, more than 2 %"
    assert verdict.fall_by_doubling == pytest.approx(1.1 * LARGEST_RELATIVE_FALL)


def test_a_training_that_half_of_the_steps_beat_has_converged():
    """It overfits, or differs by chance: more steps would not help."""
    verdict = judged(0.9)
    assert verdict.is_converged
    assert verdict.reason == "half of its 5000 steps end 0 % higher, at most 2 %"


def test_a_curve_that_flattens_says_nothing_by_itself():
    verdict = judged(None)
    assert not verdict.is_converged
    assert math.isnan(verdict.fall_by_doubling)
    assert verdict.fall_in_last_fifth == 0.0
    # Eight of ten epochs are over after the one with 1.2.
    assert judged(None, losses=[3.0] * 7 + [1.2, 1.1, 1.0]).fall_in_last_fifth == pytest.approx(0.2)


def test_nats_are_compared_as_differences_whatever_their_zero_is():
    for offset in (-70.0, 0.0, 70.0):
        assert judged(offset + 0.9 * LARGEST_FALL_NATS, offset, in_nats=True).is_converged
        assert not judged(offset + 1.1 * LARGEST_FALL_NATS, offset, in_nats=True).is_converged


def test_few_steps_and_failed_trainings_never_count_as_converged():
    assert judged(1.0, num_steps=FEWEST_STEPS).is_converged
    few = judged(1.0, num_steps=FEWEST_STEPS - 1)
    assert not few.is_converged
    assert few.reason == "its 999 steps are too few to tell, fewer than 1000"
    failed = judged(1.0, losses=[3.0, math.nan], has_failed=True)
    assert not failed.is_converged
    assert failed.reason == "its loss or gradient was not finite"


def test_of_each_curve_the_lowest_loss_counts_and_not_the_last():
    losses = [3.0] * 7 + [1.2, 1.0, 1.5]
    assert judged(None, losses=losses).fall_in_last_fifth == pytest.approx(0.2)
