"""Whether what belongs together lies together: labels of neighbours, and classes against each other."""

import numpy as np
from jaxtyping import Array, Int

from lcpjax.array_types import HeldOutSamples, Labels, Latent


def neighbour_accuracy(
    latent: Latent,
    labels: Labels,
    held_out: HeldOutSamples,
    held_out_labels: Int[Array, " held_out"],
    num_neighbours: int,
) -> float:
    """The share of held-out points whose label most of their nearest neighbours have.

    Args:
        held_out: (held_out, latent).
        num_neighbours: who vote.
    """
    from sklearn.neighbors import KNeighborsClassifier  # Takes seconds, and little else needs it.

    voters = KNeighborsClassifier(num_neighbours).fit(np.asarray(latent), np.asarray(labels))
    return float(voters.score(np.asarray(held_out), np.asarray(held_out_labels)))


def silhouette(latent: Latent, labels: Labels) -> float:
    """Mean over points of (b - a) / max(a, b), from -1 to 1; 0: classes overlap, 1: they are far and tight.

    a: mean distance to the others of its class; b: to those of the nearest other class. P. J. Rousseeuw,
    "Silhouettes: a graphical aid to the interpretation and validation of cluster analysis" (1987).
    """
    from sklearn.metrics import silhouette_score

    return float(silhouette_score(np.asarray(latent), np.asarray(labels)))
