"""Chapters of the study's slides, in their order: what was said there, and the experiment that asks again."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple


class Chapter(NamedTuple):
    """One chapter of the page."""

    name: str
    """Of its run folder; the experiment's name."""
    title: str
    claim: str
    """What the slides say, in their words or close to them."""
    figures: tuple[str, ...]
    """Those of the experiment that the page shows, as far as they were drawn."""
    minutes: float
    """At scale `laptop` on two CPU cores, after the chapters before it."""
    changes: Mapping[str, Any] = MappingProxyType({})
    """By dotted key: fewer models than the experiment has by itself, so that the whole takes minutes."""


CHAPTERS = (
    Chapter(
        "sample",
        "Data: a fluid of Lennard-Jones particles under gravity",
        "10,000 configurations at each gamma of 0.1, 0.4, 0.7 and 1, by the Metropolis algorithm: proposals on all "
        "particles in turn, a new random start after every sample.",
        ("configurations",),
        0.5,
    ),
    Chapter(
        "representations",
        "First attempts: coordinates, distance matrices, fully connected, convolutional",
        "Coordinates into fully connected layers failed to capture any meaningful feature, distance matrices of sorted "
        "points did not either; convolutions gave the first promising results.",
        ("representations",),
        1.5,
        {
            "settings.orderings": ["none", "height"],
            "settings.networks": ["perceptron_on_coordinates", "perceptron_on_distances", "convolutional"],
        },
    ),
    Chapter(
        "lambda_sweep",
        "The weight of the KL term",
        "Lower mean squared error with lower lambda.",
        ("lambda_curve", "reconstructions"),
        1,
        {"sweep.plane_orderings": []},
    ),
    Chapter(
        "latent_dim_sweep",
        "The number of latents",
        "Lower mean squared error with more latents; more complex convolutions made no meaningful difference.",
        ("latent_dim_curve",),
        1.5,
        {"sweep.plane_orderings": []},
    ),
    Chapter(
        "latent_clusters",
        "Clusters of gravity in the latent space",
        "Clusters are in line with expectations; the first two principal components account for 8 to 15 % of the "
        "variance.",
        ("latent_clusters", "gamma_information"),
        3.5,
        {"sweep.models": ["seed_conv", "anchored", "best"]},
    ),
    Chapter(
        "coordinates",
        "Coordinates from distances: Gram matrices and the tumbler",
        "Learning coordinates failed at every level of complexity; the Gram matrix gives them up to a motion, and "
        "the tumbler lets them sit on the side of their hull that is closest to the centre of mass.",
        ("coordinates", "routes"),
        2,
        {"sweep.models": ["seed_conv", "best"]},
    ),
    Chapter(
        "energies",
        "Energies of reconstructions",
        "The potential is unforgiving and diverges very easily; it was cut at one sigma to look at the distribution.",
        ("energies",),
        1,
        {"sweep.models": ["seed_conv", "best"]},
    ),
    Chapter(
        "anomalies",
        "Anomalies: unseen gravity, another potential, random and displaced points",
        "At an unseen gamma and under a fake potential the error is surprisingly good; of random points it is all over "
        "the place; of four displaced particles it clearly reflects the anomaly.",
        ("detection",),
        3,
        {"sweep.models": ["seed_conv", "best"], "settings.num_choosing": 50},
    ),
    Chapter(
        "missing_data",
        "Missing data",
        "Regions of the distance matrices were blacked out, to exploit the convolutions for their reconstruction.",
        ("before_after", "solved"),
        3,
        {"sweep.models": ["seed_conv", "best"], "settings.num_configurations": 24},
    ),
    Chapter(
        "latent_probes",
        "Forty dimensions under the latent sea",
        "Zero is completely featureless; moving along the most significant dimensions gradually reveals a pattern, "
        "each its own.",
        ("traversals_seed_conv",),
        1,
        {"sweep.models": ["seed_conv", "anchored"]},
    ),
    Chapter(
        "generation",
        "New configurations from the latent space",
        "Sampling from the five most relevant dimensions showed no apparent pattern.",
        ("configurations", "generated"),
        4,
        {"sweep.models": ["best"]},
    ),
    Chapter(
        "occupancy_images",
        "An alternative: images of occupied cells",
        "The network took live pixels for noise and at most learned some sort of gradient in y.",
        ("images", "models"),
        1,
        {"sweep.models": ["seed_conv"], "settings.route_cells": [16], "settings.models": ["slides", "all"]},
    ),
)
"""In the order of the slides."""
