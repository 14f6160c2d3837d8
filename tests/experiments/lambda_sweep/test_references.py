"""Models of other experiments in the rate-distortion plane."""

from pathlib import Path

import pytest

from lcpjax.experiments.lambda_sweep.references import references_of
from lcpjax.report import read_table
from tests.smoke_runs import composed


def test_the_references_are_those_of_the_committed_runs_of_best():
    results = Path(__file__).parents[3] / "experiments" / "train" / "results" / "best"
    if not results.exists():
        pytest.skip("no results in an installed package")
    columns = ("seed", "kl_nats", "rmsd_of_sample")
    committed = [
        {"variant": "best"} | {name: row[name] for name in columns}
        for folder in sorted(results.iterdir())
        for row in read_table(folder / "tables" / "train.csv")
    ]
    assert references_of(composed("lambda_sweep")) == committed


def test_another_fluid_has_no_references():
    assert references_of(composed("lambda_sweep", "system.temperature=1.5")) == []
