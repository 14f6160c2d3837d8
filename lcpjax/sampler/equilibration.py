"""Burn-in of chains from shared starts, and the verdict whether a number of sweeps is enough."""

import functools
import math
import operator
from collections.abc import Callable, Sequence
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from scipy.special import fdtrc
from scipy.stats import f as f_distribution

from lcpjax.array_arguments import takes_arrays, takes_concrete_arrays
from lcpjax.array_types import PerChain, PRNGKey
from lcpjax.runtime.jax_settings import with_own_settings
from lcpjax.sampler.advance import recompute_energy, uniform_coordinates
from lcpjax.sampler.chain_program import ChainProgram
from lcpjax.sampler.chain_state import ThermodynamicState
from lcpjax.sampler.diagnostics import LARGEST_Z, drift_in_standard_errors, largest_t, nested_rhat
from lcpjax.sampler.follow_chains import Schedule, Snapshot, follow_chains
from lcpjax.sampler.random_numbers import key_words
from lcpjax.sampler.streams import Stream
from lcpjax.sampler.tuning import num_tuning_sweeps
from lcpjax.system import System

LARGEST_NESTED_RHAT = 1.01
LARGEST_DRIFT = LARGEST_Z
"""In standard errors: of a dozen such figures one is larger by chance once in five thousand times."""

QUANTITIES = ("pair_energy", "sum_of_heights")
"""Quantities that are checked; fields of ``BurnIn``."""
FEWEST_SNAPSHOTS, NUM_SNAPSHOTS = 2, 24
"""For a verdict alone, and for curves."""
# A nested R-hat above its limit that equilibrium itself would show more often than this says nothing about starts.
_SMALLEST_P_VALUE = 1e-3


class Fault(NamedTuple):
    """One reason why a number of sweeps is not enough."""

    what: str
    may_be_chance: bool


class BurnIn(NamedTuple):
    """Chains observed from their starts to twice the checked number of sweeps; arrays on the host, float64."""

    gammas: tuple[float, ...]
    sweeps: np.ndarray
    """(snapshots,): number of sweeps made."""
    pair_energy: np.ndarray
    """(snapshots, gammas, superchains, chains), in epsilon."""
    sum_of_heights: np.ndarray
    """(snapshots, gammas, superchains, chains), in sigma."""
    acceptance: np.ndarray
    """(snapshots, gammas, superchains, chains): since the snapshot before."""
    num_sweeps: int
    """S, the number of sweeps that is checked; the chains made 2 S."""


class EquilibriumCheck(NamedTuple):
    """One quantity at one gamma, at S and at 2 S sweeps."""

    gamma: float
    quantity: str
    mean: float
    """At S."""
    standard_error: float
    mean_at_twice: float
    drift: float
    """From S to 2 S, in standard errors of the difference."""
    nested_rhat: float
    """At S."""
    acceptance: float
    """Mean since tuning ended, up to S."""


class Verdict(NamedTuple):
    """Whether S sweeps are enough, and why."""

    is_equilibrated: bool
    reason: str
    checks: list[EquilibriumCheck]
    advice: str = ""
    """Advice if equilibration was not shown."""
    chains_needed: int = 0
    """Chains of a start that a decision needs; 0: there were enough."""

    def __str__(self) -> str:
        if self.chains_needed:
            return f"equilibrated: not enough chains to tell, because {self.reason}; it takes {self.chains_needed}"
        return f"equilibrated: {'yes' if self.is_equilibrated else 'no'}, because {self.reason}"

    @property
    def largest_nested_rhat(self) -> float:
        """Over gammas and quantities; nan if one is not a number, which Python's max may miss."""
        return float(np.max([result.nested_rhat for result in self.checks]))

    @property
    def largest_drift(self) -> float:
        """In standard errors, without its sign; nan if one is not a number."""
        return float(np.max(np.abs([result.drift for result in self.checks])))


