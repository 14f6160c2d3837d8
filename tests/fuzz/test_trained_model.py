"""A trained model, given whatever arrays there are: a result for each configuration, or one line."""

import shutil

import jax
import numpy as np
import pytest
from hypothesis import given

from lcpjax import load_run
from tests.fuzz.arrays import ANY, near_to
from tests.fuzz.trying import result_or_one_line, thoroughly
from tests.test_load import RUN

POSITIONS = np.random.default_rng(0).uniform(0, 10, (3, 8, 2)).astype(np.float32)
METHODS = {
    "encode": lambda run, positions: run.encode(positions).mean,
    "rate": lambda run, positions: run.rate(positions, jax.random.key(0)),
    "score": lambda run, positions: run.score(positions)["reconstruction"],
}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    shutil.unpack_archive(RUN, folder, filter="data")
    return load_run(folder / "run")


@pytest.mark.slow
# Configurations that cannot be of the box.
@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("name", METHODS)
@thoroughly
@given(positions=near_to(POSITIONS) | ANY)
def test_a_trained_model_gives_a_result_for_each_or_one_line(run, name, positions):
    result = result_or_one_line(lambda: jax.block_until_ready(METHODS[name](run, positions)))
    assert result is None or len(result) == len(positions)
