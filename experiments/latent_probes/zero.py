"""Decoding of the centre of the latent space."""

from collections.abc import Sequence
from typing import Any

import jax.numpy as jnp
import numpy as np

from lcpjax.dataset import Dataset
from lcpjax.evaluation.samples.neighbours import distances_to_nearest
from lcpjax.pipeline.latent_codes import Codes

from .decoding import columns_of, decoded


def zero_rows(codes: Sequence[Codes], dataset: Dataset) -> list[dict[str, Any]]:
    """A row for each model: distances and observables of decode(0).

    - variant, seed; to_mean: squared distance of decode(0) from the mean of the training set over the mean squared
      distance of test configurations from it, entry by entry of the representation: 0 for the mean itself, 1 for a
      typical configuration.
    - to_nearest: distance of decode(0) to the nearest training configuration over the median of that of test
      configurations.
    - pair_energy (clipped at 100 epsilon), mean_height, radius_of_gyration, smallest_distance in sigma, of decode(0);
      and each with typical_ before it: the median over the test set.
    """
    return [_row(each, dataset) for each in codes]


def _row(codes: Codes, dataset: Dataset) -> dict[str, Any]:
    model, representation = codes.model, codes.model.representation
    train, test = (representation.of(part.positions) for part in (dataset.train, dataset.test))
    result = decoded(model, np.zeros((1, codes.latent_dim)))
    mean = jnp.mean(train, axis=0, keepdims=True)
    usual = float(jnp.mean((test - mean) ** 2))
    output = jnp.asarray(result.outputs)
    nearest = float(distances_to_nearest(output, train)[0])
    typical = columns_of(dataset.test.positions, model)
    return {
        **model.ids,
        "to_mean": float(jnp.mean((output - mean) ** 2)) / usual,
        "to_nearest": nearest / float(jnp.median(distances_to_nearest(test, train))),
        **{name: float(values[0]) for name, values in result.columns.items()},
        **{f"typical_{name}": float(np.median(values)) for name, values in typical.items()},
    }
