"""Scores are chosen on other sets than they are tested on, and the two errors of a score are two columns."""

import math

import numpy as np
import pytest

from lcpjax.experiments.anomalies.choice import Choice, choose_scores, chosen_rows
from lcpjax.experiments.anomalies.scores import PHYSICS, Scores
from tests.experiments.anomalies.test_detection import NUMBER, RANDOM, TRUTH, sets_of

NOISE = RANDOM.normal(size=(2, NUMBER))


def noisy(amount, name, variant="a model", seed=0, noise=NOISE):
    """The exact score, with noise."""
    values = {"anomalous": TRUTH[1] + 1.0 + amount * noise[0]}
    return Scores(variant, seed, name, TRUTH[0] + amount * noise[1], values)


ENERGY = noisy(2.0, "energy", PHYSICS, -1)


def test_each_variant_has_the_score_that_is_best_where_it_is_chosen_and_one_of_them_is_fixed():
    scores = [
        noisy(0.0, "exact_ratio", PHYSICS),
        noisy(0.5, "good"),
        noisy(3.0, "poor"),
        noisy(1.0, "fair", "another model"),
    ]
    choices = choose_scores(sets_of(), scores)
    assert [(each.variant, each.score, each.is_fixed) for each in choices] == [
        ("a model", "good", True),
        ("another model", "fair", False),
    ]
    assert choices[0].validation_auroc > choices[1].validation_auroc


def test_a_score_is_chosen_by_its_mean_over_seeds():
    """One seed of it is the best of all."""
    lucky = [noisy(0.0, "uneven"), noisy(8.0, "uneven", seed=1)]
    (choice,) = choose_scores(sets_of(), [*lucky, noisy(0.7, "even"), noisy(0.7, "even", seed=1)])
    assert choice.score == "even"


def test_what_was_chosen_stays_whatever_the_test_set_says():
    poor = Choice("anomalous", "a model", "poor", 0.9, is_fixed=True)
    (row,) = chosen_rows([poor], sets_of(), [noisy(0.1, "good"), noisy(3.0, "poor"), ENERGY])
    assert (row["score"], row["validation_auroc"]) == ("poor", 0.9)
    assert row["auroc"] < row["energy_auroc"] < row["oracle_auroc"]


def test_seeds_that_agree_still_have_the_error_of_the_test_set():
    """Sixteen times as many seeds do not make 400 configurations more."""
    choice = Choice("anomalous", "a model", "noisy", 0.9, is_fixed=True)
    (row,) = chosen_rows([choice], sets_of(), [*(noisy(0.7, "noisy", seed=seed) for seed in range(16)), ENERGY])
    assert row["auroc_seed_sd"] < 1e-12
    # Of 400 against 400.
    assert row["auroc_test_set_error"] == pytest.approx(0.017, rel=0.2)
    (alone,) = chosen_rows([choice], sets_of(), [noisy(0.7, "noisy"), ENERGY])
    assert math.isnan(alone["auroc_seed_sd"])
    assert alone["auroc_test_set_error"] == pytest.approx(row["auroc_test_set_error"], rel=1e-6)


def test_seeds_that_differ_scatter():
    choice = Choice("anomalous", "a model", "noisy", 0.9, is_fixed=True)
    scores = [noisy(amount, "noisy", seed=seed) for seed, amount in enumerate((0.0, 3.0))]
    (row,) = chosen_rows([choice], sets_of(), [*scores, ENERGY])
    aurocs = [chosen_rows([choice], sets_of(), [one, ENERGY])[0]["auroc"] for one in scores]
    assert row["auroc"] == pytest.approx(np.mean(aurocs))
    assert row["auroc_seed_sd"] == pytest.approx(np.std(aurocs, ddof=1))


def test_a_difference_from_the_energy_is_of_the_same_configurations():
    """Of a score that is the energy, but for its name, it is 0 without an error; of independent ones it has both's."""
    choice = Choice("anomalous", "a model", "noisy", 0.9, is_fixed=True)
    (same,) = chosen_rows([choice], sets_of(), [noisy(2.0, "noisy"), ENERGY])
    assert (same["above_energy"], same["above_energy_test_set_error"]) == (0.0, 0.0)
    assert same["margin_fraction"] == same["energy_margin_fraction"]
    (near,) = chosen_rows([choice], sets_of(), [noisy(1.9, "noisy"), ENERGY])
    assert 0 < near["above_energy_test_set_error"] < 0.2 * near["auroc_test_set_error"]
