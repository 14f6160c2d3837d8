"""Two processes with two devices each against this one alone."""

from pathlib import Path

import jax
import numpy as np
import pytest

from lcpjax.training import Checkpoints
from lcpjax.training.train_state import unstack_models
from tests.runtime.processes import shared_work
from tests.runtime.processes.started import free_port, outcome, start

pytestmark = pytest.mark.slow

PROGRAM = str(Path(shared_work.__file__))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder, port = tmp_path_factory.mktemp("shared"), str(free_port())
    processes = [start([PROGRAM, port, "2", str(index), str(folder)]) for index in range(2)]
    # One clear end: nothing on stderr, and what C++ prints is kept apart.
    assert [outcome(process) for process in processes] == [(0, "", "")] * 2
    return folder


@pytest.fixture(scope="module")
def arrays(folder):
    with np.load(folder / "arrays.npz") as held:
        return [held[f"arr_{index}"] for index in range(len(held.files))]


def test_chains_of_two_processes_are_bitwise_those_of_one(arrays):
    alone = shared_work.SAMPLING.sample(*shared_work.CHAINS)
    for shared, own in zip(arrays[: len(alone)], alone, strict=True):
        assert np.array_equal(shared, own)


def test_burn_in_followed_by_two_processes_is_bitwise_that_of_one(arrays):
    alone = shared_work.burn_in()
    for shared, own in zip(arrays[6:9], (alone.pair_energy, alone.sum_of_heights, alone.acceptance), strict=True):
        assert np.array_equal(shared, own)


def test_models_trained_by_two_processes_are_those_of_one_to_rounding(arrays):
    alone = jax.tree.leaves(shared_work.trained("loop"))
    # Sums of a batch are taken in another order, and Adam divides by small numbers.
    for shared, own in zip(arrays[9:], alone, strict=True):
        np.testing.assert_allclose(shared, own, atol=1e-3, rtol=1e-3)


def test_a_checkpoint_of_two_processes_is_read_by_one(folder, arrays):
    with Checkpoints(folder / "checkpoints") as checkpoints:
        assert checkpoints.latest_epoch() == shared_work.TRAINING.num_epochs
        best, _ = checkpoints.restore_best()
    states = jax.tree.unflatten(jax.tree.structure(shared_work.trained("loop")), arrays[9:])
    for index, one in enumerate(unstack_models(best["variables"], 2)):
        for held, saved in zip(jax.tree.leaves(one), jax.tree.leaves(states[index].best.variables), strict=True):
            assert np.array_equal(held, saved)
