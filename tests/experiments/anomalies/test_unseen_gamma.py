"""Sum y read from codes: an identity where codes are coordinates, and said to be one."""

from types import SimpleNamespace

import jax.numpy as jnp
import numpy as np
import pytest

from lcpjax.evaluation.anomalies import learn_heights
from lcpjax.evaluation.density.importance import log_tilt
from lcpjax.experiments.anomalies.scores import FittedDetector
from lcpjax.experiments.anomalies.sets import AnomalousSet, Sets
from lcpjax.experiments.anomalies.unseen_gamma import gamma_ratio_rows, gamma_ratios
from lcpjax.pipeline.latent_codes import GroundTruth, LabelledSplit
from tests.evaluation.ideal_fluid import GAMMAS, SYSTEM, free_energy, mixture, positions

NEW = 3.0


@pytest.fixture(scope="module")
def sets():
    normal, _ = mixture(100)
    other = positions(NEW, 200, seed=7)
    fluid, nothing = free_energy(), LabelledSplit(jnp.zeros((0, 4, 2)), np.zeros(0, int), None)
    truth = GroundTruth(SYSTEM, np.array(GAMMAS), nothing, nothing, nothing, np.zeros((0, 2)))
    oracle, of_normal = (log_tilt(SYSTEM, fluid, jnp.asarray(each), NEW) for each in (other, normal))
    gamma = np.full(len(other), NEW)
    anomalous = AnomalousSet("gamma 3", jnp.asarray(other), gamma, oracle, of_normal, new_gamma=NEW)
    return Sets(truth, fluid, jnp.asarray(normal), np.repeat(GAMMAS, 100), [anomalous])


def detector(sets, codes_of):
    """With codes that are a function of positions."""
    codes, other = codes_of(np.asarray(sets.normal)), codes_of(np.asarray(sets.anomalous[0].positions))
    heights = learn_heights(codes, np.asarray(sets.normal, np.float64)[..., 1].sum(axis=1))
    model = SimpleNamespace(name="a model", setting=SimpleNamespace(seed=0))
    reading = SimpleNamespace(reference=SimpleNamespace(heights=heights))
    return FittedDetector(model, reading, codes, codes, codes, {"gamma 3": other})


def rows_of(sets, codes_of):
    fitted = [detector(sets, codes_of)]
    return gamma_ratio_rows(fitted, sets, gamma_ratios(fitted, sets))


def test_codes_that_are_coordinates_give_the_exact_ratio_and_the_table_says_why(sets):
    (row,) = rows_of(sets, lambda some: some.reshape(len(some), -1))
    assert row["is_identity"] == 1
    assert row["sum_y_rms_error"] < 1e-4
    assert row["auroc"] == pytest.approx(row["oracle_auroc"], abs=1e-3)


def test_codes_that_lose_a_particle_do_not(sets):
    (row,) = rows_of(sets, lambda some: some[:, 1:].reshape(len(some), -1))
    assert row["is_identity"] == 0
    assert row["sum_y_rms_error"] > 0.1 * row["sum_y_sd"]
    assert row["auroc"] < row["oracle_auroc"]
