"""Cost of one move of the fused kernel, counted from its own program.

An operation is one elementwise operation of jax on one chain, counted once
whatever it takes: a division is one, though a GPU spends about eight
instructions on it. So the measured fraction of a peak is a lower bound of how
busy the device was.
"""

from typing import Any

import jax
import jax.numpy as jnp

from lcpjax.sampler.chain_program import ChainProgram
from lcpjax.sampler.chain_state import ChainState, ThermodynamicState, Tuning
from lcpjax.sampler.fused_kernel import TILE, advance_chains_fused
from lcpjax.system import System

_MOVE_NOTHING = {"get", "swap", "broadcast_in_dim", "reshape", "squeeze", "copy", "convert_element_type"}
"""Primitives that compute nothing: loads, stores, shapes, and conversions between words and floats."""


def operations_per_move(system: System) -> float:
    """Arithmetic operations of one move of one chain: its hash, two partner sums, its acceptance."""
    # A call's sweeps are the only loop whose length is not known when it is compiled: it counts once.
    return _operations_on_tiles(jax.make_jaxpr(_one_tile(system))(*_arguments(system)).jaxpr) / system.num_particles


def memory_bytes_per_move(system: System, num_sweeps: int) -> float:
    """Bytes to or from the device's memory for each move of one chain, in a call of so many sweeps."""
    arrays = jax.tree.leaves((_arguments(system), jax.eval_shape(_one_tile(system), *_arguments(system))))
    per_chain = sum(array.size * array.dtype.itemsize for array in arrays if array.shape) / TILE
    return per_chain / (num_sweeps * system.num_particles)


def roofline_moves_per_second(
    system: System, num_sweeps: int, operations_per_second: float, bytes_per_second: float
) -> float:
    """Upper bound on moves a second by the lower of a device's two peaks.

    Args:
        operations_per_second: the device's float32 peak, a multiplication and an addition counted as two.
    """
    seconds = (
        operations_per_move(system) / operations_per_second,
        memory_bytes_per_move(system, num_sweeps) / bytes_per_second,
    )
    return 1.0 / max(seconds)


def _one_tile(system: System) -> Any:
    return lambda *arguments: advance_chains_fused(ChainProgram(system, kernel="fused"), *arguments)


def _arguments(system: System) -> tuple[Any, ...]:
    word, values, coordinates = jnp.uint32(0), jnp.zeros(TILE), jnp.zeros((system.num_particles, TILE))
    state = ChainState(coordinates, coordinates, values, values, values)
    thermodynamic = ThermodynamicState(values, values)
    return (word, word), state, thermodynamic, jnp.zeros(TILE, jnp.uint32), word, word, Tuning(word > 0, word > 0)


def _operations_on_tiles(program: Any) -> int:
    """Elementwise operations on whole tiles in a program, loops of known length counted as often as they run."""
    total = 0
    for equation in program.eqns:
        inner = [_program_of(value) for value in equation.params.values()]
        # Of a while loop only the body makes moves; its condition works on scalars.
        inside = sum(_operations_on_tiles(program) for program in inner if program is not None)
        total += inside * equation.params.get("length", 1)
        computes = inside == 0 and equation.primitive.name not in _MOVE_NOTHING
        total += computes and any(variable.aval.shape == (TILE,) for variable in equation.outvars)
    return total


def _program_of(value: Any) -> Any:
    """The program in a parameter of an operation, open or closed, if there is one."""
    value = value[0] if isinstance(value, tuple) and len(value) == 1 else value
    value = getattr(value, "jaxpr", value)
    return value if hasattr(value, "eqns") else None
