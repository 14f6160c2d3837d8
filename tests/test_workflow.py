"""The gate runs by itself, on other machines."""

from pathlib import Path

import yaml

ROOT = Path(__file__).parents[1]


def test_the_gate_runs_on_linux_and_macos_with_the_oldest_python_and_a_newer_one():
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "test.yml").read_text("utf-8"))
    # YAML 1.1 reads the word `on` as true.
    assert {"push", "pull_request"} <= set(workflow[True])
    (gate,) = workflow["jobs"].values()
    machines = gate["strategy"]["matrix"]["include"]
    assert {(machine["system"].partition("-")[0], machine["python"]) for machine in machines} == {
        ("ubuntu", "3.11"),
        ("ubuntu", "3.13"),
        ("macos", "3.13"),
    }
    assert gate["runs-on"] == "${{ matrix.system }}"
    versions = [step["with"]["python-version"] for step in gate["steps"] if "setup-python" in step.get("uses", "")]
    assert versions == ["${{ matrix.python }}"]
    assert [step["run"] for step in gate["steps"] if "run" in step] == ["make test PYTHON=python"]


def test_the_pinned_dependencies_are_audited_every_week():
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "audit.yml").read_text("utf-8"))
    assert workflow[True]["schedule"]
    commands = [step["run"] for step in workflow["jobs"]["audit"]["steps"] if "run" in step]
    assert commands[-1].split()[:3] == ["pip-audit", "--requirement", "requirements/lock.txt"]
    assert (ROOT / "requirements" / "lock.txt").is_file()
