"""Random streams: one for each purpose, from one seed."""

import enum


@enum.unique
class Stream(enum.IntEnum):
    """Number folded into the key of a seed. Numbers are never reused: stored data depend on them."""

    INITIAL_POSITIONS = 0
    MOVES = 1
    SHARED_STARTS = 2
    EQUILIBRIUM_CHECK = 3
    LONG_RUNS = 4
    TEMPERING = 5
    EXACT_CHECKS = 6
    ENTROPY = 7
    COMPARING = 8
    IDEAL_GAS = 9
    POSTERIOR_SAMPLES = 11
    COUPLING_INTEGRAL = 12
    ACCEPTANCE_RATIO = 13


@enum.unique
class Decision(enum.IntEnum):
    """Number of a random decision that is no move, under one run's key; see ``derived_key``."""

    ORDER = 0
    """Which particle moves, in random order."""
    SWAP = 1
    """Whether neighbouring rungs of a ladder swap."""
    NONLOCAL_SWEEP = 2
    """Whether a chain's sweep is a non-local one."""


@enum.unique
class Seed(enum.IntEnum):
    """Seeds of everything random besides sampling and training, whose seeds are in the config.

    All but EVALUATION have one purpose; several uses of one purpose fold in their own numbers.
    NumPy's generators share no stream with JAX's keys.
    """

    # Numbers that are missing were those of other purposes: a number is never reused.

    EVALUATION = 0
    """Every measurement of a dataset or a model without an entry of its own."""
    RECONSTRUCTIONS = 1
    ENERGIES = 2
    REPAIR = 3
    FEW_LATENTS = 4
    GENERATED = 5
    REFERENCE_FLUID = 6
    GENERATED_METRICS = 7
    LIKELIHOOD = 8
    WARM_START = 9
    ANOMALY_DETECTOR = 12
    ANOMALOUS_SETS = 14
    OCCUPANCY_IMAGES = 15
    MASKS = 21
    IMPUTATION = 22
