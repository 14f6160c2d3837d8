"""What an effective configuration costs, where it is known: independent places, and slow diffusion."""

import math

import jax
import pytest

from lcpjax.sampler.effective_size import METHODS, LongRunSizes, follow_long_chains, long_run_sizes
from lcpjax.system import System


def sweeps_of_heights(**options):
    """Sweeps for an effective configuration of one particle's height."""
    sizes = LongRunSizes(num_sweeps=100, samples_per_chain=400, thinning=1)
    runs = follow_long_chains(jax.random.key(0), System(num_particles=1), [0.1, 0.4], 32, sizes, **options)
    return {run.gamma: run.sweeps_per_effective_configuration for run in runs if run.quantity == "sum_of_heights"}


@pytest.mark.slow
def test_one_particle_of_nonlocal_moves_alone_gives_an_effective_configuration_a_sweep():
    # It accepts every place, and each is independent of the one before. Autocorrelations of N = 12,800 samples summed
    # over M = 2 lags have a standard error of sqrt(2 (2 M + 1) / N) = 0.028; 4.3 of them.
    found = sweeps_of_heights(nonlocal_fraction=1.0)
    assert list(found) == [0.1, 0.4]
    assert all(cost == pytest.approx(1.0, abs=0.12) for cost in found.values())


@pytest.mark.slow
def test_one_particle_of_short_steps_takes_many_sweeps_for_one():
    # Uniform steps of up to 1 sigma make a diffusion of 1/6 sigma^2 a sweep. Across a box of 10 the slowest motion
    # takes 10^2 / (pi^2 / 6) = 61 sweeps, 43 where gamma is 0.4, and twice as many make an effective configuration.
    found = sweeps_of_heights(rules=METHODS["local"].rules, step_size=1.0)
    assert all(cost > 43.0 for cost in found.values())


def test_what_never_varies_has_no_cost():
    sizes = LongRunSizes(num_sweeps=10, samples_per_chain=8, thinning=1)
    energy, height = follow_long_chains(jax.random.key(0), System(num_particles=1), [0.4], 4, sizes)
    assert (energy.quantity, height.quantity) == ("pair_energy", "sum_of_heights")
    assert math.isnan(energy.sweeps_per_effective_configuration)
    assert height.sweeps_per_effective_configuration > 0


@pytest.mark.parametrize(
    ("name", "num_sweeps", "sizes"),
    [
        ("mixed", 300, (300, 600, 3)),
        ("tempered", 300, (300, 600, 3)),
        ("local", 300, (3000, 600, 30)),
        # Few sweeps are all samples, and split R-hat wants eight.
        ("mixed", 40, (40, 240, 1)),
        ("mixed", 1, (1, 8, 1)),
    ],
)
def test_a_long_chain_is_six_burn_ins_of_its_method_cut_into_samples(name, num_sweeps, sizes):
    assert long_run_sizes(METHODS[name], num_sweeps, most_samples=600) == sizes
