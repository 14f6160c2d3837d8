"""The gamma slope: ln [P(sum y; g2) / P(sum y; g1)] is a straight line of slope -(g2 - g1) / T.

Gravity enters the weight only as exp(-gamma sum y / T), whatever the particles do
to each other, so the two distributions of sum y differ by that factor alone.
"""

import itertools
import math

import numpy as np
from scipy.special import expit

from lcpjax.sampler.verification.check import ChainValues, Check, check_mean
from lcpjax.sampler.verification.sampled_chains import SampledChains
from lcpjax.sampler.verification.sensitivity import Sensitivity

_MOST_ITERATIONS = 100


def check_gamma_slopes(chains: SampledChains) -> list[Check]:
    """The slope for every pair of neighbouring gammas, by maximum likelihood."""
    sums = {gamma: positions[..., 1].sum(axis=1) for gamma, positions in chains.positions.items()}
    checks = []
    for low, high in itertools.pairwise(sorted(sums)):
        exact = -(high - low) / chains.subject.system.temperature
        slope, error = logistic_slope(sums[low], sums[high])
        label, size = f"{low:g} to {high:g}", min(sums[low].size, sums[high].size)
        z = (slope - exact) / error
        # In the pair energy the slope does not occur.
        response = Sensitivity.exact(-exact, 0.0)._replace(spread=error * math.sqrt(size))
        checks.append(Check(chains.subject, "gamma slope (1/sigma)", label, slope, exact, error, size, z, response))
    return checks


def logistic_slope(low: ChainValues, high: ChainValues) -> tuple[float, float]:
    """Maximum-likelihood slope of ln(odds of being one of ``high``) in the value, and its standard error.

    The standard error is from the Fisher information. Samples that nowhere
    overlap have no such slope: both are nan.
    """
    values = np.concatenate([low, high])
    is_high = np.repeat([0.0, 1.0], [low.size, high.size])
    if not np.isfinite(values).all() or low.max() < high.min() or high.max() < low.min():
        return math.nan, math.nan
    centre, scale = values.mean(), values.std()
    inputs = np.stack([np.ones_like(values), (values - centre) / scale], axis=1)
    coefficients = np.zeros(2)
    for _ in range(_MOST_ITERATIONS):
        odds = expit(inputs @ coefficients)
        information = inputs.T @ (inputs * (odds * (1.0 - odds))[:, None])
        step = np.linalg.solve(information, inputs.T @ (is_high - odds))
        # Newton's step, limited to length 1: from far away it would overshoot.
        coefficients = coefficients + step / max(1.0, float(np.linalg.norm(step)))
        if np.abs(step).max() < 1e-10:
            break
    error = math.sqrt(np.linalg.inv(information)[1, 1])
    return float(coefficients[1] / scale), float(error / scale)


def check_mean_across(chains: SampledChains) -> list[Check]:
    """Mean x against the middle of the box, at every gamma, by symmetry."""
    middle = chains.subject.system.box_side / 2
    return [
        check_mean(chains.subject, "mean x (sigma)", f"{gamma:g}", positions[..., 0].mean(axis=1), middle)
        for gamma, positions in chains.positions.items()
    ]
