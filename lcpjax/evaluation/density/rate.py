"""Rates relative to the entropy, in nats: Shannon's lower bound, the rate above it, and the gap of a density."""

import math

from lcpjax.representation import Representation


def ordered_entropy(labelled_entropy: float, num_particles: int, representation: Representation) -> float:
    """Entropy of coordinates in a representation's own order and image, in nats.

    An order that is a function of the set of particles subtracts ln N!, a canonical image of
    the x-mirror ln 2: exactly, because all orders and both images are equally likely.

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
    """Shannon's lower bound R(D) = h - N ln(2 pi e D) on the rate of any code with an error D, in nats.

    Two coordinates a particle, each with the largest entropy that an error of D allows, a
    Gaussian's. Vacuous below 0, and not cut off there. Shannon, IRE Nat. Conv. Rec. 4, 142 (1959).

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
    """KL - R(D), in nats: the rate above Shannon's lower bound at the code's error; below 0 there is a bug.

    For a Gaussian decoder with its optimal shared variance it equals ``nats_above_entropy``.

    Args:
        kl_nats: mean KL(q(z | x) || p(z)) with the prior that the model uses.
        entropy: h of what is encoded, in nats.
        error_per_coordinate: D of a decoded posterior sample, in sigma squared.
    """
    return kl_nats - shannon_lower_bound(entropy, num_particles, error_per_coordinate)


def nats_above_entropy(mean_log_likelihood: float, entropy: float) -> float:
    """-<ln p(x)> - h, in nats: the gap of a density, or of a bound on it, to the true one; below 0 there is a leak.

    Args:
        mean_log_likelihood: over held-out configurations; a bound such as the ELBO makes the number larger.
        entropy: h of what the density is of, in nats.
    """
    return -mean_log_likelihood - entropy
