"""Estimated time of a run, printed before it starts."""

from lcpjax.report.progress import print_line

# Measured on two CPU cores (AVX2); elsewhere they only set the order of magnitude.
_PER_SECOND = {
    "partners": 1.5e9,  # Of moves: pairs evaluated at N = 30.
    "configurations": 6e3,  # Shown to seed_conv in training, at batch size 64.
    "configurations of a density": 240.0,  # Shown to a model that learns its prior.
    "images": 3.6e4,  # Shown to a perceptron.
}
_START_SECONDS = 25.0


def print_estimate(what: str, work: dict[str, float]) -> None:
    """Print how long a run will take on two CPU cores, coarsely, and that a smaller scale exists.

    Args:
        work: amounts of partners, configurations, configurations of a density, images.

    >>> print_estimate("train", {"partners": 1e10, "configurations": 18 * 10 * 3200})
    train: about 2 minutes on two CPU cores; +scale=smoke takes seconds
    """
    seconds = _START_SECONDS + sum(amount / _PER_SECOND[kind] for kind, amount in work.items())
    if seconds <= 45:
        print_line(f"{what}: less than a minute on two CPU cores")
        return
    unit, length = ("hours", 3600.0) if seconds >= 5400 else ("minutes", 60.0)
    expected = f"{round(seconds / length)} {unit}" if seconds >= 90 else "a minute"
    print_line(f"{what}: about {expected} on two CPU cores; +scale=smoke takes seconds")
