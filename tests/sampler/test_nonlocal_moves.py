"""Non-local moves: the positions they propose, their fraction, and what a chain of them keeps."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import stats

from lcpjax.errors import InputError
from lcpjax.sampler import (
    LOCAL_MOVES,
    ChainProgram,
    ChainState,
    Ladder,
    ThermodynamicState,
    Tuning,
    follow_burn_in,
    sample,
)
from lcpjax.sampler.advance import advance_chains, recompute_energy, uniform_coordinates
from lcpjax.sampler.nonlocal_moves import barometric_proposal, hastings_correction, is_nonlocal_sweep, propose_position
from lcpjax.sampler.random_numbers import key_words, move_numbers, threefry_2x32
from lcpjax.system import PAIR_POTENTIALS, System
from lcpjax.system.barometric_law import mean_height

NUM = 20_000
SIDE = 10.0


def proposed(gamma, temperature=1.0):
    """Positions that NUM chains propose, and the distribution they are from."""
    words = threefry_2x32((jnp.uint32(1), jnp.uint32(2)), jnp.arange(NUM, dtype=jnp.uint32), jnp.zeros(NUM, jnp.uint32))
    proposal = barometric_proposal(ThermodynamicState(jnp.full(NUM, gamma), jnp.full(NUM, temperature)), SIDE)
    x, y = propose_position(move_numbers(words), proposal)
    return np.asarray(x, np.float64), np.asarray(y, np.float64), proposal


@pytest.mark.parametrize("gamma", [-0.4, 0.0, 1e-3, 0.02, 0.4, 1.0])
def test_positions_are_uniform_across_and_barometric_upwards(gamma):
    x, y, proposal = proposed(gamma)
    assert stats.kstest(x / SIDE, "uniform").pvalue > 1e-4
    # What the proposal does not know of a weak gravity, the Metropolis ratio weighs.
    known = float(proposal.gamma[0])
    assert known in (0.0, np.float32(gamma))
    exact = stats.uniform(0.0, SIDE) if known == 0 else stats.truncexpon(abs(known) * SIDE, scale=1 / abs(known))
    assert stats.kstest(y if known >= 0 else SIDE - y, exact.cdf).pvalue > 1e-4


def test_the_check_of_heights_fails_without_the_cut_at_the_lid():
    _, y, proposal = proposed(0.4)
    words = threefry_2x32((jnp.uint32(1), jnp.uint32(2)), jnp.arange(NUM, dtype=jnp.uint32), jnp.zeros(NUM, jnp.uint32))
    _, uncut = propose_position(move_numbers(words), proposal._replace(weight_at_cutoff=jnp.zeros(NUM)))
    assert y.max() <= SIDE < float(uncut.max())
    exact = stats.truncexpon(0.4 * SIDE, scale=1 / 0.4)
    assert stats.kstest(np.asarray(uncut, np.float64), exact.cdf).pvalue < 1e-4


def test_the_hastings_correction_is_the_log_ratio_of_proposal_densities():
    proposal = barometric_proposal(ThermodynamicState(jnp.full(1, 0.7), jnp.full(1, 1.3)), SIDE)
    density = stats.truncexpon(0.7 / 1.3 * SIDE, scale=1.3 / 0.7)
    expected = 1.3 * (density.logpdf(6.0) - density.logpdf(2.0))
    found = hastings_correction(proposal, jnp.full(1, 6.0), jnp.full(1, 2.0))
    np.testing.assert_allclose(found, expected, rtol=1e-5)


@pytest.mark.parametrize("gamma", [5.0, -5.0])
def test_a_steep_distribution_reaches_the_other_wall_and_its_density_is_the_one_that_is_weighed(gamma):
    _, y, proposal = proposed(gamma)
    height = y if gamma > 0 else SIDE - y
    cutoff = float(proposal.cutoff_height[0])
    assert cutoff == 2.0
    assert 0 < height.min() < 1e-3
    assert 9.0 < height.max() < SIDE
    beyond = height > cutoff
    assert abs(beyond.mean() - 2.0**-10) < 4.3 * (2.0**-10 / NUM) ** 0.5
    assert stats.kstest(height[~beyond], stats.truncexpon(10.0, scale=0.2).cdf).pvalue > 1e-4
    assert stats.kstest((height[beyond] - cutoff) / (SIDE - cutoff), "uniform").pvalue > 1e-4
    # The density's ratio, from above to below.
    low, high = (jnp.full(NUM, value if gamma > 0 else SIDE - value) for value in (0.1, 7.0))
    ratio = (2.0**-10 / 8.0) / ((1 - 2.0**-10) * 5.0 * np.exp(-0.5) / (1 - np.exp(-10.0)))
    np.testing.assert_allclose(hastings_correction(proposal, high, low)[0], np.log(ratio), rtol=1e-4)


@pytest.mark.parametrize("exponent", [10.000001, 10.5, 11.5])
def test_no_proposal_piles_up_where_the_steep_ones_begin(exponent):
    """A strip too thin for float32 got a thousandth of all positions, at the wrong weight."""
    gamma = exponent / SIDE
    _, y, proposal = proposed(gamma)
    thinnest = float((SIDE - proposal.cutoff_height).max())
    assert thinnest == 0 or thinnest > 0.1
    correction = np.asarray(hastings_correction(proposal, jnp.zeros(NUM), jnp.asarray(y, jnp.float32)), np.float64)
    # exp(-gamma y) over the density of proposals: the mean height, reweighted, is the barometric law's.
    weights = np.exp(-gamma * y + correction)
    mean = (weights * y).sum() / weights.sum()
    assert abs(mean - mean_height(np.float64(gamma), SIDE)) < 4.3 * (1 / gamma) / NUM**0.5
    assert abs((y > 0.9 * SIDE).mean() - proposed_above(exponent)) < 4.3 * (1e-3 / NUM) ** 0.5


def proposed_above(exponent):
    """Fraction of positions proposed in the uppermost tenth of the box."""
    if exponent > 11:
        return 2.0**-10 * 0.1 * exponent / (exponent - 10)
    return float(np.exp(-0.9 * exponent) - np.exp(-exponent)) / float(-np.expm1(-exponent))


@pytest.mark.slow
@pytest.mark.parametrize("gamma", [0.0, 0.3, 5.0])
def test_one_particle_of_non_local_moves_alone_has_the_barometric_height(gamma):
    configurations = sample(
        jax.random.key(3), System(num_particles=1), jnp.full(2048, gamma), num_sweeps=20, nonlocal_fraction=1.0
    )
    heights = np.asarray(configurations.positions[..., 1], np.float64).reshape(-1)
    # From a uniform start; nearly all moves are accepted.
    assert abs(heights.mean() - mean_height(np.float64(gamma), SIDE)) < 4.3 * heights.std() / heights.size**0.5
    assert float(configurations.acceptance.min()) > 0.9


def test_a_chain_makes_its_own_fraction_of_non_local_sweeps_whatever_runs_beside_it():
    key, chain = key_words(jax.random.key(0), 1), jnp.arange(3, dtype=jnp.uint32)
    fraction = jnp.asarray([0.0, 0.3, 1.0])
    sweeps = jnp.arange(500, dtype=jnp.uint32)
    kinds = np.asarray(jax.vmap(lambda sweep: is_nonlocal_sweep(key, chain, sweep, fraction))(sweeps))
    assert kinds.mean(axis=0)[[0, 2]].tolist() == [0.0, 1.0]
    assert abs(kinds[:, 1].mean() - 0.3) < 4.3 * (0.21 / 500) ** 0.5
    alone = [bool(is_nonlocal_sweep(key, chain[1:2], jnp.uint32(sweep), fraction[1:2])[0]) for sweep in range(20)]
    assert alone == kinds[:20, 1].tolist()


def test_the_fraction_is_tuned_to_the_acceptance_from_the_chain_alone_and_then_frozen():
    gamma = jnp.repeat(jnp.asarray([0.1, 1.0]), 32)
    first = sample(jax.random.key(0), System(), gamma, num_sweeps=120, samples_per_chain=2, thinning=40)
    before, after = first.nonlocal_fraction.reshape(-1, 2).T
    assert before.tolist() == after.tolist()
    # Odds of acceptance / 0.01: 16 % and 2 % of these moves are accepted at gamma 0.1 and 1.
    assert float(before[:32].mean()) > 0.9
    assert 0.4 < float(before[32:].mean()) < 0.85
    assert first.step_size[::2].tolist() == first.step_size[1::2].tolist()
    alone = sample(jax.random.key(0), System(), gamma[40:42], num_sweeps=120, first_chain=40)
    assert alone.nonlocal_fraction.tolist() == before[40:42].tolist()


def test_the_check_of_the_freeze_fails_for_chains_that_are_tuned_to_their_end(monkeypatch):
    monkeypatch.setattr("lcpjax.sampler.run_chains.num_tuning_sweeps", lambda num_sweeps: 2 * num_sweeps)
    chains = sample(jax.random.key(0), System(), jnp.ones(8), num_sweeps=120, samples_per_chain=2, thinning=40)
    for tuned in (chains.nonlocal_fraction, chains.step_size):
        assert (tuned[::2] != tuned[1::2]).any()


def test_a_fraction_given_is_kept_and_local_moves_have_none():
    given = sample(jax.random.key(0), System(), jnp.ones(2), num_sweeps=20, nonlocal_fraction=0.25)
    assert given.nonlocal_fraction.tolist() == [0.25, 0.25]
    local = sample(jax.random.key(0), System(), jnp.ones(2), num_sweeps=20, rules=LOCAL_MOVES)
    assert local.nonlocal_fraction.tolist() == [0.0, 0.0]
    # No sweep of them: the same chain, bit for bit.
    none = sample(jax.random.key(0), System(), jnp.ones(2), num_sweeps=20, nonlocal_fraction=0.0)
    assert bool((none.positions == local.positions).all())


def test_the_rungs_of_a_ladder_have_fractions_of_their_own():
    """The hotter one accepts more positions anywhere."""
    system = System(num_particles=8, box_side=3.0)
    program = ChainProgram(system, ladder=Ladder((1.0, 3.0), (1.0, 1.0)))
    chain, one = jnp.arange(32, dtype=jnp.uint32), jnp.ones(32)
    x, y = uniform_coordinates(system, key_words(jax.random.key(0), 0), chain)
    state = recompute_energy(system, ChainState(x, y, one, 0.3 * one, 0.5 * one), one)
    tuning = Tuning(jnp.bool_(True), jnp.bool_(True))  # noqa: FBT003
    thermodynamic = ThermodynamicState(one, jnp.tile(jnp.asarray([1.0, 3.0]), 16))
    counts = jnp.uint32(0), jnp.uint32(200)
    state, _ = advance_chains(program, key_words(jax.random.key(0), 1), state, thermodynamic, chain, *counts, tuning)
    cold, hot = state.nonlocal_fraction[::2], state.nonlocal_fraction[1::2]
    assert float(hot.mean()) > float(cold.mean()) + 0.1


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ({"nonlocal_fraction": 1.5}, "nonlocal_fraction = 1.5: must be from 0 to 1"),
        ({"nonlocal_fraction": jnp.asarray([0.5, -0.1])}, "must be from 0 to 1"),
        ({"nonlocal_fraction": float("nan")}, "must be from 0 to 1"),
        ({"nonlocal_fraction": 0.5, "rules": LOCAL_MOVES}, "moves = local has no non-local sweeps"),
    ],
)
def test_a_fraction_that_cannot_be_is_refused_in_one_line(arguments, complaint):
    with pytest.raises(InputError, match=complaint) as caught:
        sample(jax.random.key(0), System(), jnp.ones(2), num_sweeps=4, **arguments)
    assert "\n" not in str(caught.value)


def test_a_potential_that_is_finite_nowhere_is_refused_in_one_line(monkeypatch):
    monkeypatch.setitem(PAIR_POTENTIALS, "walls everywhere", lambda squared: jnp.full_like(squared, jnp.inf))
    system = System(num_particles=2, pair_potential="walls everywhere")
    with pytest.raises(InputError, match=r"walls everywhere: finite at no distance in the box.*choose moves = local"):
        sample(jax.random.key(0), system, jnp.ones(2), num_sweeps=4)


def test_mixed_moves_reach_equilibrium_where_local_ones_are_still_on_their_way():
    def height(rules):
        program = ChainProgram(System(), rules) if rules else ChainProgram(System())
        burn_in = follow_burn_in(jax.random.key(1), program, (0.4,), 60, 8, 32, num_snapshots=2)
        sums = burn_in.sum_of_heights[burn_in.sweeps == 60].reshape(-1)
        return abs(sums.mean() - 87.24) / (sums.std() / 16)

    # 87.24(4) sigma after thousands of sweeps, by thermodynamic integration's chains.
    assert height(None) < 4.3
    assert height(LOCAL_MOVES) > 10