@takes_concrete_arrays(
    "call it outside, where it compiles its own programs and gamma is the batch of chains; sampler.sweep can be traced"
)
@with_own_settings
def follow_burn_in(
    key: PRNGKey,
    program: ChainProgram,
    gammas: Sequence[float],
    num_sweeps: int,
    num_superchains: int = 8,
    chains_per_superchain: int = 256,
    step_size: float | None = None,
    nonlocal_fraction: float | None = None,
    on_moves: Callable[[int], None] | None = None,
    num_snapshots: int = NUM_SNAPSHOTS,
) -> BurnIn:
    """Observations of chains during twice ``num_sweeps`` sweeps, each superchain from one uniform start.

    They do what ``sample`` does with ``num_sweeps``: burn-in, tuning and freeze are the same.

    Args:
        num_snapshots: evenly on a logarithmic axis; S and 2 S are among them or come on top.
    """
    observed = observe_burn_in(
        key,
        program,
        gammas,
        num_sweeps,
        num_superchains,
        chains_per_superchain,
        num_snapshots,
        step_size,
        nonlocal_fraction,
        on_moves,
    )
    return burn_in_of(observed, gammas, num_sweeps, num_superchains, num_snapshots)


def observe_burn_in(
    key: PRNGKey,
    program: ChainProgram,
    gammas: Sequence[float],
    num_sweeps: int,
    num_superchains: int,
    chains_per_superchain: int,
    num_snapshots: int,
    step_size: float | None = None,
    nonlocal_fraction: float | None = None,
    on_moves: Callable[[int], None] | None = None,
    rows: tuple[int, int] | None = None,
) -> tuple[np.ndarray, ...]:
    """Fields of ``BurnIn``, (snapshots, chains) each, on the host: chains by gamma, then by superchain.

    Args:
        rows: first chain and the one after the last, of all of them in a row; None: all.
    """
    system, snapshots = program.system, _snapshots(num_sweeps, num_snapshots)
    schedule = Schedule(snapshots, num_tuning_sweeps(num_sweeps))
    superchain = jnp.arange(len(gammas) * num_superchains, dtype=jnp.uint32)
    x, y = uniform_coordinates(system, key_words(key, Stream.SHARED_STARTS), superchain)
    starts = jnp.repeat(jnp.stack([x.T, y.T], axis=-1), chains_per_superchain, axis=0)
    gamma = jnp.repeat(jnp.asarray(gammas, jnp.float32), num_superchains * chains_per_superchain)
    thermodynamic = ThermodynamicState(gamma, jnp.full_like(gamma, system.temperature))

    observe = functools.partial(_observe, system)
    first, stop = rows or (0, gamma.shape[0])
    thermodynamic, starts = jax.tree.map(lambda leaf: leaf[first:stop], (thermodynamic, starts))
    observed = follow_chains(
        key, program, schedule, thermodynamic, observe, starts, step_size, nonlocal_fraction, first, on_moves
    )
    return jax.device_get(observed)


def burn_in_of(
    observed: tuple[np.ndarray, ...],
    gammas: Sequence[float],
    num_sweeps: int,
    num_superchains: int,
    num_snapshots: int = NUM_SNAPSHOTS,
) -> BurnIn:
    """Burn-in from what ``observe_burn_in`` gives of all its chains."""
    snapshots = _snapshots(num_sweeps, num_snapshots)
    shape = (len(snapshots), len(gammas), num_superchains, -1)
    arrays = (np.asarray(leaf, np.float64).reshape(shape) for leaf in observed)
    return BurnIn(tuple(gammas), np.array(snapshots), *arrays, num_sweeps)


@functools.partial(jax.jit, static_argnums=0)
def _observe(system: System, snapshot: Snapshot) -> tuple[PerChain, PerChain, PerChain]:
    """Pair energy, sum of heights and acceptance."""
    pairs = recompute_energy(system, snapshot.state, jnp.zeros_like(snapshot.acceptance))
    return pairs.energy, jnp.sum(snapshot.state.y, axis=0), snapshot.acceptance


@takes_arrays
@with_own_settings
def equilibration_verdict(burn_in: BurnIn) -> Verdict:
    """Verdict whether means at S and 2 S sweeps agree and starts are forgotten at S, for U and sum y at every gamma.

    Shown, not shown, or, where all evidence against it may be chance, not enough chains to decide.
    """
    checks: list[EquilibriumCheck] = []
    faults: list[Fault] = []
    for row, gamma in enumerate(burn_in.gammas):
        acceptance = _frozen_acceptance(burn_in, row)
        for quantity in QUANTITIES:
            result = _check(burn_in, row, gamma, quantity, acceptance)
            checks.append(result)
            faults += _faults(result, burn_in.num_sweeps, burn_in.pair_energy.shape[2:])
    if faults:
        # What chance cannot have done comes first.
        first = min(faults, key=operator.attrgetter("may_be_chance"))
        others = f" (and {len(faults) - 1} more)" if faults[1:] else ""
        needed = chains_needed(burn_in.pair_energy.shape[2]) if first.may_be_chance else 0
        advice = f"take at least {needed} chains of a start for a verdict" if needed else "raise sampler.num_sweeps"
        return Verdict(False, first.what + others, checks, advice, needed)  # noqa: FBT003 a field of a tuple
    verdict = Verdict(True, "", checks)  # noqa: FBT003 a field of a tuple
    drift, rhat = verdict.largest_drift, verdict.largest_nested_rhat
    sweeps = f"{burn_in.num_sweeps} and {2 * burn_in.num_sweeps} sweeps"
    return verdict._replace(
        reason=f"means at {sweeps} agree within {drift:.1f} standard errors, nested R-hat {rhat:.4f}"
    )


