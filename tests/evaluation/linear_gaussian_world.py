"""A world whose entropy is known: configurations x = W z + noise, of 4 particles and 3 latents."""

import math

import numpy as np

NUM_PARTICLES, NOISE = 4, 0.2
GENERATOR = np.random.default_rng(0)
# Columns at right angles, so that the exact posterior is diagonal.
LENGTHS = np.array([2.0, 1.0, 0.5])
WEIGHTS = np.linalg.qr(GENERATOR.normal(size=(2 * NUM_PARTICLES, 3)))[0] * LENGTHS
COVARIANCE = WEIGHTS @ WEIGHTS.T + NOISE**2 * np.eye(2 * NUM_PARTICLES)
ENTROPY = 0.5 * np.linalg.slogdet(2 * math.pi * math.e * COVARIANCE)[1]


def exact_rows():
    """1000 configurations with exactly the world's mean and covariance, so that no average has a sampling error."""
    rows = GENERATOR.normal(size=(1000, 2 * NUM_PARTICLES))
    rows -= rows.mean(axis=0)
    whitened = rows @ np.linalg.inv(np.linalg.cholesky(rows.T @ rows / len(rows))).T
    return whitened @ np.linalg.cholesky(COVARIANCE).T


ROWS = exact_rows()
