"""When chains that start from generated configurations have arrived, with starts whose worth is known."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hydra import compose, initialize_config_dir

from lcpjax.config.check import ConfigError, typed_config
from lcpjax.config.presets import CONF
from lcpjax.evaluation.samples.observables import observables
from lcpjax.experiments.generation.equilibrium_tests import Agreement, _of_edges, checked_against_exact_distributions
from lcpjax.experiments.generation.generated import OWN
from lcpjax.experiments.generation.sweeps_saved import snapshot_rows, warm_start_over_seeds, warm_start_rows
from lcpjax.experiments.generation.warm_start import Followed, Start, check_snapshots, follow
from tests.experiments.generation.by_hand import NUMBER, SMALL


def test_an_exact_start_passes_at_once_and_a_uniform_one_later(fluid, perfect):
    started = Start("by hand", 0, OWN, perfect.positions, 1.0, 10.0)
    uniform = Start("uniform", -1, "uniform", None, 0.0, 0.0)
    good, plain = (follow(fluid, start, [0, 5, 300], "local") for start in (started, uniform))
    assert set(good.agreements) == {0, 5, 300}
    assert set(plain.agreements) == {5, 300}
    rows = warm_start_rows([plain, good], data_sweeps=300, num_data_chains=200)
    by_hand = [row for row in rows if row["variant"] == "by hand"]
    assert [row["sweeps"] for row in by_hand] == [0.0, 0.0]
    assert all(row["sweeps"] == 300.0 for row in rows if row["variant"] == "uniform" and row["gamma"] == 1.0)
    snapshots = {(row["variant"], row["gamma"], row["sweeps"]): row for row in snapshot_rows([plain, good])}
    assert snapshots["uniform", 1.0, 5]["joint_p_value"] < 1e-4 < snapshots["by hand", 1.0, 5]["joint_p_value"]


def test_an_exact_start_passes_under_mixed_moves_too(fluid, perfect):
    found = follow(fluid, Start("by hand", 0, OWN, perfect.positions, 1.0, 10.0), [2, 10], "mixed").agreements
    assert all(agreement.passes for of_gamma in found.values() for agreement in of_gamma.values())


def test_a_start_with_a_few_overlaps_does_not_pass(fluid, perfect):
    """Their own scatter must not excuse them: one of a hundred is enough."""
    spoilt = np.array(perfect.positions)
    towards_the_middle = np.where(spoilt[::100, 1, 0] < 2.5, 0.45, -0.45)
    spoilt[::100, 0] = spoilt[::100, 1] + np.stack([towards_the_middle, np.zeros(8)], axis=1)
    for index in (0, 1):
        part = slice(index * NUMBER, (index + 1) * NUMBER)
        assert checked_against_exact_distributions(fluid, index, perfect.positions[part]).passes
        assert not checked_against_exact_distributions(fluid, index, jnp.asarray(spoilt[part])).passes


@pytest.mark.parametrize("column", ["sum of heights", "pair energy"])
def test_a_start_with_right_means_and_a_wrong_spread_does_not_pass(fluid, perfect, system, column):
    """The half of the configurations that lie nearest to the mean, each twice: all means stay."""
    own = np.asarray(perfect.positions[:NUMBER])
    found = jax.device_get(observables(jnp.asarray(own), system))
    values = {"sum of heights": found.mean_height, "pair energy": found.pair_energy}[column]
    order = np.argsort(values)
    below, above = order[order.size // 4 : order.size // 2], order[order.size // 2 : order.size // 2 + order.size // 4]
    narrow = jnp.asarray(own[np.tile(np.concatenate([below, above]), 2)])
    agreement = checked_against_exact_distributions(fluid, 0, narrow)
    assert not agreement.passes
    assert "variance" in agreement.worst_check


def test_a_crowd_below_the_lid_is_seen(fluid, perfect):
    """In every fifth configuration the highest particle is lifted there."""
    own = np.array(perfect.positions[:NUMBER])
    rows = np.arange(0, NUMBER, 5)
    own[rows, own[rows, :, 1].argmax(axis=1), 1] = 4.99
    for positions, is_seen in ((perfect.positions[:NUMBER], False), (jnp.asarray(own), True)):
        highest, lowest = _of_edges(fluid, 0, positions)
        assert highest.has_failed == is_seen
        assert not lowest.has_failed
    assert not checked_against_exact_distributions(fluid, 0, jnp.asarray(own)).passes


def test_one_gamma_is_never_compared_with_what_was_generated_at_another(fluid, perfect, uniform):
    """The other half is spoilt, and nothing is known of it."""
    whole = jnp.concatenate([perfect.positions[:NUMBER], uniform.positions[NUMBER:]])
    start = Start("by hand", 0, OWN, whole, 1.0, 1.0)
    found = follow(fluid, start, [0, 1], "local").agreements[0]
    assert found[0.1].passes
    assert not found[1.0].passes


def agreements(marks):
    """Looks at 0, 1, 10, 50 and 100 sweeps, a + for each that passes."""
    found = (Agreement(9.0, "a check", 0.0, passes=mark == "+") for mark in marks)
    return {sweeps: {1.0: each} for sweeps, each in zip((0, 1, 10, 50, 100), found, strict=True)}


def test_sweeps_count_from_the_last_snapshot_that_failed_and_times_are_of_all_there_is():
    plain = Start("uniform", -1, "uniform", None, 0.0, 0.0)
    good = Start("good", 0, OWN, jnp.zeros((4, 1, 2)), 2.0, 7.0, 1.0)
    rows = warm_start_rows(
        [
            Followed(plain, "local", agreements("--+-+"), 0.5, 4),
            Followed(good, "local", agreements("-++++"), 0.5, 4),
        ],
        data_sweeps=20,
        num_data_chains=8,
    )
    assert [row["sweeps"] for row in rows] == [100.0, 1.0]
    # The uniform start needs more than 50.
    assert rows[1]["sweeps_ratio"] == 50.0
    assert rows[1]["wall_time_ratio"] == pytest.approx(25.0 / 2.5)
    assert rows[1]["data_wall_seconds"] == 20.0
    assert rows[1]["with_training_wall_time_ratio"] == pytest.approx(25.0 / (2.5 + 8.0 + 20.0))
    # What never passes has no number of sweeps.
    (never,) = warm_start_rows([Followed(plain, "local", agreements("-----"), 0.5, 4)], 1, 1)
    assert np.isnan(never["sweeps"])


def test_a_start_is_compared_with_the_uniform_one_of_the_same_moves():
    plain = Start("uniform", -1, "uniform", None, 0.0, 0.0)
    good = Start("good", 0, OWN, jnp.zeros((4, 1, 2)), 2.0, 7.0, 1.0)
    followed = [
        Followed(plain, "local", agreements("----+"), 0.5, 4),
        Followed(good, "local", agreements("-++++"), 0.5, 4),
        Followed(plain, "mixed", agreements("--+++"), 0.25, 4),
        Followed(good, "mixed", agreements("-++++"), 0.25, 4),
    ]
    rows = warm_start_rows(followed, 20, 8)
    assert [(row["moves"], row["sweeps_ratio"]) for row in rows if row["variant"] == "good"] == [
        ("local", 50.0),
        ("mixed", 1.0),
    ]
    assert [row["data_wall_seconds"] for row in rows if row["variant"] == "good"] == [20.0, 10.0]
    assert [row["moves"] for row in warm_start_over_seeds(rows)] == ["local", "local", "mixed", "mixed"]


def test_over_seeds_a_start_that_never_passed_saves_nothing():
    plain = Start("uniform", -1, "uniform", None, 0.0, 0.0)
    marks = {0: "-++++", 1: "---++", 2: "-----"}
    starts = {seed: Start("some", seed, OWN, jnp.zeros((4, 1, 2)), 2.0, 7.0) for seed in marks}
    followed = [Followed(plain, "local", agreements("----+"), 0.5, 4)]
    followed += [Followed(starts[seed], "local", agreements(marks[seed]), 0.5, 4) for seed in marks]
    (*_, row) = warm_start_over_seeds(warm_start_rows(followed, 1, 1))
    assert (row["sweeps_least"], row["sweeps_median"], row["sweeps_most"]) == (1.0, 50.0, np.inf)
    assert (row["sweeps_ratio_least"], row["sweeps_ratio_median"], row["sweeps_ratio_most"]) == (0.0, 1.0, 50.0)
    assert row["number"] == 3


@pytest.mark.parametrize("snapshots", ["[0]", "[5,1]", "[1,1]"])
def test_snapshots_that_do_not_increase_are_refused(snapshots):
    with initialize_config_dir(str(CONF), version_base="1.3"):
        own = typed_config(compose("config", overrides=[*SMALL[:1], f"settings.snapshots={snapshots}"]))
    with pytest.raises(ConfigError, match="must increase"):
        check_snapshots(own)
