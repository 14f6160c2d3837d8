"""What +experiment=verification leaves and how it ends; tests/sampler/verification tests its checks."""

import json
from dataclasses import dataclass

import pytest

from lcpjax.pipeline import verification
from lcpjax.report import read_table
from lcpjax.run import run_command
from lcpjax.sampler.verification import Check, Subject
from lcpjax.sampler.verification.sensitivity import Sensitivity
from lcpjax.system import System
from tests.smoke_runs import SMOKE, the_run_folder


@dataclass(frozen=True)
class Trial:
    """A trial whose outcome is known."""

    z: float
    num_moves: int = 0

    def run(self, key):
        subject = Subject("independent", System(), "sequential")
        sensitivity = Sensitivity.exact(20.0, 0.0)._replace(spread=1.0)
        return [Check(subject, "mean x (sigma)", "0.4", 5.0 + self.z, 5.0, 1.0, 1000, self.z, sensitivity)]


@pytest.mark.parametrize(("z", "exit_code"), [(-1.5, 0), (6.0, 1)])
def test_a_run_ends_with_a_table_a_figure_a_verdict_and_fails_if_a_check_does(
    z, exit_code, in_empty_folder, monkeypatch
):
    monkeypatch.setattr(verification, "small_system_trials", lambda *arguments: [Trial(0.5)])
    monkeypatch.setattr(verification, "full_system_trials", lambda *arguments: [Trial(z)])
    assert run_command(["+experiment=verification", SMOKE]) == exit_code
    folder = the_run_folder(in_empty_folder, "verification")
    rows = read_table(folder / "tables" / "verification.csv")
    assert [row["z"] for row in rows] == [0.5, z]
    assert list(rows[0])[:4] == ["name", "system", "gamma", "order"]
    detectable = read_table(folder / "tables" / "detectable.csv")
    assert [row["chains"] for row in detectable] == [64, 512, 4000]
    assert [row["pair_energy_percent"] for row in detectable] == ["", "", ""]
    summary = json.loads((folder / "summary.json").read_text())
    assert summary["verification/largest_z"] == abs(z)
    assert summary["verification/num_checks"] == 2
    assert (folder / "figures" / "verification.png").stat().st_size > 1000
    failures = json.loads((folder / "status.json").read_text())["failures"]
    assert bool(failures) is bool(exit_code)


def test_of_another_system_the_means_against_the_reference_program_are_skipped_and_the_table_says_so(
    in_empty_folder, monkeypatch
):
    monkeypatch.setattr(verification, "small_system_trials", lambda *arguments: [Trial(0.5)])
    monkeypatch.setattr(verification, "full_system_trials", lambda *arguments: [Trial(0.5)])
    assert run_command(["+experiment=verification", SMOKE, "system.box_side=12"]) == 0
    folder = the_run_folder(in_empty_folder, "verification")
    *_, last = read_table(folder / "tables" / "detectable.csv")
    assert last["system"] == "N=30 L=12 T=1 lennard_jones"
    assert last["note"].startswith("skipped: no reference means")