def _check(burn_in: BurnIn, row: int, gamma: float, quantity: str, acceptance: float) -> EquilibriumCheck:
    values = getattr(burn_in, quantity)[:, row]
    at_once = values[burn_in.sweeps == burn_in.num_sweeps][0]
    now, late = at_once.reshape(-1), values[-1].reshape(-1)
    # After a few sweeps particles may still overlap: an infinite energy leaves nan, which is a fault.
    with np.errstate(invalid="ignore"):
        return EquilibriumCheck(
            gamma,
            quantity,
            float(now.mean()),
            float(now.std(ddof=1) / len(now) ** 0.5),
            float(late.mean()),
            drift_in_standard_errors(now, late),
            nested_rhat(at_once),
            acceptance,
        )


def _frozen_acceptance(burn_in: BurnIn, row: int) -> float:
    """Mean over chains and over the sweeps from the freeze to S."""
    frozen_from = num_tuning_sweeps(burn_in.num_sweeps)
    ends = np.clip(burn_in.sweeps, frozen_from, burn_in.num_sweeps)
    return float(np.average(burn_in.acceptance[:, row].mean(axis=(1, 2)), weights=np.diff(ends, prepend=frozen_from)))


def _faults(result: EquilibriumCheck, num_sweeps: int, shape: tuple[int, ...]) -> list[Fault]:
    what = f"gamma = {result.gamma:g}, {result.quantity.replace('_', ' ')}"
    faults = []
    # Written so that what is not a number is a fault too.
    if not abs(result.drift) <= max(LARGEST_DRIFT, largest_t(math.prod(shape))):
        sweeps = f"{num_sweeps} and {2 * num_sweeps} sweeps"
        faults.append(Fault(f"{what}: means at {sweeps} differ by {result.drift:.1f} standard errors", False))  # noqa: FBT003
    if not result.nested_rhat <= LARGEST_NESTED_RHAT:
        may_be_chance = not _is_beyond_chance(result.nested_rhat, *shape)
        chance = f", within what chance gives for {shape[1]} chains of a start" if may_be_chance else ""
        faults.append(
            Fault(f"{what}: nested R-hat at {num_sweeps} sweeps is {result.nested_rhat:.3f}{chance}", may_be_chance)
        )
    return faults


def _is_beyond_chance(rhat: float, num_superchains: int, chains_per_superchain: int) -> bool:
    """Whether chains that have forgotten their starts would hardly ever show so large a nested R-hat: an F test."""
    ratio = chains_per_superchain * (rhat**2 - 1.0)
    freedom = num_superchains - 1, num_superchains * (chains_per_superchain - 1)
    return not fdtrc(*freedom, ratio) > _SMALLEST_P_VALUE


def chains_needed(num_superchains: int) -> int:
    """The fewest chains of a start, C, with which every nested R-hat above its limit is beyond chance.

    Of M starts that are forgotten, C (R^2 - 1) follows F with M - 1 and M (C - 1) degrees of freedom, and more than its
    quantile f at 1 - 0.001 is beyond chance: C is the smallest with f / C <= 1.01^2 - 1.

    >>> chains_needed(8)
    175
    """
    room = LARGEST_NESTED_RHAT**2 - 1.0
    number = 2
    while f_distribution.isf(_SMALLEST_P_VALUE, num_superchains - 1, num_superchains * (number - 1)) > number * room:
        number += 1
    return number


def _snapshots(num_sweeps: int, num_snapshots: int) -> tuple[int, ...]:
    """Numbers of sweeps from 1 to 2 S, evenly on a logarithmic axis, S and 2 S among them."""
    spaced = np.geomspace(1, 2 * num_sweeps, num_snapshots).round().astype(int)
    return tuple(sorted({*spaced.tolist(), num_sweeps, 2 * num_sweeps}))
