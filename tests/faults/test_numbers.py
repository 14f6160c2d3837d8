"""What a run finds, whatever the number of cores and the width of vectors: chains to the bit, training to rounding."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.faults.numbers import MODELS

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]
MACHINES = [(cores, width) for cores in (1, 2) for width in (256, 512)]


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """Numbers of a process with as many cores, and vectors of as many bits."""
    folder = tmp_path_factory.mktemp("numbers")
    numbers = {}
    for cores, width in MACHINES:
        flags = f"--xla_cpu_prefer_vector_width={width}"
        # Optimised, as users have it.
        environment = os.environ | {"PYTHONPATH": str(ROOT), "XLA_FLAGS": flags, "JAX_DISABLE_MOST_OPTIMIZATIONS": "0"}
        output = folder / f"{cores}-{width}.npz"
        command = [sys.executable, "-m", "tests.faults.numbers", str(cores), str(output)]
        subprocess.run(command, env=environment, cwd=ROOT, check=True, timeout=900)
        numbers[cores, width] = dict(np.load(output))
    return numbers


def test_chains_are_bitwise_the_same_on_one_core_and_two_with_vectors_of_256_bits_and_512(found):
    first, *others = (numbers["chains"] for numbers in found.values())
    assert all(np.array_equal(first, other) for other in others)


@pytest.mark.parametrize("model", MODELS)
def test_forty_equal_calls_of_a_training_step_are_bitwise_equal(model, found):
    for numbers in found.values():
        first, *others = numbers[f"{model}_calls"]
        assert all(np.array_equal(first, other) for other in others)


@pytest.mark.parametrize("model", MODELS)
def test_a_training_step_is_the_same_to_rounding_whatever_the_cores_and_the_width(model, found):
    first, *others = (numbers[f"{model}_losses"] for numbers in found.values())
    for other in others:
        # Sums of some 1e3 terms in another order: 1e3 times half a unit in the last place at most, 30 as a rule.
        np.testing.assert_allclose(other[0], first[0], rtol=1e3 * np.finfo(np.float32).eps)
        # Adam divides by small numbers, and three steps multiply what it makes of them.
        np.testing.assert_allclose(other, first, rtol=1e-3)
