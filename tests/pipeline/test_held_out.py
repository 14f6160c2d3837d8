"""The test set of a finished run, found again from its folder."""

import tarfile
from pathlib import Path

import numpy as np
import pytest
import yaml

from lcpjax.dataset import Parts, SamplingPlan, Store
from lcpjax.pipeline.held_out import held_out_configurations
from lcpjax.system import System

RUN = Path(__file__).parents[1] / "run_of_version_0_1_0.tar.gz"


@pytest.fixture
def run(tmp_path):
    """A run whose data, 64 chains of each of two gammas, are kept in a folder of their own; a tenth are tests."""
    with tarfile.open(RUN) as packed:
        packed.extractall(tmp_path, filter="data")
    config = yaml.safe_load((tmp_path / "run" / "config.yaml").read_text())
    config["dataset"]["cache_dir"] = str(tmp_path / "datasets")
    (tmp_path / "run" / "config.yaml").write_text(yaml.safe_dump(config))
    return tmp_path / "run"


def test_test_configurations_are_read_where_they_are_kept_and_sampled_again_bitwise_where_not(run, capsys):
    plan = SamplingPlan(System(num_particles=8), (0.1, 1.0), seed=0, num_sweeps=40, moves="local")
    sampled = held_out_configurations(run, 400)
    assert capsys.readouterr().out == "sampling 12 test configurations, which the cache does not hold\n"
    store = Store(run.parent / "datasets", plan, print)
    (everything,) = Parts(plan, 128, store, lambda moves: None, lambda: False, print)
    read = held_out_configurations(run, 400)
    assert capsys.readouterr().out == ""
    np.testing.assert_array_equal(read.positions, everything.positions[-12:])
    np.testing.assert_array_equal(read.positions, sampled.positions)
    np.testing.assert_array_equal(np.asarray(read.gammas, np.float32)[read.gamma_index], everything.gamma[-12:])
    # Of fewer the first, every gamma equally often.
    few = held_out_configurations(run, 5)
    np.testing.assert_array_equal(few.positions, everything.positions[-12:-8])
    assert few.gamma_index.tolist() == [0, 1, 0, 1]
