"""Run by test_shared_work.py in processes of its own: what several of them make of chains and of a training."""

import sys
from pathlib import Path

import jax
import numpy as np

from lcpjax.dataset import SamplingPlan
from lcpjax.runtime.processes import Place, dismiss, is_helper, join, serve
from lcpjax.system import System
from lcpjax.training import Checkpoints
from tests.training.small_models import convolutional_model, model_of, plan, train

# The last stretch of two is one chain shorter, and no number fits the devices.
CHAINS = 5, 101
SAMPLING = SamplingPlan(System(4, 4.0), (0.1, 0.4, 1.0), seed=3, num_sweeps=20, samples_per_chain=2, thinning=3)
TRAINING = plan(convolutional_model((4,)), num_epochs=3)


def burn_in():
    return SAMPLING.follow_burn_in(2, 3, 2)


def trained(strategy, on_checkpoint=lambda *_: None):
    models = [model_of(seed=seed) for seed in range(2)]
    return train(TRAINING, models, strategy=strategy, on_checkpoint=on_checkpoint)


def main(port: str, count: str, index: str, folder: str) -> int:
    join(Place(int(index), int(count), "localhost", int(port), 30.0), {"program": "shared_work"})
    if is_helper():
        return serve()
    assert (jax.process_count(), jax.device_count()) == (int(count), 2 * int(count))
    sampled, followed = SAMPLING.sample(*CHAINS), burn_in()
    with Checkpoints(Path(folder, "checkpoints")) as checkpoints:
        states = trained("batches", lambda done, states: checkpoints.save(done, states, {}))
    arrays = [*sampled, followed.pair_energy, followed.sum_of_heights, followed.acceptance, *jax.tree.leaves(states)]
    np.savez(f"{folder}/arrays.npz", *map(np.asarray, arrays))
    return dismiss(0)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
