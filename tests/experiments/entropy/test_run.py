"""+experiment=entropy: for the default system, whose entropy comes with the package, and with other routes."""

import json

import pytest

from lcpjax.pipeline import free_energy
from lcpjax.report import read_table
from lcpjax.run import run_command
from tests.smoke_runs import SMOKE, composed, the_run_folder

REFERENCE_ALONE = ["settings.draws_per_configuration=0", "settings.nodes=[]"]
TINY = [
    SMOKE,
    "system.num_particles=2",
    "system.box_side=4.0",
    "system.gammas=[0.2,1.0]",
    "evaluation.entropy.chains_per_node=2",
    "training.num_epochs=1",
    "model.prior_width=8",
    "model.prior_depth=1",
    "settings.nodes=[2]",
    "settings.chains_per_configuration=1",
]


def test_the_default_system_is_known_without_an_integration(in_empty_folder, monkeypatch):
    monkeypatch.setattr(free_energy, "integrate", lambda *_: pytest.fail("it was integrated"))
    assert run_command(["+experiment=entropy", *REFERENCE_ALONE]) == 0
    folder = the_run_folder(in_empty_folder, "entropy")
    summary = json.loads((folder / "summary.json").read_text())
    assert summary["entropy/ordered_mixture_nats"] == pytest.approx(22.4, abs=0.5)
    assert {row["nodes"] for row in read_table(folder / "tables" / "routes.csv")} == {24}


@pytest.mark.slow
@pytest.mark.usefixtures("without_figures")
def test_every_route_is_taken_at_the_smallest_scale(in_empty_folder):
    assert run_command(["+experiment=entropy", *TINY]) == 0
    folder = the_run_folder(in_empty_folder, "entropy")
    rows = read_table(folder / "tables" / "routes.csv")
    assert {(row["route"], row["gamma"]) for row in rows} == {
        (route, gamma) for route in {row["route"] for row in rows} for gamma in (0.2, 1.0)
    }
    learned = [row for row in rows if "learned density" in row["route"]]
    assert len(learned) == 4
    assert json.loads((folder / "summary.json").read_text())["training/num_models"] == 1


@pytest.mark.usefixtures("in_empty_folder")
@pytest.mark.parametrize(
    ("overrides", "complaint"),
    [
        (["model=mlp"], "no density of particles that can be drawn from; model=best has one"),
        (["settings.nodes=[1]"], "settings.nodes"),
        (["settings.draws_per_configuration=-1"], "settings.draws_per_configuration"),
    ],
)
def test_what_has_no_route_is_refused_in_one_line(overrides, complaint, capsys):
    assert run_command(["+experiment=entropy", SMOKE, *overrides]) == 2
    (line,) = [line for line in capsys.readouterr().err.splitlines() if line.strip()]
    assert complaint in line


def test_a_model_without_draws_needs_no_density():
    from lcpjax.experiments.entropy.experiment import check

    check(composed("entropy", "model=mlp", "representation.name=coordinates", *REFERENCE_ALONE))
