import math

import numpy as np

from lcpjax.sampler.verification import Check, Subject, detectable_errors
from lcpjax.sampler.verification.combined import across_gammas, inverse_variances
from lcpjax.sampler.verification.exact_draws import draw_configurations
from lcpjax.sampler.verification.sampled_chains import SampledChains, pair_energy_sums, sensitivity_of
from lcpjax.sampler.verification.sensitivity import Change, Sensitivity
from lcpjax.sampler.verification.two_particle_distribution import two_particle_distribution
from lcpjax.system import System

SUBJECT = Subject("independent", System(), "sequential")


def of_gamma(gamma, measured, exact, error, sensitivity=None):
    return Check(SUBJECT, "a mean", gamma, measured, exact, error, 400, (measured - exact) / error, sensitivity)


def test_linear_response_is_the_derivative_of_the_exact_mean():
    system, gamma = System(num_particles=2, box_side=4.0, temperature=1.3), 0.7
    positions = draw_configurations(np.random.default_rng(0), system, np.full(20_000, gamma))
    chains = SampledChains(Subject("exact draws", system, "none"), {gamma: positions})
    response = sensitivity_of(chains, gamma, pair_energy_sums(system, positions))
    low, high = (
        two_particle_distribution(System(2, 4.0, 1.3 * (1 + shift)), gamma).mean_pair_energy for shift in (-0.01, 0.01)
    )
    change = response.temperature
    # A central difference of 1 % is off by a hundredth of a per cent.
    assert abs(change.value - (high - low) / 0.02) < 4.3 * change.standard_error
    assert change.is_known
    # A stronger pair energy draws the pair together.
    assert response.strength.value < -4.3 * response.strength.standard_error


def test_an_error_of_the_smallest_size_found_moves_a_check_by_its_limit_and_a_margin():
    response = Sensitivity(Change(2.0, 0.1), Change(0.1, 0.1), spread=3.0, reference_error=0.04)
    error = math.hypot(3.0 / 100, 0.04)
    assert math.isclose(2.0 * response.smallest_error(response.temperature, 10_000), (4.3 + 1.645) * error)
    assert math.isnan(response.smallest_error(response.strength, 10_000))


def test_gammas_together_have_the_error_of_the_weighted_mean():
    exact = Sensitivity.exact(1.0, 0.0)._replace(spread=10.0)
    checks = [of_gamma("0.1", 1.2, 1.0, 0.1, exact), of_gamma("1", 1.1, 1.0, 0.2, exact)]
    together = across_gammas(checks, inverse_variances(checks))
    assert together.gamma == "0.1 to 1"
    assert math.isclose(together.measured, 0.8 * 1.2 + 0.2 * 1.1)
    assert math.isclose(together.standard_error, 1 / math.sqrt(100 + 25))
    assert math.isclose(together.z, (together.measured - 1.0) / together.standard_error)
    assert math.isclose(together.sensitivity.spread, 10.0 * math.hypot(0.8, 0.2))
    assert math.isclose(together.sensitivity.temperature.value, 1.0)


def test_the_table_has_the_first_sampler_of_each_law_and_nothing_where_an_error_is_not_seen():
    response = Sensitivity.exact(2.0, 0.0)._replace(spread=1.0)
    first = of_gamma("0.1", 1.0, 1.0, 0.05, response)
    other = first._replace(subject=SUBJECT._replace(sampler_name="random"))
    rows = detectable_errors([first, other, of_gamma("0.4", 1.0, 1.0, 0.05)], [400, 1600])
    assert [row["chains"] for row in rows] == [400, 1600]
    assert math.isclose(rows[0]["temperature_percent"], 100 * 5.945 / 20 / 2)
    assert math.isclose(rows[1]["temperature_percent"], rows[0]["temperature_percent"] / 2)
    assert [row["pair_energy_percent"] for row in rows] == ["", ""]
