"""What is said of scores whose worth is known: fractions of the exact ratio's margin, leaks, thresholds, gammas."""

import jax.numpy as jnp
import numpy as np
import pytest

from lcpjax.dataset.perturbed_sets import Displacement
from lcpjax.experiments.anomalies.detection import by_gamma_rows, detection_rows, warn_of_detection_leaks
from lcpjax.experiments.anomalies.particles import particle_rows
from lcpjax.experiments.anomalies.scores import ORACLE, PHYSICS, Scores
from lcpjax.experiments.anomalies.sets import AnomalousSet, Sets
from lcpjax.pipeline.latent_codes import GroundTruth, LabelledSplit
from lcpjax.system import System
from tests.evaluation.ideal_fluid import free_energy

NUMBER, GAMMAS = 400, np.array([0.2, 1.0])
RANDOM = np.random.default_rng(0)
TRUTH = RANDOM.normal(size=(2, NUMBER))
"""Of normal configurations, and of anomalous ones before they became anomalous."""


def sets_of(is_displaced=None, *, same_before=False, **more):
    """Exact scores: anomalous ones one standard deviation above normal ones, or each above what it was before."""
    gamma = np.tile(GAMMAS, NUMBER // 2)
    before = TRUTH[0] if same_before else TRUTH[1]
    anomalous = AnomalousSet(
        "anomalous", jnp.zeros((NUMBER, 4, 2)), gamma, before + 1.0, TRUTH[0], is_displaced, **more
    )
    nothing = LabelledSplit(jnp.zeros((0, 4, 2)), np.zeros(0, int), None)
    ground_truth = GroundTruth(
        System(num_particles=4, box_side=5.0), GAMMAS, nothing, nothing, nothing, np.zeros((0, 2))
    )
    return Sets(ground_truth, free_energy(), jnp.zeros((NUMBER, 4, 2)), gamma, [anomalous])


def score(name, values, normal=TRUTH[0], variant="a model"):
    return Scores(variant, 0, name, normal, {"anomalous": values})


@pytest.fixture(scope="module")
def rows():
    noise = 0.7 * RANDOM.normal(size=(2, NUMBER))
    scores = [
        score("exact again", np.exp(TRUTH[1] + 1.0), np.exp(TRUTH[0])),
        score("noisy", TRUTH[1] + 1.0 + noise[0], TRUTH[0] + noise[1]),
        score("peeping", TRUTH[1] + 2.0),
        score("chance", RANDOM.normal(size=NUMBER)),
        score(ORACLE, TRUTH[1] + 1.0, variant=PHYSICS),
    ]
    return {row["score"]: row for row in detection_rows(sets_of(), scores)}


def test_the_same_order_is_the_whole_margin_and_chance_none_of_it(rows):
    assert rows["exact again"]["margin_fraction"] == 1.0
    assert rows["exact again"]["leak"] == 0.0
    chance = rows["chance"]
    assert chance["margin_fraction_low"] < 0 < chance["margin_fraction_high"]
    # One standard deviation apart: 0.76; with noise of 0.7 more, 0.72. Errors of 400 against 400 are 0.017.
    assert rows[ORACLE]["auroc"] == pytest.approx(0.760, abs=4.3 * 0.017)
    assert 0.6 < rows["noisy"]["margin_fraction"] < 1.0
    assert (
        rows["noisy"]["margin_fraction_low"] < rows["noisy"]["margin_fraction"] < rows["noisy"]["margin_fraction_high"]
    )


def test_what_identifies_more_than_the_exact_ratio_is_called_a_leak_and_nothing_else_is(rows, run_folder):
    warn_of_detection_leaks(list(rows.values()), run_folder)
    (warning,) = run_folder.warnings
    assert "peeping identifies anomalous" in warning
    assert warning.endswith("a leak")


def test_the_exact_ratio_comes_first(rows):
    assert next(iter(rows)) == ORACLE


def test_displaced_configurations_are_resampled_with_what_they_were():
    """All that a displacement adds is then known far better than the scatter of the fluid lets two samples differ."""
    moved, displaced = score("moved", TRUTH[0] + 1.0), np.zeros((NUMBER, 4), bool)
    (together,) = detection_rows(sets_of(displaced, same_before=True), [moved])
    (apart,) = detection_rows(sets_of(same_before=True), [moved])
    assert together["auroc"] == apart["auroc"]
    assert together["auroc_error"] < 0.5 * apart["auroc_error"]


def test_of_each_gamma_a_score_is_compared_with_normal_ones_of_that_gamma():
    """What tells gamma alone tells nothing within one; over all of them together it does no harm here either."""
    gamma_alone = score("gamma", np.tile(GAMMAS, NUMBER // 2), np.tile(GAMMAS, NUMBER // 2))
    found = by_gamma_rows(sets_of(), [gamma_alone, score("exact", TRUTH[1] + 1.0)])
    assert [row["gamma"] for row in found] == [0.2, 0.2, 1.0, 1.0]
    assert [row["auroc"] for row in found if row["score"] == "gamma"] == [0.5, 0.5]
    assert all(row["auroc"] == row["oracle_auroc"] for row in found if row["score"] == "exact")


def test_particles_are_identified_best_by_the_exact_probability():
    is_displaced = np.tile(np.array([True, False, False, False]), (NUMBER, 1))
    exact = is_displaced + RANDOM.normal(size=(NUMBER, 4))
    about = {"probability": exact, "displacement": Displacement(0.2, 1, stays_inside=True)}
    found = particle_rows([], sets_of(is_displaced, **about), {})
    assert [row["score"] for row in found] == [ORACLE, "energy"]
    # All particles lie in one point: energies identify none, the exact ones 0.76, and this many 0.015 about it.
    assert found[0]["auroc"] == pytest.approx(0.760, abs=4.3 * 0.015)
    assert found[0]["margin_fraction"] == 1.0
    assert found[1]["auroc"] == 0.5
