"""Coherence of latents with labels: neighbours, silhouette and clusters."""

from collections.abc import Generator
from contextlib import contextmanager

import numpy as np
from jaxtyping import Array, Float, Int

from lcpjax.array_arguments import takes_arrays
from lcpjax.array_types import HeldOutSamples, Labels, Latent
from lcpjax.errors import InputError

Points = Float[np.ndarray | Array, "points latent"]
Classes = Int[np.ndarray | Array, " points"]


@takes_arrays
def neighbour_accuracy(
    latent: Latent,
    labels: Labels,
    held_out: HeldOutSamples,
    held_out_labels: Int[Array, " held_out"],
    num_neighbours: int,
) -> float:
    """Fraction of held-out points that have the label of most of their nearest neighbours.

    Args:
        held_out: (held_out, latent).
        num_neighbours: that vote.

    Raises:
        InputError: points that are not finite, none held out, or fewer than neighbours.
    """
    from sklearn.neighbors import KNeighborsClassifier  # Takes seconds, and little else needs it.

    with _refusals_in_one_line("neighbour_accuracy"):
        voters = KNeighborsClassifier(num_neighbours).fit(np.asarray(latent), np.asarray(labels))
        return float(voters.score(np.asarray(held_out), np.asarray(held_out_labels)))


@takes_arrays
def silhouette(latent: Points, labels: Classes) -> float:
    """Mean over points of (b - a) / max(a, b), from -1 to 1; 0: classes overlap, 1: they are far and tight.

    a: mean distance to the others of its class; b: to those of the nearest other class. P. J. Rousseeuw,
    "Silhouettes: a graphical aid to the interpretation and validation of cluster analysis" (1987).

    Raises:
        InputError: points that are not finite, or a single class, or no more points than classes.
    """
    from sklearn.metrics import silhouette_score

    with _refusals_in_one_line("silhouette"):
        return float(silhouette_score(np.asarray(latent), np.asarray(labels)))


@takes_arrays
def cluster_agreement(latent: Points, labels: Classes, seed: int = 0) -> float:
    """Adjusted Rand index of the labels and as many clusters by k-means: 0 by chance, 1: the clusters are the classes.

    Hubert and Arabie, "Comparing partitions" (1985).

    Args:
        seed: of the clusters' first centres.

    Raises:
        InputError: no points, or some that are not finite.
    """
    from sklearn.cluster import KMeans
    from sklearn.metrics import adjusted_rand_score

    num_classes = np.unique(np.asarray(labels)).size
    with _refusals_in_one_line("cluster_agreement"):
        clusters = KMeans(num_classes, n_init=10, random_state=seed).fit_predict(np.asarray(latent))
        return float(adjusted_rand_score(np.asarray(labels), clusters))


@contextmanager
def _refusals_in_one_line(name: str) -> Generator[None]:
    """What scikit-learn refuses, as this package does; some of it comes with advice in further lines."""
    try:
        yield
    except ValueError as error:
        raise InputError(f"{name}: {str(error).splitlines()[0]}") from None
