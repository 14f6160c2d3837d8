"""Chains and training steps, for ``test_numbers.py``: ``python -m tests.faults.numbers CORES OUTPUT``."""

import os
import sys

MODELS = {
    "seed_conv": ("model.channels=[4]", "model.latent_dim=2"),
    "best": ("model=best", "model.width=8", "model.prior_width=8", "system.num_particles=8"),
}
NUM_CALLS = 40


def main(cores: int, output: str) -> None:
    """Chains, and for each model one compiled step called 40 times with equal inputs, then two epochs of steps."""
    os.sched_setaffinity(0, set(list(os.sched_getaffinity(0))[:cores]))
    import jax
    import jax.numpy as jnp
    import numpy as np

    from lcpjax.build import build_plan
    from lcpjax.runtime.device import prefer_wide_vectors
    from lcpjax.sampler import sample
    from lcpjax.system import System
    from lcpjax.training import Hyperparameters, LossTerms, initial_state
    from lcpjax.training.train_step import batch_order, train_steps
    from tests.smoke_runs import composed

    prefer_wide_vectors()
    gamma = jnp.asarray(np.linspace(0.1, 1.0, 600, dtype=np.float32))
    chains = sample(jax.random.key(0), System(num_particles=8, box_side=5.0), gamma, num_sweeps=30)
    found = {"chains": np.concatenate([np.ravel(leaf) for leaf in chains])}
    for name, overrides in MODELS.items():
        config = composed("train", "+scale=smoke", *overrides)
        plan = build_plan(config)
        places = jax.random.uniform(jax.random.key(0), (64, config.system.num_particles, 2)) * 10.0
        rows = plan.representation.order(places)
        model = Hyperparameters.on_device(config.training.kl_weight, 1e-3, 0, config.model.latent_dim)
        begin = jax.device_get(initial_state(plan, model, rows))

        def step(state, plan=plan, model=model, rows=rows):
            sums = LossTerms(*(jnp.float32(0) for _ in LossTerms._fields))
            order = batch_order(plan, model, jnp.int32(0), len(rows))
            state, sums = train_steps(plan, 1, jax.tree.map(jnp.array, state), sums, model, rows, order)
            leaves = jax.tree.leaves(jax.device_get(state.variables))
            return state, np.concatenate([np.ravel(leaf) for leaf in leaves]), float(sums.loss)

        found[f"{name}_calls"] = np.stack([step(begin)[1] for _ in range(NUM_CALLS)])
        state, losses = begin, []
        for _ in range(4):
            state, _, loss = step(state)
            losses.append(loss)
        found[f"{name}_losses"] = np.asarray(losses)
    np.savez(output, **found)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
