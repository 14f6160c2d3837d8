"""The page that lies next to stored data."""

import json

import jax.numpy as jnp
import numpy as np
import pytest
import tensorstore

from lcpjax.dataset import Store, describe_store, held_equilibration, sums_by_gamma
from lcpjax.sampler import Configurations
from tests.dataset.small_parts import PLAN, identical, parts_of, taken


def test_the_datasheet_describes_all_that_is_stored(tmp_path):
    configurations = taken(parts_of(tmp_path, 40))
    store = Store(tmp_path, PLAN, print)
    described = describe_store(store, {"verdict": "equilibrated: no"})
    assert json.loads((store.path / "dataset.json").read_text()) == described
    assert described["settings"] == PLAN.settings
    assert (described["key"], described["num_chains"], described["num_configurations"]) == (PLAN.key, 40, 40)
    for row, gamma in zip(described["by_gamma"], PLAN.gammas, strict=True):
        rows = configurations.gamma == np.float32(gamma)
        energy = configurations.energy[rows].astype(float)
        assert row["num_configurations"] == 20
        # Both in double precision, added in another order.
        np.testing.assert_allclose(row["energy_epsilon"], energy.mean(), rtol=1e-12)
        np.testing.assert_allclose(row["energy_standard_deviation_epsilon"], energy.std(), rtol=1e-6)
        positions = configurations.positions[rows].astype(float)
        # Of single-precision coordinates, computed in single precision: a few units of 6e-8.
        np.testing.assert_allclose(row["mean_height_sigma"], positions[..., 1].mean(), rtol=1e-6)
        distances = np.linalg.norm(positions[:, :, None] - positions[:, None], axis=-1) + 9.0 * np.eye(4)
        np.testing.assert_allclose(row["minimum_distance_sigma"], distances.min(), rtol=1e-6)
        np.testing.assert_allclose(row["acceptance"], configurations.acceptance[rows].astype(float).mean(), rtol=1e-12)
    page = (store.path / "DATASHEET.md").read_text()
    for word in ("equilibrated: no", "chains-32-39", "sampler_version", "num_sweeps: 6"):
        assert word in page
    # Kept when nobody checks anew, and when the store has grown.
    taken(parts_of(tmp_path, 48))
    again = describe_store(store)
    assert again["num_chains"] == 48
    assert again["equilibration"] == {"verdict": "equilibrated: no"}


def test_the_reading_example_of_the_datasheet_works(tmp_path, monkeypatch):
    taken(parts_of(tmp_path, 16))
    store = Store(tmp_path, PLAN, print)
    describe_store(store)
    monkeypatch.chdir(store.path)
    example = [
        line.strip() for line in (store.path / "DATASHEET.md").read_text().splitlines() if line.startswith("    ")
    ]
    names = {"tensorstore": tensorstore}
    exec("\n".join(example), names)
    assert identical([names["positions"]], [PLAN.sample(0, 16).positions])


@pytest.mark.parametrize("content", ["{", "[]", '{"settings": {}}'])
def test_a_datasheet_that_does_not_fit_is_kept_and_written_anew(tmp_path, content):
    taken(parts_of(tmp_path, 16))
    said = []
    store = Store(tmp_path, PLAN, said.append)
    described = describe_store(store)
    (store.path / "dataset.json").write_text(content)
    assert describe_store(store) == described
    assert "dataset.json-damaged-1" in said[0]
    assert (store.path / "dataset.json-damaged-1").read_text() == content


def test_a_verdict_of_which_one_digit_changed_is_not_believed(tmp_path):
    taken(parts_of(tmp_path, 16))
    said = []
    store = Store(tmp_path, PLAN, said.append)
    described = describe_store(store, {"is_equilibrated": 0, "largest_z": 8.5})
    path = store.path / "dataset.json"
    path.write_text(path.read_text().replace('"largest_z": 8.5', '"largest_z": 0.5'))
    assert held_equilibration(store) is None
    assert "its checksum does not fit" in said[0]
    assert describe_store(store, described["equilibration"]) == described


def test_values_that_json_cannot_hold_are_left_out():
    endless = Configurations(jnp.zeros((2, 4, 2)), jnp.ones(2), jnp.array([1.0, jnp.inf]), *jnp.ones((3, 2)))
    (sums,) = sums_by_gamma(endless, (1.0,))
    assert sums["energy"] is None
    assert json.dumps(sums, allow_nan=False)
