import math

import jax.numpy as jnp
import numpy as np
import pytest

from lcpjax.sampler.verification import Check, Subject, failures_of, joint_p_value, largest_deviate, num_failures
from lcpjax.sampler.verification.check import check_histogram, check_mean
from lcpjax.sampler.verification.exact_draws import draw_configurations
from lcpjax.sampler.verification.gamma_slope import logistic_slope
from lcpjax.sampler.verification.wall_sum_rule import contact_densities
from lcpjax.system import System

SUBJECT = Subject("independent", System(), "sequential")


def of_deviate(z, sampler_name="sequential", chains=1000):
    return Check(SUBJECT._replace(sampler_name=sampler_name), "a mean", "0.4", z, 0.0, 1.0, chains, z)


def test_deviates_of_right_means_are_standard_normal():
    rng = np.random.default_rng(0)
    deviates = [check_mean(SUBJECT, "mean", "0.4", rng.exponential(size=500), 1.0).z for _ in range(2000)]
    # Standard errors of a mean and of a standard deviation of 2000 normal numbers; the skewness of an
    # exponential shifts the mean of the deviates by 1 / sqrt(500).
    assert abs(np.mean(deviates) + 500**-0.5) < 4.3 / 2000**0.5
    assert abs(np.std(deviates) - 1) < 4.3 / 4000**0.5


def test_a_wrong_mean_has_a_large_deviate():
    values = np.random.default_rng(0).exponential(size=5000)
    assert check_mean(SUBJECT, "mean", "0.4", values, 1.1).has_failed


def test_deviates_of_right_histograms_are_standard_normal_and_of_wrong_ones_large():
    rng, probabilities = np.random.default_rng(0), np.array([0.1, 0.2, 0.3, 0.25, 0.15])
    deviates = [
        check_histogram(SUBJECT, "h", "0.4", rng.multinomial(2000, probabilities), probabilities).z for _ in range(2000)
    ]
    assert abs(np.mean(deviates)) < 4.3 / 2000**0.5
    assert abs(np.std(deviates) - 1) < 4.3 / 4000**0.5
    assert check_histogram(SUBJECT, "h", "0.4", rng.multinomial(2000, probabilities[::-1]), probabilities).has_failed


@pytest.mark.parametrize("z", [4.4, -4.4, math.nan, math.inf])
def test_a_check_fails_beyond_its_limit_and_where_it_is_no_number(z):
    assert of_deviate(z).has_failed
    assert not of_deviate(4.2).has_failed
    assert joint_p_value([of_deviate(0.1), of_deviate(z, "random")]) < 1e-3
    (line, *_) = failures_of([of_deviate(0.1), of_deviate(z)])
    assert "a mean at gamma 0.4 (N=30 L=10 T=1 lennard_jones; sequential, independent)" in line


def test_a_check_fails_with_too_few_independent_chains():
    assert of_deviate(0.0, chains=99).has_failed
    assert "99 independent chains, at least 100" in failures_of([of_deviate(0.0, chains=99)])[0]


def test_failures_of_one_kind_are_one_line_with_the_worst_of_them():
    few = [of_deviate(0.0, chains=chains) for chains in (99, 64, 70)]
    off = [of_deviate(z) for z in (5.0, math.nan, -6.0)]
    lines = failures_of([*few, of_deviate(0.1), *off])
    assert [line.split(" gamma ")[0] for line in lines] == [
        "3 checks cannot be decided, e.g. a mean at",
        "3 checks failed, the farthest off: a mean at",
        "all checks together: p = 0, must be above 0.0001",
    ]
    assert lines[0].endswith(": 64 independent chains, at least 100 are needed")
    assert lines[1].endswith(": nan against 0, +nan standard errors")
    assert failures_of([off[0], off[2]])[0].endswith(": -6 against 0, -6.0 standard errors")
    assert num_failures([*few, of_deviate(0.1), *off]) == 7


def test_joint_p_values_are_never_too_small_whether_checks_depend_on_each_other_or_not():
    rng = np.random.default_rng(0)
    for correlation in (0.0, 0.9):
        below = 0
        for _ in range(1000):
            shared = rng.normal(size=(5, 1)) * correlation**0.5
            deviates = shared + rng.normal(size=(5, 4)) * (1 - correlation) ** 0.5
            checks = [of_deviate(float(z), str(row)) for row in range(5) for z in deviates[row]]
            below += joint_p_value(checks) < 0.05
        # At most 5 % of 1000, with a binomial standard error of 7.
        assert below < 50 + 4.3 * 7


def test_many_small_deviations_fail_together():
    checks = [of_deviate(3.0, str(row)) for row in range(8)]
    assert not any(check.has_failed for check in checks)
    assert joint_p_value(checks) < 1e-4
    assert "all checks together" in failures_of(checks)[-1]
    assert num_failures(checks) == 1
    assert failures_of(checks[:1]) == []
    assert num_failures(checks[:1]) == 0


def test_the_largest_deviate_has_no_sign_and_is_nan_if_one_is():
    assert largest_deviate([of_deviate(1.0), of_deviate(-2.0)]) == 2.0
    assert math.isnan(largest_deviate([of_deviate(1.0), of_deviate(math.nan)]))


def test_the_logistic_slope_is_that_of_two_normal_distributions():
    rng = np.random.default_rng(0)
    # ln of the ratio of two normal densities of the same width s: slope = distance / s^2.
    fits = [logistic_slope(rng.normal(100, 10, 2000), rng.normal(85, 10, 2000)) for _ in range(200)]
    deviates = np.array([(slope + 0.15) / error for slope, error in fits])
    assert abs(deviates.mean()) < 4.3 / 200**0.5
    assert abs(deviates.std() - 1) < 4.3 / 400**0.5


def test_samples_that_do_not_overlap_have_no_slope():
    assert all(math.isnan(number) for number in logistic_slope(np.arange(5.0), np.arange(5.0) + 5))


def test_the_contact_density_of_one_particle_is_the_barometric_law():
    system = System(num_particles=1, temperature=1.3)
    bottom, top = contact_densities(system, jnp.full((3, 1, 2), 4.0), jnp.array([0.1, 0.4, 1.0]))
    rate = np.array([0.1, 0.4, 1.0]) / 1.3
    expected = rate / -np.expm1(-10 * rate)
    # float32, a sum of 400 terms.
    np.testing.assert_allclose(bottom, expected, rtol=1e-5)
    np.testing.assert_allclose(top, expected * np.exp(-10 * rate), rtol=1e-5)


def test_contact_densities_do_not_depend_on_the_nodes_and_obey_the_sum_rule_for_exact_draws():
    system, gamma = System(num_particles=2, box_side=4.0, temperature=1.3), 0.7
    drawn = draw_configurations(np.random.default_rng(0), system, np.full(4000, gamma))
    positions, gammas = jnp.asarray(drawn, jnp.float32), jnp.full(4000, gamma)
    bottom, top = (np.asarray(side, np.float64) for side in contact_densities(system, positions, gammas))
    doubled, _ = contact_densities(system, positions, gammas, nodes_per_sigma=80)
    np.testing.assert_allclose(bottom.mean(), doubled.mean(), rtol=1e-5)
    difference = bottom - top
    assert abs(difference.mean() - 2 * gamma / 1.3) < 4.3 * difference.std() / 4000**0.5
    # What a histogram's first bin says instead: biased, and seen to be.
    heights = drawn[..., 1]
    binned = ((heights < 0.5).sum(1) - (heights > 3.5).sum(1)) / 0.5
    assert abs(binned.mean() - 2 * gamma / 1.3) > 4.3 * binned.std() / 4000**0.5
