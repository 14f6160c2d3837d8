"""Run folders that other versions wrote: what they hold still loads, and is what it was."""

import tarfile
from pathlib import Path

import numpy as np
import pytest

from lcpjax import load_run
from lcpjax.errors import InputError

RUN = Path(__file__).with_name("run_of_version_0_1_0.tar.gz")
# Found with the version that trained it.
MEANS = [
    [-0.18784421682357788, -0.3515295088291168],
    [0.6143968105316162, -0.10178223997354507],
    [0.6078392863273621, 0.07430858910083771],
]
SUMS_OF_DISTANCES = [260.7690734863281, 258.08599853515625, 257.91656494140625]


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("old")
    with tarfile.open(RUN) as packed:
        packed.extractall(folder, filter="data")
    return load_run(folder / "run")


def test_a_run_of_an_earlier_version_gives_what_it_gave(run):
    positions = np.random.default_rng(0).uniform(0, 10, (3, 8, 2)).astype(np.float32)
    np.testing.assert_allclose(run.encode(positions).mean, MEANS, rtol=1e-5)
    _, reconstructed = run.reconstruct_distances(positions)
    np.testing.assert_allclose(reconstructed.sum(axis=(1, 2)), SUMS_OF_DISTANCES, rtol=1e-5)
    scores = {"reconstruction", "kl", "elbo", "likelihood_regret", "energy", "sum_y"}
    assert set(run.score(positions)) == scores
    assert (run.name, run.setting.latent_dim, run.masks) == ("models", 2, "none")


def test_no_configurations_are_refused(run):
    for method in (run.encode, run.score, run.reconstruct_distances):
        with pytest.raises(InputError, match=r"^positions: no configurations"):
            method(np.zeros((0, 8, 2)))
