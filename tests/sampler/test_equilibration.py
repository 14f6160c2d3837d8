import jax
import jax.numpy as jnp
import numpy as np
import pytest

from lcpjax.errors import InputError
from lcpjax.sampler import ChainProgram, sample
from lcpjax.sampler.advance import uniform_coordinates
from lcpjax.sampler.equilibration import BurnIn, chains_needed, equilibration_verdict, follow_burn_in
from lcpjax.sampler.random_numbers import key_words
from lcpjax.sampler.streams import Stream
from lcpjax.system import System
from lcpjax.system.barometric_law import mean_height

PAIR = System(num_particles=2, box_side=4.0)


def followed(num_sweeps, system=PAIR, gammas=(0.5,), chains=256, **options):
    return follow_burn_in(jax.random.key(0), ChainProgram(system), gammas, num_sweeps, 8, chains, **options)


def test_snapshots_hold_the_sweeps_that_are_checked_and_twice_as_many():
    burn_in = followed(100, gammas=(0.2, 0.5), chains=4)
    assert burn_in.sweeps[[0, -1]].tolist() == [1, 200]
    assert 100 in burn_in.sweeps
    assert np.all(np.diff(burn_in.sweeps) > 0)
    assert len(followed(100, chains=4, num_snapshots=60).sweeps) > len(burn_in.sweeps)
    for array in (burn_in.pair_energy, burn_in.sum_of_heights, burn_in.acceptance):
        assert array.shape == (len(burn_in.sweeps), 2, 8, 4)
        assert array.dtype == np.float64


def test_chains_at_the_checked_sweep_are_those_of_sampling_from_the_shared_starts():
    burn_in, key = followed(40, chains=3), jax.random.key(0)
    x, y = uniform_coordinates(PAIR, key_words(key, Stream.SHARED_STARTS), jnp.arange(8, dtype=jnp.uint32))
    starts = jnp.repeat(jnp.stack([x.T, y.T], axis=-1), 3, axis=0)
    sampled = sample(key, PAIR, jnp.full(24, 0.5), num_sweeps=40, initial_positions=starts)
    (at_once,) = burn_in.sum_of_heights[burn_in.sweeps == 40]
    np.testing.assert_array_equal(at_once.reshape(-1), jnp.sum(sampled.positions[..., 1], axis=1))


def test_chains_of_one_start_begin_alike_and_part():
    burn_in = followed(100, chains=64, step_size=1e-3, nonlocal_fraction=0.0)
    within, between = burn_in.sum_of_heights[0, 0].std(axis=1).mean(), burn_in.sum_of_heights[0, 0].mean(axis=1).std()
    assert within < 0.01 < between


def test_enough_sweeps_of_a_small_system_are_found_enough():
    verdict = equilibration_verdict(followed(400))
    assert verdict.is_equilibrated
    assert verdict.reason.startswith("means at 400 and 800 sweeps agree within")
    assert {(result.gamma, result.quantity) for result in verdict.checks} == {
        (0.5, "pair_energy"),
        (0.5, "sum_of_heights"),
    }


def test_too_few_sweeps_are_found_too_few_and_the_reason_names_where():
    verdict = equilibration_verdict(followed(10, System(num_particles=8), gammas=(0.0, 1.0), nonlocal_fraction=0.0))
    assert not verdict.is_equilibrated
    assert verdict.reason.startswith("gamma = 0, ")
    assert "and" in verdict.reason
    assert "more)" in verdict.reason


def test_the_checked_mean_is_the_barometric_law_for_one_particle():
    (energy, height) = equilibration_verdict(followed(300, System(num_particles=1))).checks
    assert abs(height.mean - mean_height(np.array(0.5), 10.0)) < 4.3 * height.standard_error
    assert energy.mean == energy.standard_error == 0


def test_the_acceptance_is_that_of_sampling():
    (_, height) = equilibration_verdict(followed(400, chains=128)).checks
    sampled = sample(jax.random.key(1), PAIR, jnp.full(1024, 0.5), num_sweeps=400).acceptance
    # Chains of their own: the spread of both means.
    error = np.std(sampled, ddof=1) * (2 / 1024) ** 0.5
    assert abs(height.acceptance - float(sampled.mean())) < 4.3 * error


def invented(at_once, late, acceptance=None):
    """A burn-in of one gamma with known values at S = 10 and at 2 S."""
    values = np.stack([at_once, late])[:, None]
    sweeps = np.array([10, 20])
    acceptance = np.full(values.shape, 0.4) if acceptance is None else acceptance
    return BurnIn((0.1,), sweeps, values, np.zeros_like(values), acceptance, 10)


def test_a_mean_that_still_moves_is_a_fault():
    rng = np.random.default_rng(0)
    at_once, late = rng.normal(size=(2, 8, 256))
    assert equilibration_verdict(invented(at_once, late)).is_equilibrated
    verdict = equilibration_verdict(invented(at_once, late + 0.3))
    assert not verdict.is_equilibrated
    assert "means at 10 and 20 sweeps differ by" in verdict.reason


def test_a_start_that_is_remembered_is_a_fault():
    rng = np.random.default_rng(0)
    values = rng.normal(size=(8, 256)) + 0.5 * rng.normal(size=(8, 1))
    verdict = equilibration_verdict(invented(values, values))
    assert not verdict.is_equilibrated
    assert verdict.reason.startswith("gamma = 0.1, pair energy: nested R-hat at 10 sweeps is 1.")
    assert "chance" not in verdict.reason


def test_too_few_chains_prove_nothing_and_the_reason_says_so():
    values = np.random.default_rng(0).normal(size=(8, 8))
    verdict = equilibration_verdict(invented(values, values))
    assert not verdict.is_equilibrated
    assert verdict.reason.endswith("within what chance gives for 8 chains of a start")
    assert verdict.advice == "take at least 175 chains of a start for a verdict"
    assert str(verdict).startswith("equilibrated: not enough chains to tell, because")
    assert verdict.chains_needed == chains_needed(8) == 175


@pytest.mark.parametrize("wrong", [np.nan, np.inf])
def test_what_is_no_number_is_a_fault(wrong):
    values = np.random.default_rng(0).normal(size=(8, 256))
    values[3, 7] = wrong
    assert not equilibration_verdict(invented(values, values)).is_equilibrated


def test_one_chain_a_start_has_no_verdict():
    with pytest.raises(InputError, match="at least 2 superchains of 2 chains"):
        equilibration_verdict(followed(10, chains=1))


def test_with_the_chains_needed_every_nested_rhat_above_the_limit_is_beyond_chance():
    values = np.random.default_rng(0).normal(size=(8, 175))
    values -= values.mean(axis=1, keepdims=True)
    starts = np.linspace(-1.0, 1.0, 8)[:, None]
    # Just above 1.01: B / W = 1.0101^2 - 1.
    starts *= np.sqrt((1.0101**2 - 1.0) * values.var(axis=1, ddof=1).mean() / starts.var(ddof=1))
    verdict = equilibration_verdict(invented(values + starts, values + starts))
    assert not verdict.is_equilibrated
    assert verdict.chains_needed == 0
