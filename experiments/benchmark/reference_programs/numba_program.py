"""The sampler in numba: one chain after the other on every core, float32."""

import importlib
import math
import time
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias, no_type_check

import numpy as np

from lcpjax.array_arguments import takes_arrays
from lcpjax.system import System

from .cpp_program import ReferenceRun

NumbaProgram: TypeAlias = Callable[..., None]

# Plain literals would promote to double precision.
_HALF, _ONE, _TWO, _FOUR, _FAR, _GRID = (np.float32(value) for value in (0.5, 1, 2, 4, 1e4, 2.0**-21))
_MASK, _GOLDEN, _FIRST, _SECOND = (
    np.uint64(word) for word in (0x1FFFFF, 0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB)
)
_S0, _S21, _S27, _S30, _S31, _S42 = (np.uint64(shift) for shift in (0, 21, 27, 30, 31, 42))


def compile_numba_reference() -> NumbaProgram | None:
    """The program, compiled when it is first called; None where numba is not installed."""
    try:
        numba = importlib.import_module("numba")
    except ImportError:
        return None
    # numpy's division rules: a test for zero would keep the partner loop scalar.
    inlined = numba.njit(inline="always", fastmath=True, error_model="numpy")
    parallel = numba.njit(parallel=True, fastmath=True, error_model="numpy")
    next_word, unit_interval = _random_functions(inlined)
    return _chains_function(parallel, numba.prange, next_word, unit_interval, _pair_function(inlined))


@takes_arrays
def run_numba_reference(
    program: NumbaProgram, system: System, gamma: Sequence[float], num_sweeps: int, step_size: float, seed: int
) -> ReferenceRun:
    """Lennard-Jones chains in parallel, from uniformly random positions; compiling is not timed.

    Args:
        gamma: one for each chain, m g sigma / epsilon.
        step_size: in sigma.
        seed: with a chain's index it determines all random numbers.
    """
    shape = (len(gamma), system.num_particles)
    words = np.random.default_rng(seed).integers(2**64, size=len(gamma), dtype=np.uint64)
    x, y = np.empty(shape, np.float32), np.empty(shape, np.float32)
    numbers = [np.float32(value) for value in (system.box_side, system.temperature, step_size)]
    arguments = (*numbers, words, np.asarray(gamma, np.float32), x, y)
    program(0, *arguments)
    start = time.perf_counter()
    program(num_sweeps, *arguments)
    seconds = time.perf_counter() - start
    return ReferenceRun(seconds, _pair_energies(x, y), y.mean(axis=1, dtype=np.float64))


def _pair_energies(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """(chains,), in epsilon."""
    first, second = np.triu_indices(x.shape[1], k=1)
    across, up = (np.asarray(z[:, first], np.float64) - z[:, second] for z in (x, y))
    w = (across**2 + up**2) ** -3
    return np.sum(4.0 * w * (w - 1.0), axis=1)


@no_type_check
def _random_functions(inlined: Any) -> Any:
    """SplitMix64 (Steele, Lea, Flood, OOPSLA'14): one word holds all random bits of a move."""

    @inlined
    def next_word(counter):
        counter = counter + _GOLDEN
        word = (counter ^ (counter >> _S30)) * _FIRST
        word = (word ^ (word >> _S27)) * _SECOND
        return counter, word ^ (word >> _S31)

    @inlined
    def unit_interval(word, shift):
        return (np.float32(np.int32((word >> shift) & _MASK)) + _HALF) * _GRID

    return next_word, unit_interval


@no_type_check
def _pair_function(inlined: Any) -> Any:
    @inlined
    def pair_energy(across, up, is_itself):
        squared = across * across + up * up
        # A selection, not a branch, so that the loop around it is vectorised.
        squared = _FAR if is_itself else squared
        w = _ONE / (squared * squared * squared)
        return _FOUR * w * (w - _ONE)

    return pair_energy


@no_type_check
def _chains_function(parallel: Any, prange: Any, next_word: Any, unit_interval: Any, pair_energy: Any) -> NumbaProgram:
    @parallel
    def run_chains(num_sweeps, side, temperature, step, words, gammas, all_x, all_y):
        num_particles = all_x.shape[1]
        for chain in prange(gammas.shape[0]):
            x, y, gamma, counter = all_x[chain], all_y[chain], gammas[chain], words[chain]
            for i in range(num_particles):
                counter, word = next_word(counter)
                x[i], y[i] = side * unit_interval(word, _S0), side * unit_interval(word, _S21)
            for _ in range(num_sweeps):
                for i in range(num_particles):
                    counter, word = next_word(counter)
                    old_x, old_y = x[i], y[i]
                    new_x = old_x + step * (_TWO * unit_interval(word, _S0) - _ONE)
                    new_y = old_y + step * (_TWO * unit_interval(word, _S21) - _ONE)
                    if new_x < 0 or new_x > side or new_y < 0 or new_y > side:
                        continue
                    old, new = gamma * old_y, gamma * new_y
                    for j in range(num_particles):
                        old += pair_energy(old_x - x[j], old_y - y[j], i == j)
                        new += pair_energy(new_x - x[j], new_y - y[j], i == j)
                    chance = unit_interval(word, _S42)
                    if new <= old or chance < math.exp(-(new - old) / temperature):
                        x[i], y[i] = new_x, new_y

    return run_chains
