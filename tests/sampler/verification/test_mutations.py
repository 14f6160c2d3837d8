"""A kernel with one part wrong must fail: the statistics see it, and the sampler's own guards see some of it first."""

import dataclasses
import functools
import sys

import jax
import jax.numpy as jnp
import pytest

from lcpjax.sampler import ChainError, Ladder, MoveRules, NonlocalMoves, sample
from lcpjax.sampler.nonlocal_moves import propose_position
from lcpjax.sampler.rules import exponential_headroom, gravity_energy, inside_walls, uniform_step
from lcpjax.sampler.verification import Sampler, SamplerVariant, failures_of, small_system_trials
from lcpjax.system import PAIR_POTENTIALS, System, lennard_jones

GAMMAS = (0.1, 0.4, 0.7, 1.0)


def is_above(proposed, bound):
    return proposed > bound


def negative_headroom(temperature, threshold):
    return -temperature * threshold


def ten_per_cent_more(temperature, threshold):
    return exponential_headroom(1.1 * temperature, threshold)


def no_upper_wall(x, y, box_side):
    return (x >= 0) & (x <= box_side) & (y >= 0)


def weightless(gamma, y):
    return gravity_energy(0.0 * gamma, y)


def rising(numbers, step_size):
    step_x, step_y = uniform_step(numbers, step_size)
    return step_x, step_y + 0.1 * step_size


def drifting_right(numbers, step_size):
    step_x, step_y = uniform_step(numbers, step_size)
    return step_x + 0.1 * step_size, step_y


def no_hastings_correction(proposal, y, new_y):
    return jnp.zeros_like(y)


def propose_beyond_the_lid(numbers, proposal):
    """Heights of the whole half space; what lies above the lid is laid on it."""
    x, y = propose_position(numbers, proposal._replace(weight_at_cutoff=jnp.zeros_like(proposal.gamma)))
    return x, jnp.minimum(y, proposal.box_side)


def propose_by_the_threshold(numbers, proposal):
    """Heights from the random word that the decision uses, too."""
    uniform = 2.0 * jnp.exp(-numbers.threshold) - 1.0
    return propose_position(numbers._replace(direction_y=uniform), proposal)


def with_nonlocal(**wrong):
    return MoveRules(nonlocal_moves=NonlocalMoves(**wrong))


LOCAL = functools.partial(MoveRules, nonlocal_moves=None)
"""Non-local moves would heal what is wrong with local ones."""
WRONG = {
    "acceptance of the wrong sign": LOCAL(headroom=negative_headroom, accepts=is_above),
    "no upper wall": LOCAL(is_inside=no_upper_wall),
    "no gravity": LOCAL(external_energy=weightless),
    "steps that rise": LOCAL(propose=rising),
    "steps that drift to the right": LOCAL(propose=drifting_right),
    "10 % too hot": LOCAL(headroom=ten_per_cent_more),
    "no Hastings factor": with_nonlocal(hastings_correction=no_hastings_correction),
    "heights drawn without the cut at the lid": with_nonlocal(propose=propose_beyond_the_lid),
}


def pairs_of_half_the_strength(squared_distances):
    return 0.5 * lennard_jones(squared_distances)


def pairs_without_attraction(squared_distances):
    return jnp.maximum(lennard_jones(squared_distances), 0.0)


def failures(sampler: Sampler):
    """Of one particle at temperature 1: 4096 chains of each gamma."""
    trial, *_ = small_system_trials(
        System(), GAMMAS, num_chains=512, samplers={"sequential": SamplerVariant(sampler)}, ladder=None
    )
    return failures_of(dataclasses.replace(trial, num_sweeps=200).run(jax.random.key(5)))


@pytest.fixture
def without_guards(monkeypatch):
    """The sampler without its own checks, so that a wrong chain gets as far as the statistics."""
    monkeypatch.setattr(sys.modules["lcpjax.sampler.follow_chains"], "check_block", lambda *arguments: None)


def test_the_right_kernel_passes():
    assert failures(sample) == []


@pytest.mark.usefixtures("without_guards")
@pytest.mark.parametrize("part", WRONG)
def test_the_statistics_see_a_wrong_part(part):
    assert failures(functools.partial(sample, rules=WRONG[part]))


def walls_at_99_per_cent(x, y, box_side):
    return inside_walls(x, y, 0.99 * box_side)


def rising_by_one_per_cent(numbers, step_size):
    step_x, step_y = uniform_step(numbers, step_size)
    return step_x, step_y + 0.01 * step_size


