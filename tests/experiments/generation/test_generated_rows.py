"""What is said of generated configurations, with configurations whose worth is known."""

import numpy as np
import pytest

from lcpjax.evaluation.density.importance import log_tilt
from lcpjax.experiments.generation.coverage import variety_rows
from lcpjax.experiments.generation.distances import AS_FEW, OTHER_CHAINS, _worst_gamma, generated_rows, swept
from lcpjax.experiments.generation.equilibrium_tests import checked_against_exact_distributions
from lcpjax.experiments.generation.generated import CORRECTED, OWN
from lcpjax.experiments.generation.importance import WeightedDraws, reweighted_rows
from lcpjax.experiments.generation.new_gammas import new_gamma_rows
from tests.experiments.generation.by_hand import GAMMAS, NUMBER, generated


def test_the_fluid_is_as_far_from_itself_as_its_halves_are_and_uniform_points_are_farther(fluid, perfect, uniform):
    rows = generated_rows(fluid, [perfect], [0])
    floors, few, own = ([row for row in rows if row["source"] == name] for name in (OTHER_CHAINS, AS_FEW, OWN))
    # A quarter as many differ twice as much.
    measure = "pair_energy_wasserstein"
    assert 1.0 < np.mean([small[measure] / floor[measure] for small, floor in zip(few, floors, strict=True)]) < 4.0
    assert [small["number"] for small in few] == [100, 100]
    other = [row for row in generated_rows(fluid, [uniform], [0]) if row["variant"] != "equilibrium"]
    for floor, good, bad in zip(floors, own, other, strict=True):
        assert floor["gamma"] == good["gamma"] == bad["gamma"]
        for measure in ("pair_energy_wasserstein", "sum_of_heights_wasserstein", "correlation_distance"):
            assert good[measure] < 2.5 * floor[measure]
        assert bad["pair_energy_wasserstein"] > 5 * good["pair_energy_wasserstein"]
        assert bad["close_fraction"] > good["close_fraction"]
    assert other[1]["sum_of_heights_wasserstein"] > 5 * own[1]["sum_of_heights_wasserstein"]


def test_what_a_correction_was_fitted_to_is_marked_and_nothing_else(fluid, perfect):
    rows = generated_rows(fluid, [perfect, perfect._replace(source=CORRECTED)], [0])
    marks = {row["source"]: row["fitted_to"] for row in rows}
    assert marks == {OTHER_CHAINS: "", AS_FEW: "", OWN: "", CORRECTED: "pair_energy sum_of_heights"}
    # A mark is the beginning of the column's name.
    assert all(f"{mark}_wasserstein" in rows[0] for mark in marks[CORRECTED].split())


def test_the_worst_gamma_is_that_of_the_largest_mean_over_seeds():
    """Each seed's largest is 3 and 4, and their mean says more of noise than of a gamma."""
    values = {(0, 0.1): 3.0, (1, 0.1): 1.0, (0, 1.0): 1.0, (1, 1.0): 4.0}
    measures = ("correlation_distance", "profile_distance", "outside_fraction")
    measures += tuple(f"{name}_wasserstein" for name in ("smallest_distance", "pair_energy", "sum_of_heights"))
    rows = [
        {"variant": "a", "source": OWN, "sweeps": 0, "seed": seed, "gamma": gamma} | dict.fromkeys(measures, value)
        for (seed, gamma), value in values.items()
    ]
    (worst,) = _worst_gamma(rows)
    assert [worst[measure] for measure in measures] == [2.5] * len(measures)
    rows[0]["profile_distance"] = np.nan
    assert np.isnan(_worst_gamma(rows)[0]["profile_distance"])


