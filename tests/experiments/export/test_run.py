"""The export experiment at smoke scale: its files hold the configurations that were sampled."""

import json
import sys

import ase.io
import gsd.hoomd
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from lcpjax.dataset import Dataset
from lcpjax.experiments.export.exporting import first_frames
from lcpjax.run import run_command
from lcpjax.sampler import Configurations
from lcpjax.system import total_energy
from tests.smoke_runs import SMOKE, the_run_folder

pytestmark = pytest.mark.usefixtures("without_figures")


@pytest.mark.slow
def test_all_formats_hold_the_same_configurations_with_their_own_energies(in_empty_folder):
    assert run_command(["+experiment=export", SMOKE, "settings.configurations_per_gamma=60"]) == 0
    folder = the_run_folder(in_empty_folder, "export")
    files = {path.suffix: path for path in (folder / "trajectories").iterdir()}
    assert set(files) == {".gsd", ".extxyz", ".lammpstrj", ".csv"}

    dump = ase.io.read(files[".lammpstrj"], index=":", format="lammps-dump-text")
    xyz = ase.io.read(files[".extxyz"], index=":")
    positions = np.float32([image.positions[:, :2] for image in dump])
    gamma = np.float32([image.info["gamma"] for image in xyz])
    energy = np.float32([image.get_potential_energy() for image in xyz])
    assert positions.shape == (240, 30, 2)
    assert (gamma == np.tile(np.float32([0.1, 0.4, 0.7, 1.0]), 60)).all()
    assert [image.info["chain"] for image in xyz] == [image.info["timestep"] for image in dump] == list(range(240))
    # Sums of 435 pairs in float32, in another order than in the run.
    expected = jax.vmap(total_energy)(jnp.asarray(positions), jnp.asarray(gamma))
    np.testing.assert_allclose(energy, expected, rtol=1e-5, atol=1e-3)
    with gsd.hoomd.open(files[".gsd"], "r") as trajectory:
        assert np.array_equal([frame.log["energy"][0] for frame in trajectory], energy)
        centred = np.stack([frame.particles.position[:, :2] for frame in trajectory])
    # Half a unit in the last place of L/2, and as much for adding it again.
    assert np.abs(centred + 5.0 - positions).max() <= 5e-7

    summary = json.loads((folder / "summary.json").read_text())
    sizes = {name: files[ending].stat().st_size for name, ending in (("gsd", ".gsd"), ("lammps", ".lammpstrj"))}
    assert summary["export/num_frames"] == 240
    assert {name: summary[f"export/{name}_bytes"] for name in sizes} == sizes


def test_a_missing_library_stops_the_run_before_anything_is_sampled(in_empty_folder, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "gsd.hoomd", None)
    assert run_command(["+experiment=export", SMOKE]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.endswith('pip install "lcpjax[export]"')
    assert list(in_empty_folder.iterdir()) == []


@pytest.mark.parametrize(("asked", "given"), [(3, 3), (7, 7), (20, 10)])
def test_frames_are_the_first_chains_of_the_run_through_all_splits(asked, given):
    def split(first, size):
        rows = jnp.arange(first, first + size, dtype=jnp.float32)
        return Configurations(jnp.broadcast_to(rows[:, None, None], (size, 2, 2)), rows, -rows, rows, rows, rows)

    frames = first_frames(
        Dataset(split(0, 6), split(6, 2), split(8, 2), (0.0,)), asked, num_gammas=1, samples_per_chain=1
    )
    assert frames.chain.tolist() == frames.gamma.tolist() == list(range(given))
    assert (frames.energy == -frames.gamma).all()
    assert frames.positions.shape == (given, 2, 2)
    assert (frames.positions[:, 1, 1] == frames.gamma).all()


def test_frames_of_long_chains_are_equally_many_of_each_gamma_and_name_their_chains():
    # Six chains of three samples, of two gammas in turn; a row's number stands in its energy.
    rows = jnp.arange(18, dtype=jnp.float32)
    gamma = jnp.tile(jnp.repeat(jnp.array([0.1, 1.0]), 3), 3)
    whole = Configurations(jnp.zeros((18, 2, 2)), gamma, rows, rows, rows, rows)
    empty = jax.tree.map(lambda leaf: leaf[:0], whole)
    frames = first_frames(Dataset(whole, empty, empty, (0.1, 1.0)), per_gamma=4, num_gammas=2, samples_per_chain=3)
    assert frames.energy.tolist() == [0, 1, 2, 3, 4, 5, 6, 9]
    assert frames.chain.tolist() == [0, 0, 0, 1, 1, 1, 2, 3]
    assert (frames.gamma > 0.5).tolist() == [False] * 3 + [True] * 3 + [False, True]


@pytest.mark.parametrize(
    ("override", "complaint"),
    [
        ("settings.formats=[gds]", "settings.formats = gds: did you mean 'gsd'? allowed: extxyz, gsd, lammps"),
        ("settings.formats=[]", "settings.formats = []: at least one value is needed"),
        ("settings.formats=[gsd,gsd]", "settings.formats = ['gsd', 'gsd']: each value may stand there once"),
        ("settings.configurations_per_gamma=0", "settings.configurations_per_gamma = 0: must be at least 1"),
        ("report.export_formats=[gsd]", "report.export_formats: no such key; allowed: report.num_examples"),
    ],
)
def test_formats_that_cannot_be_written_are_refused_before_anything_is(override, complaint, in_empty_folder, capsys):
    assert run_command(["+experiment=export", SMOKE, override]) == 2
    assert complaint in capsys.readouterr().err
    assert list(in_empty_folder.iterdir()) == []