def one_per_cent_more(temperature, threshold):
    return exponential_headroom(1.01 * temperature, threshold)


@pytest.mark.slow
@pytest.mark.usefixtures("without_guards")
@pytest.mark.parametrize(
    ("wrong", "num_chains"),
    [
        pytest.param(LOCAL(is_inside=walls_at_99_per_cent), 2000, id="walls at 0.99 of the side"),
        pytest.param(MoveRules(is_inside=walls_at_99_per_cent), 2000, id="the same, mixed moves"),
        pytest.param(LOCAL(propose=rising_by_one_per_cent), 2000, id="steps that rise by 1 % of their size"),
        pytest.param(LOCAL(headroom=one_per_cent_more), 8000, id="1 % too hot", marks=pytest.mark.slow),
    ],
)
def test_a_subtle_fault_is_seen_with_so_many_chains(wrong, num_chains):
    """Of each gamma, as in make verify; mixed moves heal the last two."""
    sampler = functools.partial(sample, rules=wrong)
    trials = small_system_trials(
        System(), GAMMAS, num_chains, samplers={"sequential": SamplerVariant(sampler)}, ladder=None
    )
    assert any(failures_of(trial.run(jax.random.key(5))) for trial in trials if trial.subject.system.num_particles < 3)


@pytest.mark.slow
@pytest.mark.parametrize("wrong", [pairs_of_half_the_strength, pairs_without_attraction])
def test_the_exact_distribution_of_two_particles_detects_a_wrong_pair_energy(wrong, monkeypatch):
    # Under a name of its own: compiled programs are found again by name.
    monkeypatch.setitem(PAIR_POTENTIALS, wrong.__name__, wrong)

    def wrong_sampler(key, system, *arguments, **options):
        return sample(key, dataclasses.replace(system, pair_potential=wrong.__name__), *arguments, **options)

    trials = small_system_trials(
        System(), (0.4, 1.0), num_chains=256, samplers={"sequential": SamplerVariant(sample)}, ladder=None
    )
    pair = dataclasses.replace(trials[2], num_sweeps=200)
    assert pair.subject.system.num_particles == 2
    assert failures_of(pair.run(jax.random.key(6))) == []
    assert failures_of(dataclasses.replace(pair, sampler=wrong_sampler).run(jax.random.key(6)))


def test_two_particles_see_a_place_and_its_chance_that_come_from_the_same_bits():
    # A single particle accepts every place.
    trials = small_system_trials(
        System(), (0.4, 1.0), num_chains=256, samplers={"sequential": SamplerVariant(sample)}, ladder=None
    )
    pair = dataclasses.replace(trials[2], num_sweeps=200)
    wrong = functools.partial(sample, rules=with_nonlocal(propose=propose_by_the_threshold))
    assert failures_of(dataclasses.replace(pair, sampler=wrong).run(jax.random.key(6)))


@pytest.mark.parametrize(
    ("part", "complaint"),
    [
        ("no upper wall", "a particle outside the box"),
        ("no gravity", "differs from its recomputed energy"),
    ],
)
def test_the_samplers_own_guards_stop_an_escape_and_a_forgotten_energy(part, complaint):
    gamma = jnp.tile(jnp.asarray(GAMMAS), 8)
    with pytest.raises(ChainError, match=complaint):
        sample(jax.random.key(5), System(num_particles=1), gamma, num_sweeps=500, rules=WRONG[part])


def never(proposed, bound):
    return proposed < -jnp.abs(bound) - 1e30


@pytest.mark.parametrize("step_size", [None, 0.3])
def test_chains_that_accept_nothing_stop_the_run(step_size):
    with pytest.raises(ChainError, match="chain 0 has accepted none of its moves"):
        sample(
            jax.random.key(5),
            System(num_particles=1),
            jnp.ones(3),
            num_sweeps=800,
            step_size=step_size,
            rules=LOCAL(accepts=never),
        )


def test_on_a_ladder_a_forgotten_energy_is_seen_and_chain_and_replica_are_named():
    ladder = Ladder((1.0, 1.5), (1.0, 1.0))
    with pytest.raises(ChainError, match="chain 100, replica 0 has a running energy that differs"):
        sample(
            jax.random.key(5),
            System(num_particles=1),
            jnp.ones(4),
            num_sweeps=500,
            rules=WRONG["no gravity"],
            ladder=ladder,
            first_chain=100,
        )
