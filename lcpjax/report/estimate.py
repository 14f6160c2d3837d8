"""Estimated time of a run, printed before it starts."""

from typing import NamedTuple

from lcpjax.report.progress import print_line

# Measured on two CPU cores (AVX2): sampling at N = 30 with 29 partners a move, training seed_conv at
# batch size 64. Elsewhere they only set the order of magnitude.
_PARTNERS_PER_SECOND = 1.5e9
_TRAINED_SAMPLES_PER_SECOND = 6e3
_START_SECONDS = 25.0


class Work(NamedTuple):
    """Amount of work in a run."""

    num_moves: float
    num_particles: int
    num_trained_samples: float
    """Configurations shown to a model, summed over epochs and models."""


def print_estimate(what: str, work: Work) -> None:
    """Print the estimated time of a run, and that a smaller one exists."""
    expected = estimated_time(work)
    smaller = "" if expected.startswith("less") else "; +scale=smoke takes seconds"
    print_line(f"{what}: {expected}{smaller}")


def estimated_time(work: Work) -> str:
    """Expected time on two CPU cores, coarsely rounded.

    >>> estimated_time(Work(3.6e8, 30, 18 * 10 * 3200))
    'about 2 minutes on two CPU cores'
    """
    sampling = work.num_moves * (work.num_particles - 1) / _PARTNERS_PER_SECOND
    seconds = _START_SECONDS + sampling + work.num_trained_samples / _TRAINED_SAMPLES_PER_SECOND
    for unit, length in (("hours", 3600.0), ("minutes", 60.0)):
        if seconds >= 1.5 * length:
            return f"about {round(seconds / length)} {unit} on two CPU cores"
    return "about a minute on two CPU cores" if seconds > 45 else "less than a minute on two CPU cores"
