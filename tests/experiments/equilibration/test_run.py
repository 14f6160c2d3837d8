"""What +experiment=equilibration leaves and how it ends; tests/sampler/test_equilibration.py tests its verdict."""

import json
import math
from contextlib import nullcontext
from unittest.mock import Mock

import pytest
from hydra import compose, initialize_config_dir

from lcpjax.config.check import typed_config
from lcpjax.experiments.equilibration import burn_in, long_runs
from lcpjax.experiments.equilibration.boxes import boxes_to_equilibrate
from lcpjax.experiments.equilibration.burn_in import follow_to_equilibrium
from lcpjax.experiments.equilibration.long_runs import long_run_rows
from lcpjax.experiments.equilibration.tempering import _compared, tempering_gains
from lcpjax.report import RunFolder, read_table
from lcpjax.run import CONF, run_command
from lcpjax.sampler import SWEEP_ORDERS
from lcpjax.sampler.equilibration import Verdict
from tests.smoke_runs import SMOKE, the_run_folder

FEW = ["settings.box_sides=[]", "settings.max_doublings=0"]
FIGURES = {"burn_in", "configurations_box_side=6.5", "height_profile", "pair_correlation", "verification"}


def composed(*overrides):
    with initialize_config_dir(str(CONF), version_base="1.3"):
        return typed_config(compose("config", overrides=["+experiment=equilibration", *overrides]))


@pytest.mark.slow
def test_a_run_leaves_its_tables_figures_and_an_honest_verdict(in_empty_folder):
    """Far too few sweeps and chains: the box is found out of equilibrium, which is no failure of the run."""
    command = ["+experiment=equilibration", SMOKE, "system=dense", *FEW]
    assert run_command(command) == 0
    folder = the_run_folder(in_empty_folder, "equilibration")
    rows = read_table(folder / "tables" / "equilibration.csv")
    assert [(row["box_side"], row["gamma"]) for row in rows] == [(6.5, gamma) for gamma in (0.1, 0.4, 0.7, 1.0)]
    assert {row["is_equilibrated"] for row in rows} == {0}
    assert all(row["reason"].startswith("gamma = ") for row in rows)
    summary = json.loads((folder / "summary.json").read_text())
    assert summary["sampler/is_equilibrated/box_side=6.5"] == 0
    assert summary["sampler/largest_nested_rhat/box_side=6.5"] > 1.01
    assert summary["verification/num_failed_checks"] > 0
    assert {path.stem for path in (folder / "figures").glob("*.png")} == FIGURES
    orders = read_table(folder / "tables" / "sweep_orders.csv")
    assert [row["order"] for row in orders[::4]] == ["sequential", "forward_backward", "random"]
    assert {row["pair_energy_difference"] for row in orders[:4]} == {0.0}
    tempering = read_table(folder / "tables" / "tempering.csv")
    assert [row["tempering"] for row in tempering[::4]] == ["none", "temperature", "gamma"]
    assert {row["most_moves_per_particle"] for row in tempering} <= {78, 80}
    assert len(read_table(folder / "tables" / "long_chains.csv")) == 3 * 4 * 2
    (argon, *_) = read_table(folder / "tables" / "substances.csv")
    assert 1.3e-13 < argon["gamma"] < 1.4e-13


def test_the_number_of_sweeps_is_doubled_until_it_is_enough(monkeypatch):
    asked, folder = [], object.__new__(RunFolder)

    def followed(box, plan, run_folder, num_snapshots=2):
        asked.append(plan.num_sweeps)
        return plan.num_sweeps

    monkeypatch.setattr(burn_in, "followed", followed)
    monkeypatch.setattr(burn_in, "equilibration_verdict", lambda sweeps: Verdict(sweeps >= 1200, "so it is", []))
    (box, _) = boxes_to_equilibrate(composed())
    study = follow_to_equilibrium(box, folder)
    assert asked == [300, 600, 1200]
    assert study.sweeps_needed == 1200
    assert not study.verdict.is_equilibrated
    # 16 chains a start can never be found enough, so no more are asked for.
    (few, _) = boxes_to_equilibrate(composed("evaluation.equilibration.chains_per_superchain=16"))
    assert math.isnan(follow_to_equilibrium(few, folder).sweeps_needed)


@pytest.mark.parametrize("order", ["sequential", "forward_backward"])
def test_long_chains_of_every_sampling_method_keep_the_configs_order(order, monkeypatch):
    asked = []
    monkeypatch.setattr(long_runs, "follow_long_chains", lambda *_, **options: asked.append(options) or [])
    box, *_ = boxes_to_equilibrate(composed(f"sampler.order={order}"))
    assert long_run_rows(box, Mock(spec=RunFolder, stage=lambda _: nullcontext())) == []
    assert [each["rules"].order for each in asked] == [SWEEP_ORDERS[order]] * 3
    assert [each["rules"].nonlocal_moves is None for each in asked] == [True, False, False]
    assert [each["ladder"] is None for each in asked] == [True, True, False]


def test_the_configs_own_box_comes_first_and_no_box_comes_twice():
    sides = [box.config.system.box_side for box in boxes_to_equilibrate(composed("system=dense"))]
    assert sides == [6.5, 10.0]


@pytest.mark.parametrize(
    ("override", "complaint"),
    [
        (
            "settings.box_sides=[2.0]",
            "settings, of box_side=2: system.num_particles = 30: a box of side 2.0 sigma holds at most",
        ),
        ("settings.gamma_factors=[0.5,1.0]", "settings, of box_side=10: "),
    ],
)
def test_a_box_that_cannot_be_sampled_is_refused_before_anything_is(override, complaint, in_empty_folder, capsys):
    assert run_command(["+experiment=equilibration", override]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert complaint in line
    assert not list(in_empty_folder.iterdir())


@pytest.mark.parametrize(
    ("plain", "tempered", "answer"),
    [(600, 300, "yes"), (600, 500, "no"), (600, 900, "no"), (math.nan, 900, "yes"), (600, math.nan, "no")],
)
def test_tempering_shortens_burn_in_if_it_takes_clearly_fewer_moves(plain, tempered, answer):
    about = {"gamma": 0.4, "box_side": 10.0, "most_moves_per_particle": 6000}
    rows = [
        {**about, "tempering": "none", "moves_to_converge_per_particle": plain},
        {**about, "tempering": "gamma", "moves_to_converge_per_particle": tempered},
    ]
    compared = [row | _compared(row, rows[0]) for row in rows]
    assert [row["shortens_burn_in"] for row in compared] == ["", answer]
    gains = tempering_gains(compared)
    # What never converged counts as if it had with its last move.
    plain, tempered = (6000 if math.isnan(moves) else moves for moves in (plain, tempered))
    assert gains == pytest.approx({"sampler/tempering_gain/gamma/box_side=10": plain / tempered})
