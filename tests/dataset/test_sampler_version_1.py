"""Data stored by the first version of the sampler, which knew local moves alone."""

import dataclasses
import tarfile
from pathlib import Path

import numpy as np
import pytest

from lcpjax.dataset import SamplingPlan, Store, merged
from lcpjax.system import System

STORED = Path(__file__).with_name("chains_of_sampler_version_1.tar.gz")
"""Eight chains, as lcpjax 0.1.0 kept them."""
LOCAL = SamplingPlan(System(num_particles=6, box_side=5.0), (0.1, 1.0), seed=3, num_sweeps=20, moves="local")


@pytest.fixture
def cache(tmp_path):
    with tarfile.open(STORED) as archive:
        archive.extractall(tmp_path, filter="data")
    return tmp_path


def test_they_are_found_and_read_and_are_what_local_moves_still_make(cache):
    store = Store(cache, LOCAL, print)
    _, stored = store.read(0)
    again = LOCAL.sample(0, 8)
    for name, values in stored._asdict().items():
        np.testing.assert_allclose(values, getattr(again, name), rtol=1e-5, err_msg=name)
    assert stored.nonlocal_fraction.tolist() == [0.0] * 8


def test_their_sums_count_no_non_local_moves(cache):
    store = Store(cache, LOCAL, print)
    (part,) = store.parts()
    rows = merged([store.attributes(part)["by_gamma"]], LOCAL.gammas)
    assert [row["num_configurations"] for row in rows] == [4, 4]
    assert [row["nonlocal_fraction"] for row in rows] == [0.0, 0.0]


def test_mixed_moves_would_take_a_tenth_of_the_sweeps_of_local_ones():
    assert dataclasses.replace(LOCAL, num_sweeps=3000).num_mixed_sweeps == 300
    assert dataclasses.replace(LOCAL, num_sweeps=3000, moves="mixed").num_mixed_sweeps == 3000


def test_mixed_moves_have_data_of_their_own():
    mixed = SamplingPlan(System(num_particles=6, box_side=5.0), (0.1, 1.0), seed=3, num_sweeps=20)
    assert mixed.key != LOCAL.key
    assert mixed.settings["sampler_version"] == 2
