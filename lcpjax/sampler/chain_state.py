"""What a block of chains carries from sweep to sweep, chains last, and what it is driven by."""

from typing import NamedTuple

from lcpjax.array_types import BlockCoordinates, PerChain


class ChainState(NamedTuple):
    """What the next sweep of a block of chains needs."""

    # Two arrays, not one with an axis for space: XLA then updates one row in place, where a slice
    # through a stacked array makes it copy all positions twice a move (6 times slower, measured).
    x: BlockCoordinates
    """(particles, chains), in sigma."""
    y: BlockCoordinates
    """(particles, chains), in sigma: heights."""
    energy: PerChain
    """(chains,), in epsilon: the running total energy, true from the sweep it was last recomputed at."""
    step_size: PerChain
    """(chains,), in sigma: a move displaces each coordinate by less than this."""


class ThermodynamicState(NamedTuple):
    """The equilibrium each chain is driven to."""

    gamma: PerChain
    """(chains,), m g sigma / epsilon."""
    temperature: PerChain
    """(chains,), in epsilon / k_B."""


class SweepInfo(NamedTuple):
    """What happened in a sweep; never fed back."""

    acceptance: PerChain
    """(chains,): the share of accepted moves."""
