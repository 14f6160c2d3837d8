"""Baselines: scores of scikit-learn's novelty detectors on any features."""

from collections.abc import Callable, Mapping

import numpy as np
from jaxtyping import Float, Float64

from lcpjax.array_arguments import takes_arrays
from lcpjax.errors import InputError

Rows = Float[np.ndarray, "configurations features"]
OtherRows = Float[np.ndarray, "others features"]

NEIGHBOURS, FOREST, OUTLIER_FACTOR = "nearest_neighbours", "isolation_forest", "local_outlier_factor"

_NUM_TREES = 200


@takes_arrays
def novelty_baselines(
    normal: Rows, num_neighbours: int, seed: int = 0
) -> Mapping[str, Callable[[OtherRows], Float64[np.ndarray, " others"]]]:
    """Scores learned from normal features, each a function of features, larger for more anomalous ones.

    +inf for features that are not finite in single precision.

    - nearest_neighbours: the distance to the k-th nearest normal configuration.
    - isolation_forest: few cuts isolate a configuration (Liu, Ting and Zhou, 2008).
    - local_outlier_factor: density around the neighbours relative to its own (Breunig et al., 2000).

    Args:
        normal: (configurations, features).
        num_neighbours: k, of the first and the last.
        seed: of the forest.

    Raises:
        InputError: normal features that are not finite.
    """
    # Take seconds to import, and little else needs them.
    from sklearn.ensemble import IsolationForest
    from sklearn.neighbors import LocalOutlierFactor, NearestNeighbors

    with np.errstate(over="ignore"):
        rows = np.asarray(normal, np.float32)
    if not np.isfinite(rows).all():
        number = int((~np.isfinite(rows).all(axis=1)).sum())
        raise InputError(
            f"normal: {number} of {len(rows)} configurations have features that are not finite; all must be"
        )
    neighbours = min(num_neighbours, len(rows) - 1)
    nearest = NearestNeighbors(n_neighbors=neighbours).fit(rows)
    forest = IsolationForest(n_estimators=_NUM_TREES, random_state=seed).fit(rows)
    factor = LocalOutlierFactor(neighbours, novelty=True).fit(rows)

    return {
        NEIGHBOURS: _of_finite(lambda others: nearest.kneighbors(others)[0][:, -1]),
        FOREST: _of_finite(lambda others: -forest.score_samples(others)),
        OUTLIER_FACTOR: _of_finite(lambda others: -factor.score_samples(others)),
    }


def _of_finite(score: Callable[[np.ndarray], np.ndarray]) -> Callable[[OtherRows], Float64[np.ndarray, " others"]]:
    """A score with +inf for features that are not finite, which scikit-learn refuses."""

    def of_all(others: OtherRows) -> Float64[np.ndarray, " others"]:
        with np.errstate(over="ignore"):
            rows = np.asarray(others, np.float32)
        is_finite, scores = np.isfinite(rows).all(axis=1), np.full(len(rows), np.inf)
        if is_finite.any():
            scores[is_finite] = score(rows[is_finite])
        return scores

    return of_all
