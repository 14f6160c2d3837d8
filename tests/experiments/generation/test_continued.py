"""Sweeps between independent configurations of chains that are continued."""

import itertools

import numpy as np
import pytest

from lcpjax.experiments.generation.continued import continued_rows, integrated_autocorrelation
from lcpjax.sampler import Configurations

SWEEPS = [0, 1, 2, 5, 10, 20, 50, 100, 200, 500]


def test_the_integral_of_an_exponential_autocorrelation_is_its_time():
    """An autoregressive chain of time 20 has 2 int exp(-t / 20) dt = 40 sweeps between independent values."""
    random = np.random.default_rng(0)
    rows = [random.normal(size=20_000)]
    for before, after in itertools.pairwise(SWEEPS):
        kept = np.exp(-(after - before) / 20)
        rows.append(kept * rows[-1] + np.sqrt(1 - kept**2) * random.normal(size=20_000))
    # Trapezia under a convex curve on this grid add a tenth; correlations scatter by 0.007.
    assert integrated_autocorrelation(SWEEPS, np.array(rows)) == pytest.approx(40.0, rel=0.13)


def test_without_a_snapshot_of_no_correlation_the_time_is_not_known():
    values = np.random.default_rng(0).normal(size=100)
    assert integrated_autocorrelation([0, 1], np.stack([values, values])) == np.inf
    fresh = np.random.default_rng(1).normal(size=100)
    assert integrated_autocorrelation([0, 1], np.stack([values, fresh])) == pytest.approx(1.0)


def test_mixed_moves_of_few_particles_forget_sooner_than_local_ones(fluid, dataset):
    rows = continued_rows(fluid, dataset.train, [0, 1, 2, 5, 10, 20, 50, 100])
    found = {(row["moves"], row["gamma"]): row["sweeps_per_effective_configuration"] for row in rows}
    assert len(found) == 4
    for gamma in fluid.gammas:
        assert 1.0 <= found["mixed", gamma] < found["local", gamma]
    assert {row["number"] for row in rows} == {100}
    few = Configurations(*(leaf[:2] for leaf in dataset.train))
    assert continued_rows(fluid, few, [1]) == []
