"""Every trajectory file is opened again by the library that others would open it with."""

import sys

import ase.io
import gsd.hoomd
import numpy as np
import pytest

from lcpjax.errors import InputError
from lcpjax.report import read_table
from lcpjax.report.trajectories import (
    FORMATS,
    Frames,
    require_library,
    trajectory_format,
    write_extxyz,
    write_gsd,
    write_lammps_dump,
)
from lcpjax.runtime.files import atomic_write

BOX_SIDE = 9.7
GAMMA = np.array([0.1, 0.4, 0.7, 1.0, 1e-13], np.float32)


@pytest.fixture
def frames():
    """Five configurations of seven particles, one of them in two corners and one next to a wall."""
    generator = np.random.default_rng(0)
    positions = generator.uniform(0.0, BOX_SIDE, (5, 7, 2)).astype(np.float32)
    positions[0, 0], positions[0, 1], positions[0, 2] = 0.0, np.float32(BOX_SIDE), 1.2345678e-7
    energy = generator.normal(0.0, 50.0, 5).astype(np.float32)
    return Frames(positions, GAMMA, energy, np.array([0, 1, 2, 3, 100_000]))


def half_unit_in_the_last_place_of(length):
    return np.spacing(np.float32(length)) / 2


def test_gsd_gives_back_a_centred_flat_box_with_step_gamma_and_energy(frames, tmp_path):
    write_gsd(tmp_path / "f.gsd", frames, BOX_SIDE)
    with gsd.hoomd.open(tmp_path / "f.gsd", "r") as trajectory:
        assert [frame.configuration.step for frame in trajectory] == frames.chain.tolist()
        for index, frame in enumerate(trajectory):
            assert frame.configuration.dimensions == 2
            assert (frame.configuration.box == np.array([BOX_SIDE, BOX_SIDE, 0, 0, 0, 0], np.float32)).all()
            assert (frame.particles.N, frame.particles.types) == (7, ["A"])
            assert frame.log["gamma"] == frames.gamma[index]
            assert frame.log["energy"] == frames.energy[index]
            assert (frame.particles.position[:, 2] == 0).all()
            assert (np.abs(frame.particles.position) <= np.float32(BOX_SIDE / 2)).all()
            # Two float32 roundings: of the centre, which cancels, and of the difference.
            centre = frame.log["subtracted_box_centre"].astype(np.float64)
            error = frame.particles.position[:, :2] + centre - frames.positions[index]
            assert np.abs(error).max() <= half_unit_in_the_last_place_of(BOX_SIDE / 2)


def test_extended_xyz_gives_back_positions_to_eight_decimals_with_gamma_energy_and_chain(frames, tmp_path):
    write_extxyz(tmp_path / "f.extxyz", frames, BOX_SIDE)
    images = ase.io.read(tmp_path / "f.extxyz", index=":")
    assert [image.info["chain"] for image in images] == frames.chain.tolist()
    assert (np.float32([image.info["gamma"] for image in images]) == frames.gamma).all()
    assert (np.float32([image.get_potential_energy() for image in images]) == frames.energy).all()
    for image, positions in zip(images, frames.positions, strict=True):
        assert image.cell.lengths().tolist() == [BOX_SIDE, BOX_SIDE, 1.0]
        assert not image.pbc.any()
        assert set(image.symbols) == {"X"}
        # Half of the last decimal, and a rounding of the sum of a comparison in double precision.
        assert np.abs(image.positions[:, :2] - positions).max() <= 0.5e-8 + 1e-14
        assert (image.positions[:, 2] == 0).all()


@pytest.mark.parametrize("how", [{"format": "lammps-dump-text"}, {}], ids=["named", "guessed"])
def test_a_lammps_dump_gives_back_every_bit_of_the_positions(how, frames, tmp_path):
    write_lammps_dump(tmp_path / "f.lammpstrj", frames, BOX_SIDE)
    images = ase.io.read(tmp_path / "f.lammpstrj", index=":", **how)
    assert [image.info["timestep"] for image in images] == frames.chain.tolist()
    for image, positions in zip(images, frames.positions, strict=True):
        assert (image.positions[:, :2].astype(np.float32) == positions).all()
        assert (image.positions[:, 2] == 0).all()
        assert image.cell.lengths().tolist() == [BOX_SIDE, BOX_SIDE, 1.0]
        assert image.get_celldisp().ravel().tolist() == [0.0, 0.0, -0.5]
        assert not image.pbc.any()


def test_one_digit_fewer_would_lose_bits(frames):
    assert any(np.float32(f"{value:.7g}") != value for value in frames.positions.ravel())


def test_the_table_next_to_a_dump_has_gamma_and_energy_of_each_frame(frames, tmp_path):
    write_lammps_dump(tmp_path / "f.lammpstrj", frames, BOX_SIDE)
    rows = read_table(tmp_path / "f.lammpstrj.csv")
    assert [(row["frame"], row["chain"]) for row in rows] == list(enumerate(frames.chain.tolist()))
    assert (np.float32([row["energy"] for row in rows]) == frames.energy).all()
    # As a person would look for them.
    assert [row["gamma"] for row in rows] == [0.1, 0.4, 0.7, 1.0, 1e-13]


