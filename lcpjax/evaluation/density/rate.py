"""Rates beside the entropy, in nats: Shannon's lower bound, the excess over it, and densities above the entropy."""

import math

from lcpjax.representation import Representation


def ordered_entropy(labelled_entropy: float, num_particles: int, representation: Representation) -> float:
    """H of coordinates in a representation's own order and image, in nats, from that of labelled coordinates.

    An order that is a function of the set of particles takes ln N!, a canonical
    image of the x-mirror ln 2: exactly, because all orders and both images are
    equally likely. Without an order nothing is taken for it.

    Args:
        labelled_entropy: ``FreeEnergy.mixture_entropy``, or its entropy at one gamma.

    >>> round(ordered_entropy(97.1, 30, Representation("coordinates", "height")), 2)
    22.44
    >>> ordered_entropy(97.1, 30, Representation("coordinates", "none"))
    97.1
    """
    of_order = 0.0 if representation.ordering == "none" else math.lgamma(num_particles + 1)
    of_image = math.log(2) if representation.mirror == "canonical" else 0.0
    return labelled_entropy - of_order - of_image


def shannon_lower_bound(entropy: float, num_particles: int, error_per_coordinate: float) -> float:
    """R(D) = h - N ln(2 pi e D): the fewest nats that leave an error D, whatever the code.

    Two coordinates a particle, each with the largest entropy that an error of D
    allows, a Gaussian's. Not cut off at 0, where it says nothing. Shannon, IRE
    Nat. Conv. Rec. 4, 142 (1959).

    Args:
        entropy: h of what is encoded, in nats.
        error_per_coordinate: D, of a decoded posterior sample, unaligned and in order, in sigma squared: RMSD^2 / 2.

    >>> [round(shannon_lower_bound(22.44, 30, rmsd**2 / 2)) for rmsd in (0.04, 0.1, 0.2, 0.3)]
    [151, 96, 55, 30]
    """
    if error_per_coordinate == 0:
        return math.inf
    return entropy - num_particles * math.log(2 * math.pi * math.e * error_per_coordinate)


def rate_above_shannon_bound(kl_nats: float, entropy: float, num_particles: int, error_per_coordinate: float) -> float:
    """KL - R(D), in nats: what a code spends beyond the fewest that leave its error; below 0 there is a bug.

    For a Gaussian decoder of one shared variance at its best it is the whole gap, ``nats_above_entropy``.

    Args:
        kl_nats: mean KL(q(z | x) || p(z)) with the prior that the model uses.
        entropy: h of what is encoded, in nats.
        error_per_coordinate: D of a decoded posterior sample, in sigma squared.
    """
    return kl_nats - shannon_lower_bound(entropy, num_particles, error_per_coordinate)


def nats_above_entropy(mean_log_likelihood: float, entropy: float) -> float:
    """-<ln p(x)> - h, in nats: how far a density, or a bound on it, is from the true one; below 0 there is a leak.

    Args:
        mean_log_likelihood: over held-out configurations; a bound such as the ELBO makes the number larger.
        entropy: h of what the density is of, in nats.
    """
    return -mean_log_likelihood - entropy
