"""The experiment on missing data, whole, at the smallest scale."""

import pytest

from lcpjax.report import read_table
from lcpjax.run import run_command
from tests.smoke_runs import SMOKE, the_run_folder

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("in_empty_folder")]

FEW = [
    "off_diagonal_blocks=[12,15]",
    "diagonal_blocks=[]",
    "random_fractions=[0.3]",
    "lost_particles=[1]",
    "links=[0,1]",
]
FEW += [
    "num_configurations=3",
    "num_completed=4",
    "num_moves=4000",
    "num_proposals=8",
    "num_draws=4",
    "num_candidates=8",
]


def test_what_is_missing_is_completed_or_imputed_and_compared_with_the_exact_posterior(in_empty_folder):
    sizes = [f"settings.{key}" for key in FEW]
    assert run_command(["+experiment=missing_data", SMOKE, *sizes]) == 0
    folder = the_run_folder(in_empty_folder, "missing_data")
    rigid = {row["masks"]: row["rigid_fraction"] for row in read_table(folder / "tables" / "masks.csv")}
    assert [name for name, fraction in rigid.items() if fraction == 1] == ["off-diagonal 12 x 12", "30 % at random"]
    solved = read_table(folder / "tables" / "completion.csv")
    assert {row["masks"] for row in solved} == {"off-diagonal 12 x 12", "30 % at random"}
    assert min(row["solved_fraction"] for row in solved if row["start"] == "with restarts, in space") == 1.0
    methods = {
        (row["masks"], row["variant"], row["method"]) for row in read_table(folder / "tables" / "imputation.csv")
    }
    assert ("off-diagonal 15 x 15", "physics", "exact posterior") in methods
    assert ("off-diagonal 12 x 12", "physics", "completion") in methods
    assert ("1 particle, 0 links", "best", "density, frame known") in methods
    assert ("1 particle, 1 link", "masked_points", "importance, widened") in methods
    for name in ("before_after", "solved", "intervals", "configurations", "underdetermined"):
        assert (folder / "figures" / f"{name}.png").stat().st_size > 1000
