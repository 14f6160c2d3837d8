"""State that a block of chains carries from sweep to sweep, chains last, and the conditions that drive it."""

from typing import Any, NamedTuple

from lcpjax.array_types import Accepted, BlockCoordinates, PerChain


class ChainState(NamedTuple):
    """Everything that the next sweep of a block of chains needs."""

    # Two arrays, not one with an axis for space: XLA then updates one row in place, where a slice
    # through a stacked array makes it copy all positions twice a move (6 times slower, measured).
    x: BlockCoordinates
    """(particles, chains), in sigma."""
    y: BlockCoordinates
    """(particles, chains), in sigma: heights."""
    energy: PerChain
    """(chains,), in epsilon: the running total energy, true from the sweep it was last recomputed at."""
    step_size: PerChain
    """(chains,), in sigma: a local move displaces each coordinate by less than this."""
    nonlocal_fraction: PerChain
    """(chains,): probability that a sweep is a non-local one; 0 where there are none."""


class ThermodynamicState(NamedTuple):
    """Gravity and temperature of each chain."""

    gamma: PerChain
    """(chains,), m g sigma / epsilon."""
    temperature: PerChain
    """(chains,), in epsilon / k_B."""


class SweepInfo(NamedTuple):
    """What happened in a sweep; after burn-in nothing depends on it."""

    acceptance: PerChain
    """(chains,): fraction of accepted moves."""
    is_nonlocal: Accepted
    """(chains,): whether its moves were non-local ones."""


class MoveParameters(NamedTuple):
    """What is tuned in burn-in, for each chain from that chain alone."""

    step_size: PerChain
    """(chains,), in sigma."""
    nonlocal_fraction: PerChain
    """(chains,): probability that a sweep is a non-local one."""


class Tuning(NamedTuple):
    """Which parameters are tuned in these sweeps; bool scalars."""

    step_size: Any
    nonlocal_fraction: Any
