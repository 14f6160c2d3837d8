"""Run by test_sharded_models.py with four devices: models dealt out over them must train as they do on one."""

import sys

import jax
import numpy as np

from tests.training.small_models import model_of, plan, train


def main() -> None:
    # Five models on four devices: three places stay over.
    models = [model_of(10.0**-index, seed=index) for index in range(5)]
    alone = train(plan(), models)
    dealt = train(plan(), models, strategy=sys.argv[1])
    for one, other in zip(jax.tree.leaves(alone), jax.tree.leaves(dealt), strict=True):
        # Programs of two and of one model round differently, and Adam divides by small numbers.
        np.testing.assert_allclose(one, other, atol=1e-3, rtol=1e-3)
    assert len(dealt) == 5
    print(f"{len(jax.devices())} devices agree with one")  # noqa: T201


if __name__ == "__main__":
    main()
