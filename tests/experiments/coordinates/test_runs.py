"""The experiments on what comes back, whole, at the smallest scale."""

import pytest

from lcpjax.report import read_table
from lcpjax.run import run_command
from tests.smoke_runs import SMOKE, the_run_folder

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("in_empty_folder")]


def test_coordinates_come_back_by_every_way_and_stand_in_tables_and_figures(in_empty_folder):
    assert run_command(["+experiment=coordinates", SMOKE, "sweep.seeds=[0,1]"]) == 0
    folder = the_run_folder(in_empty_folder, "coordinates")
    rows = read_table(folder / "tables" / "coordinates.csv")
    assert {row["variant"] for row in rows} == {"true distances", "seed_conv", "anchored", "point_decoder", "best"}
    exact = [row for row in rows if row["variant"] == "true distances"]
    # Nothing is lost of true distances, whatever one does after Gram's matrix.
    assert max(row["rmsd_aligned"] for row in exact) < 1e-4
    (best, _) = [row for row in rows if row["variant"] == "best"]
    assert best["rmsd"] < 0.1
    assert best["orientation_fraction"] == 1.0
    assert len(read_table(folder / "tables" / "learned_routes.csv")) == 2 * 4 * 2
    for name in ("coordinates", "routes", "learned_routes"):
        assert (folder / "figures" / f"{name}.png").stat().st_size > 1000


def test_energies_are_those_of_raw_reconstructions_compared_with_gaussian_error_and_the_cost_of_repair(in_empty_folder):
    models = "sweep.models=[seed_conv,best]"
    assert run_command(["+experiment=energies", SMOKE, models, "settings.sweeps=[1]"]) == 0
    folder = the_run_folder(in_empty_folder, "energies")
    rows = {(row["variant"], row["decoded"]): row for row in read_table(folder / "tables" / "energies.csv")}
    assert set(rows) == {(variant, decoded) for variant in ("seed_conv", "best") for decoded in ("mean", "sample")}
    assert rows["best", "sample"]["wasserstein"] < 1.0 < rows["seed_conv", "sample"]["wasserstein"]
    repaired = read_table(folder / "tables" / "repair.csv")
    assert [row["displacement"] for row in repaired if row["method"] == "decoded"] == [0.0, 0.0]
    for name in ("energies", "energy_against_error", "repair"):
        assert (folder / "figures" / f"{name}.png").stat().st_size > 1000
