"""Novelty and coverage of generated configurations."""

from collections.abc import Sequence
from typing import Any

import jax
import numpy as np

from lcpjax.dataset import Dataset
from lcpjax.evaluation.samples.generated import coverage, novelty
from lcpjax.evaluation.samples.observables import observables

from .distances import EQUILIBRIUM, clipped_energies
from .generated import Generated, from_priors, of_gamma
from .reference_fluid import EquilibriumFluid

_FEWEST, _FEWEST_COVERED = 4, 6


def variety_rows(fluid: EquilibriumFluid, generated: Sequence[Generated], dataset: Dataset) -> list[dict[str, Any]]:
    """A row for each source and gamma, of as many configurations as the test set has; the fluid itself first.

    - novelty: median distance to the nearest training configuration over that of test configurations: near 0 for
      copies. It measures copies alone: an unphysical configuration is as far from the data as the fluid is.
    - coverage: fraction of test configurations with a generated one within their own fifth neighbour, by pair energy
      (clipped at 100 epsilon), sum of heights and radius of gyration, in standard deviations of the test set.
    """
    rows, gamma_index = [], fluid.ground_truth.test.gamma_index
    for index, gamma in enumerate(fluid.gammas):
        test = dataset.test.positions[np.flatnonzero(gamma_index == index)]
        if len(test) < _FEWEST_COVERED:
            continue
        known = _features(test, fluid)
        sets = [({"variant": EQUILIBRIUM, "seed": -1, "source": "fluid"}, fluid.others[gamma])]
        sets += [(each.ids, of_gamma(each, index)) for each in from_priors(generated)]
        for ids, positions in sets:
            own = positions[: len(test)]
            if len(own) < _FEWEST:
                continue
            scores = {
                "novelty": novelty(own, dataset.train.positions, test),
                "coverage": coverage(_features(own, fluid), known),
            }
            rows.append({**ids, "gamma": gamma, "number": len(own), **scores})
    return rows


def _features(positions: jax.Array, fluid: EquilibriumFluid) -> np.ndarray:
    values = jax.device_get(observables(positions, fluid.system))
    return np.stack([clipped_energies(positions, fluid), values.mean_height, values.radius_of_gyration], axis=1)
