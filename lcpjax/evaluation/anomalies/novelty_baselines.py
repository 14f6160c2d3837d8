"""Scores of scikit-learn's novelty detectors: what any features give without a model of their own."""

from collections.abc import Callable, Mapping

import numpy as np
from jaxtyping import Float, Float64

from lcpjax.array_arguments import takes_arrays

Rows = Float[np.ndarray, "configurations features"]
OtherRows = Float[np.ndarray, "others features"]

NEIGHBOURS, FOREST, OUTLIER_FACTOR = "nearest_neighbours", "isolation_forest", "local_outlier_factor"
BASELINES = (NEIGHBOURS, FOREST, OUTLIER_FACTOR)

_NUM_TREES = 200


@takes_arrays
def novelty_baselines(
    normal: Rows, num_neighbours: int, seed: int = 0
) -> Mapping[str, Callable[[OtherRows], Float64[np.ndarray, " others"]]]:
    """Scores learnt from normal features, each a function of features, larger for stranger ones.

    - nearest_neighbours: the distance to the k-th nearest normal configuration.
    - isolation_forest: how few cuts set a configuration apart (Liu, Ting and Zhou, 2008).
    - local_outlier_factor: how much thinner its surroundings are than its neighbours' (Breunig et al., 2000).

    Args:
        normal: (configurations, features).
        num_neighbours: k, of the first and the last.
        seed: of the forest.
    """
    # Take seconds to import, and little else needs them.
    from sklearn.ensemble import IsolationForest
    from sklearn.neighbors import LocalOutlierFactor, NearestNeighbors

    rows = np.asarray(normal, np.float32)
    neighbours = min(num_neighbours, len(rows) - 1)
    nearest = NearestNeighbors(n_neighbors=neighbours).fit(rows)
    forest = IsolationForest(n_estimators=_NUM_TREES, random_state=seed).fit(rows)
    factor = LocalOutlierFactor(neighbours, novelty=True).fit(rows)

    def distance(others: OtherRows) -> Float64[np.ndarray, " others"]:
        return nearest.kneighbors(np.asarray(others, np.float32))[0][:, -1].astype(np.float64)

    return {
        NEIGHBOURS: distance,
        FOREST: lambda others: -np.asarray(forest.score_samples(np.asarray(others, np.float32)), np.float64),
        OUTLIER_FACTOR: lambda others: -np.asarray(factor.score_samples(np.asarray(others, np.float32)), np.float64),
    }