def test_sweeps_bring_any_start_to_its_own_gamma(fluid, uniform):
    assert swept(fluid, uniform, 0) is uniform
    moved = swept(fluid, uniform, 300)
    heights = np.asarray(moved.positions[..., 1]).sum(axis=1)
    for index, gamma in enumerate(GAMMAS):
        own, true = heights[moved.gamma_index == index], np.asarray(fluid.positions[gamma][..., 1]).sum(axis=1)
        error = np.hypot(own.std(), true.std()) / NUMBER**0.5
        assert abs(own.mean() - true.mean()) < 4.3 * error


def test_what_is_outside_the_box_is_counted_and_never_passes(fluid, perfect):
    outside = perfect.positions.at[::8, 0, 1].add(5.0)
    rows = generated_rows(fluid, [perfect._replace(positions=outside)], [0, 1])
    fractions = {(row["source"], row["sweeps"]): row["outside_fraction"] for row in rows if row["gamma"] == 1.0}
    assert fractions[OWN, 0] == pytest.approx(1 / 8)
    assert fractions[OWN, 1] == fractions[OTHER_CHAINS, 0] == 0.0
    good, bad = (checked_against_exact_distributions(fluid, 0, each[:NUMBER]) for each in (perfect.positions, outside))
    assert good.passes
    assert not bad.passes
    assert bad.worst_check == "50 outside the box"


def test_a_new_gravity_is_weighted_out_of_the_others(fluid, perfect, uniform):
    good, bad = (
        [row for row in new_gamma_rows(fluid, [each], [], [0, 20]) if row["way"] == "weighted"]
        for each in (perfect, uniform)
    )
    assert [(row["gamma"], row["sweeps"]) for row in good] == [(0.5, 0), (0.5, 20)]
    assert all(row["effective_number"] > 0.1 * 2 * NUMBER for row in good)
    assert all(row["sum_of_heights_wasserstein"] < 0.3 and row["pair_energy_wasserstein"] < 0.3 for row in good)
    # Weights know gravity alone: overlaps stay until sweeps end them.
    assert bad[0]["pair_energy_wasserstein"] > 1.0 > bad[1]["pair_energy_wasserstein"]
    assert np.isfinite([row["correlation_distance"] for row in good]).all()
    weights = log_tilt(fluid.ground_truth.system, fluid.free_energy, perfect.positions, 0.5)
    assert np.std(weights) > 0.1


def test_the_fluid_with_even_weights_is_the_fluid_at_every_gravity(fluid, perfect, model):
    even = WeightedDraws(model, OWN, perfect.positions, np.zeros(2 * NUMBER))
    rows = {row["gamma"]: row for row in reweighted_rows(fluid, [even])}
    assert set(rows) == {*GAMMAS, 0.5}
    for row in rows.values():
        assert 100 < row["effective_number"] < 2 * NUMBER
        assert row["pair_energy_wasserstein"] < 0.3
        assert row["sum_of_heights_wasserstein"] < 0.3
    # Weights that forbid all that is high up give another fluid.
    low = np.where(np.asarray(perfect.positions[..., 1]).max(axis=1) < 2.0, 0.0, -np.inf)
    (light, *_) = reweighted_rows(fluid, [even._replace(log_weights=low)])
    assert light["sum_of_heights_wasserstein"] > 0.5


def test_copies_are_no_news_and_what_is_no_fluid_covers_nothing(fluid, perfect, model, uniform, dataset):
    copies = generated(model, [dataset.train.positions])
    rows = variety_rows(fluid, [copies, perfect._replace(source="perfect")], dataset)
    rows += variety_rows(fluid, [uniform._replace(source="uniform")], dataset)
    found = {(row["source"], row["gamma"]): row for row in rows}
    for gamma in GAMMAS:
        assert found[OWN, gamma]["novelty"] == pytest.approx(0.0, abs=1e-3)
        assert min(found[name, gamma]["coverage"] for name in ("fluid", "perfect", OWN)) > 0.8
        # Whatever is no copy is new, and that is all that novelty tells.
        assert found["uniform", gamma]["novelty"] > 0.8
    assert found["uniform", 1.0]["coverage"] < 0.5
