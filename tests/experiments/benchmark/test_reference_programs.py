import jax
import jax.numpy as jnp
import numpy as np
import pytest

from lcpjax.experiments.benchmark.reference_programs import (
    compile_numba_reference,
    compile_reference,
    run_numba_reference,
    run_reference,
)
from lcpjax.sampler import sample
from lcpjax.sampler.verification.reference_means import REFERENCE_MEANS, REFERENCE_SYSTEM
from lcpjax.system import System, pair_energy

SYSTEM = System(num_particles=8, box_side=4.0)
NUM_CHAINS, NUM_SWEEPS, GAMMA = 2048, 300, 0.8


def runner_of(name, folder):
    """A function of the temperature that runs one of the programs; the test is skipped where it cannot be had."""
    program = compile_numba_reference() if name == "numba" else compile_reference(folder, name)
    if program is None:
        pytest.skip("no numba here" if name == "numba" else "no C++ compiler here")
    run_it = run_numba_reference if name == "numba" else run_reference

    def run(temperature):
        system = System(num_particles=8, box_side=4.0, temperature=temperature)
        return run_it(program, system, [GAMMA] * NUM_CHAINS, NUM_SWEEPS, 0.4, seed=1)

    return run


@pytest.fixture(scope="module", params=["study", "fast", "numba"])
def reference(request, tmp_path_factory):
    return runner_of(request.param, tmp_path_factory.mktemp("reference"))


def standard_errors_apart(ours, theirs):
    variance = np.var(ours, ddof=1) / len(ours) + np.var(theirs, ddof=1) / len(theirs)
    return abs(np.mean(ours) - np.mean(theirs)) / variance**0.5


@pytest.fixture(scope="module")
def configurations():
    return sample(jax.random.key(0), SYSTEM, jnp.full(NUM_CHAINS, GAMMA), num_sweeps=NUM_SWEEPS)


@pytest.mark.slow
def test_a_program_written_apart_samples_the_same_distribution(reference, configurations):
    theirs = reference(1.0)
    energies = np.asarray(jax.vmap(pair_energy)(configurations.positions), np.float64)
    heights = np.asarray(configurations.positions[..., 1], np.float64).mean(1)
    assert standard_errors_apart(energies, theirs.pair_energy) < 4.3
    assert standard_errors_apart(heights, theirs.mean_height) < 4.3
    assert theirs.seconds > 0


@pytest.mark.parametrize("build", ["study", "fast"])
def test_the_cpp_program_with_non_local_moves_samples_the_same_distribution(build, configurations, tmp_path):
    program = compile_reference(tmp_path, build)
    if program is None:
        pytest.skip("no C++ compiler here")
    chains = [GAMMA] * NUM_CHAINS
    # Far fewer sweeps than local moves would take.
    theirs = run_reference(program, SYSTEM, chains, 60, 0.4, seed=2, nonlocal_fraction=0.75)
    energies = np.asarray(jax.vmap(pair_energy)(configurations.positions), np.float64)
    heights = np.asarray(configurations.positions[..., 1], np.float64).mean(1)
    assert standard_errors_apart(energies, theirs.pair_energy) < 4.3
    assert standard_errors_apart(heights, theirs.mean_height) < 4.3


@pytest.mark.slow
def test_the_comparison_fails_when_the_temperatures_differ_by_ten_percent(reference, configurations):
    heights = np.asarray(configurations.positions[..., 1], np.float64).mean(1)
    assert standard_errors_apart(heights, reference(1.1).mean_height) > 4.3


def test_a_chain_of_the_cpp_program_is_the_same_on_any_number_of_threads(tmp_path):
    program = compile_reference(tmp_path)
    if program is None:
        pytest.skip("no C++ compiler here")
    gamma, seed = [0.1, 0.4, 0.7, 1.0, 1.3], 2**32 - 1
    alone, shared = (run_reference(program, SYSTEM, gamma, 20, 0.4, seed, threads) for threads in (1, 3))
    assert (alone.pair_energy == shared.pair_energy).all()
    assert (alone.mean_height == shared.mean_height).all()
    other = run_reference(program, SYSTEM, gamma, 20, 0.4, seed - 1)
    assert not (alone.pair_energy == other.pair_energy).any()


def test_averages_along_a_few_chains_of_the_cpp_program_are_the_committed_reference_means(tmp_path):
    program = compile_reference(tmp_path)
    if program is None:
        pytest.skip("no C++ compiler here")
    means = REFERENCE_MEANS[0.1]
    found = run_reference(
        program, REFERENCE_SYSTEM, [0.1] * 64, 600, 0.5, seed=7, nonlocal_fraction=0.5, num_averaged_sweeps=400
    )
    for values, mean in ((found.pair_energy, means.pair_energy), (30 * found.mean_height, means.sum_of_heights)):
        error = np.hypot(values.std(ddof=1) / 8, mean.standard_error)
        assert abs(values.mean() - mean.value) < 4.3 * error
    last = run_reference(program, REFERENCE_SYSTEM, [0.1] * 64, 600, 0.5, seed=7, nonlocal_fraction=0.5)
    assert last.pair_energy.std() > 2 * found.pair_energy.std()
