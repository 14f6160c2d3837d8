"""Chapters of the study's slides: what was said there, and the experiment that asks again."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

FOLDER = "chapters"
"""Of the study's run folder, with those of the chapters in it."""


class Chapter(NamedTuple):
    """One chapter of the page."""

    name: str
    """Of its run folder; the experiment's name."""
    title: str
    claim: str
    """What the slides say, in their words or close to them."""
    note: str
    """Why it is so, and what the exact bound is; true of any run."""
    figures: tuple[str, ...]
    """Those of the experiment that the page shows, as far as they were drawn."""
    minutes: float
    """At scale `laptop` on two CPU cores, after the chapters before it."""
    changes: Mapping[str, Any] = MappingProxyType({})
    """By dotted key: fewer models than the experiment has by itself, so that the whole takes minutes."""
    in_proportion: Mapping[str, tuple[float, str]] = MappingProxyType({})
    """By dotted key: sizes of the experiment's own that no scale sets, as so many times one that every scale sets."""


CHAPTERS = (
    Chapter(
        "sample",
        "Data: a fluid of Lennard-Jones particles under gravity",
        "10,000 configurations at each gamma of 0.1, 0.4, 0.7 and 1, by the Metropolis algorithm: proposals on all "
        "particles in turn, a new random start after every sample.",
        "Chains are independent, and each dataset is checked: after as many sweeps again, means must be the "
        "same. Other laws that hold exactly, whatever the chains, are checked by the experiment verification.",
        (),
        0.15,
    ),
    Chapter(
        "representations",
        "First attempts: coordinates, distance matrices, fully connected, convolutional",
        "Coordinates into fully connected layers failed to capture any meaningful feature, distance matrices of sorted "
        "points did not either; convolutions gave the first promising results.",
        "Linear PCA is the best linear code, and the baseline of every network. Distances are no linear "
        "functions of coordinates, so a good code of matrices has to be curved, and a short training has "
        "hardly got beyond linear ones. How the particles are ordered changes how much a linear code can do.",
        ("representations",),
        1.6,
        {
            "settings.orderings": ["none", "height"],
            "settings.networks": ["perceptron_on_coordinates", "perceptron_on_distances", "convolutional"],
        },
    ),
    Chapter(
        "lambda_sweep",
        "The weight of the KL term",
        "Lower mean squared error with lower lambda.",
        "Lambda is the price of information: a nat (1.44 bits) in the code has to lower the error by lambda. A "
        "latent that does not carries nothing, and its posterior becomes the prior. Where all have collapsed, the "
        "decoder gives the mean of the training matrices. Principal components are computed outright, a network finds "
        "its code in small steps: some hundreds of them end above principal components, a hundred times as many far "
        "below.",
        ("lambda_curve", "reconstructions"),
        0.65,
        {"sweep.plane_orderings": []},
    ),
    Chapter(
        "latent_dim_sweep",
        "The number of latents",
        "Lower mean squared error with more latents; more complex convolutions made no meaningful difference.",
        "57 numbers fix a matrix of distances of 30 particles in the plane: 60 coordinates less a rigid "
        "motion. But not linearly: a curved code of 57 could be exact, 57 principal components cannot. Any "
        "smaller code leaves something out.",
        ("latent_dim_curve",),
        1.1,
        {"sweep.plane_orderings": []},
    ),
    Chapter(
        "latent_clusters",
        "Clusters of gravity in the latent space",
        "Clusters are in line with expectations; the first two principal components account for 8 to 15 % of the "
        "variance.",
        "Given a configuration, the sum of all heights holds everything about gamma, so the exact posterior "
        "is known. No probe of any code can be more accurate. The KL term makes used latents equally wide, so "
        "two of 40 axes carry little more than 2 / 40 = 5 % of the variance.",
        ("latent_clusters", "gamma_information"),
        3.8,
        {"sweep.models": ["seed_conv", "anchored", "best"]},
    ),
    Chapter(
        "coordinates",
        "Coordinates from distances: Gram matrices and the tumbler",
        "Learning coordinates failed at every level of complexity; the Gram matrix gives them up to a motion, and "
        "the tumbler lets them sit on the side of their hull that is closest to the centre of mass.",
        "Exact distances give the coordinates up to a rigid motion and a mirror, without learning. The "
        "direction of gravity is lost with them. Anchors in the corners, or coordinates as input, keep it; an "
        "order by height keeps it nearly.",
        ("coordinates", "routes"),
        1.0,
        {"sweep.models": ["seed_conv", "best"]},
    ),
    Chapter(
        "energies",
        "Energies of reconstructions",
        "The potential is unforgiving and diverges very easily; it was cut at one sigma to look at the distribution.",
        "A pair at 0.9 sigma costs 7 epsilon, at 0.8 sigma 43. Energies are therefore the strictest test of a "
        "reconstruction: only errors of about a hundredth of a sigma leave them as they were.",
        ("energies",),
        0.35,
        {"sweep.models": ["seed_conv", "best"]},
    ),
    Chapter(
        "anomalies",
        "Anomalies: unseen gravity, another potential, random and displaced points",
        "At an unseen gamma and under a fake potential the error is surprisingly good; of random points it is all over "
        "the place; of four displaced particles it clearly reflects the anomaly.",
        "The best possible test compares the exact probabilities of the two fluids: its AUROC is the ceiling "
        "of every score. The error of an autoencoder measures how hard a configuration is to code, and what "
        "is more regular than the fluid is easier: it takes a soft fluid for more normal than the real one, and does "
        "not see displaced particles. A density that is asked of each particle comes near the ceiling.",
        ("detection",),
        2.4,
        {
            "sweep.models": ["seed_conv", "best"],
            "settings.num_choosing": 25,
            "settings.new_gammas": [1.5],
            # The study's own corruption.
            "settings.largest_steps": [0.2],
        },
    ),
    Chapter(
        "missing_data",
        "Missing data",
        "Regions of the distance matrices were blacked out, to exploit the convolutions for their reconstruction.",
        "Where the distances that are left can belong to one configuration only, up to a motion and a mirror, "
        "all others follow by geometry, and a network should make no error. Otherwise there is a posterior, "
        "and its draws are what imputations are compared with.",
        ("before_after", "solved"),
        2.5,
        {
            "sweep.models": ["seed_conv", "best"],
            "settings.num_configurations": 24,
            "settings.diagonal_blocks": [10],
            "settings.random_fractions": [0.7],
            "settings.lost_particles": [1],
            "settings.links": [0, 2],
        },
        {
            "settings.num_moves": (3, "evaluation.configurations_per_gamma"),
            "settings.num_completed": (0.05, "evaluation.configurations_per_gamma"),
        },
    ),
    Chapter(
        "latent_probes",
        "Forty dimensions under the latent sea",
        "Zero is completely featureless; moving along the most significant dimensions gradually reveals a pattern, "
        "each its own.",
        "Zero is the centre of the prior. After a short training the decoder gives about the mean of all matrices "
        "there, and the mean of many configurations is the matrix of none; after a long one it gives a matrix of its "
        "own, still with particles that overlap. Latents drawn from the prior only make sense all together.",
        ("traversals_seed_conv",),
        0.55,
        {"sweep.models": ["seed_conv", "anchored"]},
    ),
    Chapter(
        "generation",
        "New configurations from the latent space",
        "Sampling from the five most relevant dimensions showed no apparent pattern.",
        "A density p of configurations is perfect if the fluid's own entropy is all that its mean -ln p "
        "costs. What it has above that, in nats, is how far it is from perfect: 0 is perfect, and with more nats "
        "fewer of its draws count, roughly a fraction exp(-nats).",
        ("structures", "generated"),
        3.0,
        {"sweep.models": ["best"], "settings.new_gammas": []},
    ),
    Chapter(
        "occupancy_images",
        "An alternative: images of occupied cells",
        "The network took live pixels for noise and at most learned some sort of gradient in y.",
        "An image of occupied cells knows positions to about a third of a cell. Cells are empty nine times "
        "out of ten, so a network that says nothing everywhere has a low cross entropy.",
        ("images", "models"),
        1.5,
        {"sweep.models": ["seed_conv"], "settings.route_cells": [16], "settings.models": ["slides", "slides_local"]},
        {"settings.overfitting_steps": (0.5, "evaluation.configurations_per_gamma")},
    ),
)
"""Nearly in the order of the slides; what is sampled and swept comes first."""