@pytest.mark.parametrize("name", FORMATS)
def test_equal_frames_leave_equal_files_and_one_particle_is_enough(name, frames, tmp_path):
    single = frames._replace(positions=frames.positions[:, :1])
    for folder in ("first", "second"):
        trajectory_format(name).write(tmp_path / folder / "f", single, BOX_SIDE)
    written = [sorted((tmp_path / folder).iterdir()) for folder in ("first", "second")]
    assert [path.name for path in written[0]] == [path.name for path in written[1]]
    assert [path.read_bytes() for path in written[0]] == [path.read_bytes() for path in written[1]]


@pytest.mark.parametrize("name", FORMATS)
def test_a_writer_that_fails_leaves_the_old_file_and_nothing_else(name, frames, tmp_path):
    path = tmp_path / "f"
    path.write_text("precious")
    with pytest.raises(InputError, match=r"chain has shape \(4,\), expected \(5,\)"):
        trajectory_format(name).write(path, frames._replace(chain=frames.chain[:-1]), BOX_SIDE)
    assert [entry.name for entry in tmp_path.iterdir()] == ["f"]
    assert path.read_text() == "precious"


def test_a_file_gets_its_name_only_when_it_is_whole(tmp_path):
    with atomic_write(tmp_path / "folder" / "f") as temporary:
        temporary.write_text("half")
        assert not (tmp_path / "folder" / "f").exists()
    assert [path.name for path in (tmp_path / "folder").iterdir()] == ["f"]


@pytest.mark.parametrize(("name", "module"), [("gsd", "gsd.hoomd"), ("extxyz", "ase.io")])
def test_a_missing_library_is_one_line_that_says_how_to_get_it(name, module, frames, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, module, None)
    format_ = trajectory_format(name)
    complaint = rf'^{module}: cannot be imported \(.*\); pip install "lcpjax\[export\]"$'
    with pytest.raises(InputError, match=complaint):
        require_library(format_)
    with pytest.raises(InputError, match=complaint):
        format_.write(tmp_path / "f", frames, BOX_SIDE)
    assert list(tmp_path.iterdir()) == []


def test_a_dump_needs_no_library(monkeypatch):
    for module in ("ase", "ase.io", "gsd", "gsd.hoomd"):
        monkeypatch.setitem(sys.modules, module, None)
    require_library(trajectory_format("lammps"))


BAD = {
    "no frames": (
        {name: np.zeros((0, 7, 2)[: 3 if name == "positions" else 1]) for name in Frames._fields},
        "at least",
    ),
    "a short gamma": ({"gamma": GAMMA[:4]}, r"gamma has shape \(4,\), expected \(5,\): one of each frame"),
    "nan": ({"positions": np.full((5, 7, 2), np.nan)}, "positions: 5 of 5 frames are not finite"),
    "a missing axis": ({"positions": np.zeros((5, 7))}, r"positions have shape \(5, 7\), expected"),
    "three dimensions": ({"positions": np.zeros((5, 7, 3))}, r"positions have shape \(5, 7, 3\), expected"),
    "half a chain": ({"chain": np.arange(5.0)}, "chain has dtype float64, expected integers"),
    "no energy": ({"energy": np.full(5, np.nan)}, "energy: 5 of 5 frames are not numbers"),
}


@pytest.mark.parametrize("name", FORMATS)
def test_what_no_file_can_be_made_of_is_refused_before_a_byte_is_written(name, frames, tmp_path):
    write, path = trajectory_format(name).write, tmp_path / "folder" / "f"
    for changes, complaint in BAD.values():
        with pytest.raises(InputError, match=complaint):
            write(path, frames._replace(**changes), BOX_SIDE)
    for side in (0.0, -1.0, np.nan):
        with pytest.raises(InputError, match=r"^box_side = .*: must be above 0 and finite"):
            write(path, frames, side)
    other = next(each.ending for each in FORMATS.values() if each is not FORMATS[name])
    with pytest.raises(InputError, match="is of another format; files of"):
        write(tmp_path / f"f.{other}", frames, BOX_SIDE)
    with pytest.raises(InputError, match="is a folder; name a file in it"):
        write(tmp_path, frames, BOX_SIDE)
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "file").write_text("precious")
    with pytest.raises(InputError, match="is a file, not a folder"):
        write(tmp_path / "file" / "f", frames, BOX_SIDE)


@pytest.mark.parametrize("name", FORMATS)
def test_a_path_may_be_text_and_positions_whole_numbers(name, frames, tmp_path):
    whole = frames._replace(positions=np.ones((5, 7, 2), int), gamma=np.ones(5, int))
    trajectory_format(name).write(str(tmp_path / "text"), whole, BOX_SIDE)
    singles = whole._replace(positions=np.ones((5, 7, 2), np.float32), gamma=np.ones(5, np.float32))
    trajectory_format(name).write(tmp_path / "path", singles, BOX_SIDE)
    assert (tmp_path / "text").read_bytes() == (tmp_path / "path").read_bytes()
