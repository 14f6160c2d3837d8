"""Steps of one Metropolis move, each a replaceable function."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

import jax.numpy as jnp

from lcpjax.array_types import Accepted, Count, PerChain, Word
from lcpjax.sampler.chain_state import ThermodynamicState
from lcpjax.sampler.nonlocal_moves import NonlocalMoves, NonlocalSweep
from lcpjax.sampler.random_numbers import MoveNumbers, derived_key, threefry_2x32
from lcpjax.sampler.streams import Decision

SweepOrder: TypeAlias = Callable[[tuple[Word, Word], Word, Count, int], Count]
"""(key words, sweep index, move within the sweep, number of particles) -> index of the particle to move."""


def sequential(key: tuple[Word, Word], sweep_index: Word, move: Count, num_particles: int) -> Count:
    """First to last in every sweep: the study's order."""
    return move


def forward_backward(key: tuple[Word, Word], sweep_index: Word, move: Count, num_particles: int) -> Count:
    """First to last, then last to first: two sweeps together obey detailed balance."""
    return jnp.where(sweep_index % 2 == 0, move, num_particles - 1 - move)


def random_order(key: tuple[Word, Word], sweep_index: Word, move: Count, num_particles: int) -> Count:
    """Any particle at each move, with replacement, the same in all chains: every move obeys detailed balance.

    Sharing the choice costs nothing: it does not look at the positions, and
    whatever is chosen, each chain's equilibrium stays its own.
    """
    word, _ = threefry_2x32(derived_key(key, Decision.ORDER), sweep_index, move.astype(jnp.uint32))
    return (word % jnp.uint32(num_particles)).astype(move.dtype)


SWEEP_ORDERS: dict[str, SweepOrder] = {
    "sequential": sequential,
    "forward_backward": forward_backward,
    "random": random_order,
}
"""Names for configs."""

MOVES: dict[str, NonlocalMoves | None] = {"local": None, "mixed": NonlocalMoves()}
"""Names for configs. local: the study's steps. mixed: some sweeps propose positions anywhere in the box."""


LOCAL_SWEEPS_FACTOR = 10
"""Local moves alone take some ten times the sweeps of mixed ones from a random start to equilibrium."""


def uniform_step(numbers: MoveNumbers, step_size: PerChain) -> tuple[PerChain, PerChain]:
    """Displacement in x and y, in sigma: uniform in a square of side 2 ``step_size``."""
    return step_size * numbers.direction_x, step_size * numbers.direction_y


def inside_walls(x: PerChain, y: PerChain, box_side: float) -> Accepted:
    """Whether a position lies in the box, walls included."""
    return (x >= 0) & (x <= box_side) & (y >= 0) & (y <= box_side)


def gravity_energy(gamma: PerChain, y: PerChain) -> PerChain:
    """Energy of one particle in the field, in epsilon."""
    return gamma * y


def exponential_headroom(temperature: PerChain, threshold: PerChain) -> PerChain:
    """Largest energy increase of an accepted move, in epsilon: T times an exponential number of mean 1."""
    return temperature * threshold


def is_below(proposed: PerChain, bound: PerChain) -> Accepted:
    """Whether the proposed energy lies below the current one plus the headroom.

    With the exponential headroom that is min(1, exp(-dU / T)) without exp. +inf
    is always rejected as a proposal and always left as a current energy.
    """
    return proposed < bound


class ProposedMove(NamedTuple):
    """One particle's proposed position in every chain, and what it may cost."""

    x: PerChain
    """(chains,), in sigma."""
    y: PerChain
    """(chains,), in sigma."""
    headroom: PerChain
    """(chains,), in epsilon: largest energy increase that is accepted."""


@dataclass(frozen=True)
class MoveRules:
    """The steps of a move; the defaults are correct, tests insert wrong ones."""

    order: SweepOrder = sequential
    propose: Callable[[MoveNumbers, PerChain], tuple[PerChain, PerChain]] = uniform_step
    is_inside: Callable[[PerChain, PerChain, float], Accepted] = inside_walls
    external_energy: Callable[[PerChain, PerChain], PerChain] = gravity_energy
    headroom: Callable[[PerChain, PerChain], PerChain] = exponential_headroom
    accepts: Callable[[PerChain, PerChain], Accepted] = is_below
    nonlocal_moves: NonlocalMoves | None = NonlocalMoves()  # noqa: RUF009 frozen
    """None: every sweep is a local one."""

    def nonlocal_sweep(
        self, thermodynamic: ThermodynamicState, box_side: float, is_nonlocal: Accepted
    ) -> NonlocalSweep | None:
        """A sweep of non-local moves of some chains; None where there are none."""
        moves = self.nonlocal_moves
        return None if moves is None else NonlocalSweep(moves, moves.proposal(thermodynamic, box_side), is_nonlocal)

    def proposed_move(
        self,
        numbers: MoveNumbers,
        position: tuple[PerChain, PerChain],
        step_size: PerChain,
        temperature: PerChain,
        nonlocal_sweep: NonlocalSweep | None,
    ) -> ProposedMove:
        """The proposal of each chain: a step, or a position anywhere in the box; both use the same numbers."""
        (x, y), (step_x, step_y) = position, self.propose(numbers, step_size)
        local = ProposedMove(x + step_x, y + step_y, self.headroom(temperature, numbers.threshold))
        if nonlocal_sweep is None:
            return local
        moves, proposal, is_nonlocal = nonlocal_sweep
        new_x, new_y = moves.propose(numbers, proposal)
        anywhere = ProposedMove(new_x, new_y, local.headroom + moves.hastings_correction(proposal, y, new_y))
        return ProposedMove(*(jnp.where(is_nonlocal, *pair) for pair in zip(anywhere, local, strict=True)))


LOCAL_MOVES = MoveRules(nonlocal_moves=None)
"""The study's rules: sequential sweeps of steps."""
