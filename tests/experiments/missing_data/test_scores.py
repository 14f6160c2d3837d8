"""What is missing and what stands for it, with imputations whose worth is known because they were made by hand."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hydra import compose, initialize_config_dir

from lcpjax.config.check import ConfigError, typed_config
from lcpjax.config.presets import CONF
from lcpjax.dataset import Dataset
from lcpjax.experiments.missing_data.completion import (
    ALL_LIFTED,
    AT_RANDOM,
    MEANS,
    ONE_LIFTED,
    _of_family,
    completion_rows,
)
from lcpjax.experiments.missing_data.masks import MaskedSet, asked_families, check_masks, mask_rows
from lcpjax.experiments.missing_data.methods import (
    COMPLETION,
    EXACT,
    EXACT_IN_FRAME,
    IMPORTANCE,
    MEAN_FILL,
    OTHERS,
    PHYSICS,
    Imputed,
    impute_all,
)
from lcpjax.experiments.missing_data.scores import imputation_rows, warn_of_imputation_leaks
from lcpjax.pipeline.run import Run
from lcpjax.sampler import Configurations
from lcpjax.sampler.thermodynamic_integration import FreeEnergy
from lcpjax.system import System

SMALL = ["+experiment=missing_data", "system.num_particles=8", "system.box_side=5.0"]
SMALL += [f"settings.{key}" for key in ("off_diagonal_blocks=[2,4]", "diagonal_blocks=[3]")]
SMALL += [f"settings.{key}" for key in ("random_fractions=[0.2]", "lost_particles=[1]", "links=[0,3]")]
SMALL += [f"settings.{key}" for key in ("num_completed=6", "num_starts=4", "num_draws=8")]
SYSTEM = System(num_particles=8, box_side=5.0)


def _config(*overrides):
    with initialize_config_dir(str(CONF), version_base="1.3"):
        return typed_config(compose("config", overrides=[*SMALL, *overrides]))


def _part(seed):
    random = np.random.default_rng(seed)
    # On a grid and shaken, so that no two are near.
    grid = np.stack(np.meshgrid(np.arange(3), np.arange(3)), axis=-1).reshape(-1, 2)[:8] * 1.6 + 0.6
    positions = jnp.asarray(grid + random.uniform(-0.3, 0.3, (20, 8, 2)), jnp.float32)
    numbers = jnp.zeros(20)
    return Configurations(positions, numbers, numbers, numbers, numbers, numbers)


DATASET = Dataset(_part(0), _part(1), _part(2), (0.0,))


@pytest.fixture(scope="module")
def asked():
    return asked_families(_config(), DATASET, 6)


def test_every_family_is_asked_of_the_same_configurations_and_labelled(asked):
    rigid = {row["masks"]: row["rigid_fraction"] for row in mask_rows(asked)}
    assert rigid["off-diagonal 2 x 2"] == rigid["diagonal 3 x 3"] == rigid["1 particle, 3 links"] == 1.0
    assert rigid["off-diagonal 4 x 4"] == rigid["1 particle, 0 links"] == 0.0
    first = np.asarray(asked[0].test.positions)
    assert all((np.asarray(each.test.positions) == first).all() for each in asked)
    assert (np.diff(first[..., 1], axis=1) >= 0).all()
    assert first.shape[0] == 6


@pytest.mark.parametrize(
    "override", ["off_diagonal_blocks=[5]", "random_fractions=[1.0]", "lost_particles=[8]", "links=[8]"]
)
def test_masks_that_there_cannot_be_are_refused(override):
    with pytest.raises(ConfigError, match=r"^settings: "):
        check_masks(_config(f"settings.{override}"))


def test_no_masks_at_all_are_refused():
    none = [f"settings.{key}=[]" for key in ("off_diagonal_blocks", "diagonal_blocks", "random_fractions")]
    with pytest.raises(ConfigError, match="no masks"):
        check_masks(_config(*none, "settings.lost_particles=[]"))


def _around(part: MaskedSet, scale, seed, shift=0.0):
    """Draws around a middle that lies as far from the truth as they lie from it."""
    random, truth = np.random.default_rng(seed), np.asarray(part.distances)[:, None]
    middle = truth + 0.2 * random.normal(size=truth.shape) + shift
    draws = middle + scale * random.normal(size=(len(truth), 400, *truth.shape[2:]))
    return np.where(part.missing[:, None], draws, truth)


def _imputed(asked, draws, variant=PHYSICS, method=EXACT):
    return Imputed(variant, 0, method, draws.mean(axis=1), draws)


def test_what_is_less_sure_than_the_exact_posterior_has_a_larger_score_and_no_warning(asked, run_folder):
    each = next(one for one in asked if one.name == "off-diagonal 4 x 4")
    exact, wide = _around(each.test, 0.2, 1), _around(each.test, 0.8, 2)
    own = [_imputed(each, exact), _imputed(each, wide, "model", IMPORTANCE)]
    rows = {row["variant"]: row for row in imputation_rows(SYSTEM, [each], {each.name: own})}
    # 6 configurations of 16 distances; four standard errors.
    assert abs(rows[PHYSICS]["coverage"] - 0.9) < 4 * np.sqrt(0.9 * 0.1 / 96)
    assert rows["model"]["coverage"] > 0.97
    assert rows["model"]["crps_above_exact"] > 4 * rows["model"]["crps_above_exact_error"]
    assert rows[PHYSICS]["crps_above_exact"] == 0.0
    warn_of_imputation_leaks(list(rows.values()), run_folder)
    assert run_folder.warnings == []


def test_what_knows_more_than_the_exact_posterior_is_warned_of(asked, run_folder):
    each = next(one for one in asked if one.name == "off-diagonal 4 x 4")
    truth = np.repeat(np.asarray(each.test.distances)[:, None], 10, axis=1)
    own = [_imputed(each, _around(each.test, 0.2, 1)), _imputed(each, truth, "seer", IMPORTANCE)]
    rows = imputation_rows(SYSTEM, [each], {each.name: own})
    warn_of_imputation_leaks(rows, run_folder)
    (warning,) = run_folder.warnings
    assert "seer" in warning


def test_a_rigid_rest_is_found_and_a_good_start_is_as_good_as_none(asked):
    each = next(one for one in asked if one.name == "off-diagonal 2 x 2")
    filled = {("near", 0): np.asarray(each.test.distances), ("blind", 0): np.zeros((6, 8, 8), np.float32)}
    with jax.enable_x64(new_val=True):
        rows = _of_family(_config(), each, filled)
    solved = {row["start"]: row["solved_fraction"] for row in rows}
    assert solved["with restarts, in space"] == solved["near"] == 1.0
    assert solved["blind"] == 0.0
    assert set(solved) == {AT_RANDOM, ONE_LIFTED, ALL_LIFTED, "near", "blind"}
    # Wilson, "Probable inference", J. Am. Stat. Assoc. 22, 209 (1927): n / (n + z^2) is the lower end of n of n.
    lows = [row["solved_low"] for row in rows if row["solved_fraction"] == 1]
    assert lows == pytest.approx([6 / (6 + 1.959964**2)] * len(lows))


def test_only_masks_that_leave_nothing_open_are_completed(run_folder):
    rows = completion_rows(Run(_config(), run_folder), [], DATASET)
    rigid = {"off-diagonal 2 x 2", "diagonal 3 x 3", "20 % at random", "1 particle, 3 links"}
    assert {row["masks"] for row in rows} == rigid
    assert {row["start"] for row in rows} == {AT_RANDOM, ONE_LIFTED, ALL_LIFTED, MEANS}
    assert all(row["num_configurations"] <= 6 for row in rows)


def _all_imputed(config, run_folder, *names):
    asked = [each for each in asked_families(config, DATASET, 6) if each.name in names]
    free_energy = FreeEnergy(np.array([1.0]), np.zeros(1), *[np.zeros(1)] * 7, 0.0, 0.0, 0.0, *[np.zeros(1)] * 3)
    found = impute_all(Run(config, run_folder), [], asked, DATASET, SYSTEM, free_energy)
    return imputation_rows(SYSTEM, asked, found)


def test_masks_that_let_pieces_bend_are_warned_of_and_have_no_exact_posterior(run_folder):
    # 3 of 8 particles against 3: two pieces that share two particles.
    config = _config("settings.off_diagonal_blocks=[3]")
    rows = _all_imputed(config, run_folder, "off-diagonal 3 x 3")
    assert {row["method"] for row in rows} == {MEAN_FILL, "mean, scaled", COMPLETION, OTHERS}
    (warning,) = run_folder.warnings
    assert warning.startswith("off-diagonal 3 x 3: no exact posterior")


@pytest.mark.slow
@pytest.mark.parametrize("num_moves", [10, 1500])
def test_where_too_few_chains_converge_nothing_is_scored_by_them(run_folder, num_moves):
    config = _config(f"settings.num_moves={num_moves}")
    rows = {row["method"]: row for row in _all_imputed(config, run_folder, "off-diagonal 4 x 4")}
    exact, others = rows[EXACT], rows[OTHERS]
    assert others["num_scored"] == 6
    if num_moves == 10:
        assert exact["num_scored"] == 0
        assert np.isnan([exact["crps"], exact["energy_median"], others["crps_above_exact"]]).all()
        (warning,) = run_folder.warnings
        assert "num_moves is too small" in warning
    else:
        assert exact["num_scored"] >= 5
        assert 8 < exact["effective_number"] < 16
        assert others["crps_above_exact"] > 0
        # What holds nothing observed knows nothing of overlaps.
        assert others["energy_median"] > exact["energy_median"]


@pytest.mark.slow
def test_in_the_frame_only_the_first_configurations_are_scored(run_folder):
    config = _config(*(f"settings.{key}" for key in ("num_in_frame=3", "num_candidates=256", "num_moves=10")))
    rows = {row["method"]: row for row in _all_imputed(config, run_folder, "1 particle, 0 links")}
    in_frame = rows[EXACT_IN_FRAME]
    assert (in_frame["num_scored"], rows[OTHERS]["num_scored"]) == (3, 6)
    assert 1.0 <= in_frame["least_effective_number"] <= in_frame["effective_number"] <= 256
    assert 0.0 <= in_frame["coverage_low"] <= in_frame["coverage"] <= in_frame["coverage_high"] <= 1.0
    # Three configurations, each right or wrong as a whole, tell little.
    assert in_frame["coverage_high"] - in_frame["coverage_low"] > 0.3
