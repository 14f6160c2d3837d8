"""Stored data that were killed, damaged or refused: nothing wrong is read, and nothing is lost."""

import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from lcpjax.dataset import SamplingPlan, Store
from tests.dataset.small_parts import PLAN, files_of, identical, parts_of, taken

DAMAGE = {
    "cut short": lambda path: path.write_bytes(path.read_bytes()[:-1]),
    "one bit": lambda path: path.write_bytes(bytes([path.read_bytes()[0] ^ 1]) + path.read_bytes()[1:]),
    "gone": lambda path: path.unlink(),
    "empty": lambda path: path.write_bytes(b""),
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
@pytest.mark.parametrize("file", ["positions/c/0/0/0", "gamma/c/0", "energy/zarr.json", "zarr.json"])
def test_a_damaged_part_is_named_kept_and_sampled_anew(tmp_path, damage, file):
    whole = taken(parts_of(tmp_path, 40))
    before = files_of(tmp_path)
    part = tmp_path / PLAN.key / "chains-16-31"
    damage(part / file)
    said = []
    mended = parts_of(tmp_path, 40, said=said)
    assert identical(taken(mended), whole)
    assert (mended.num_read, mended.num_sampled) == (24, 16)
    (line,) = said
    assert file in line
    assert "kept as chains-16-31-damaged-1" in line
    assert part.with_name("chains-16-31-damaged-1").is_dir()
    assert before.items() <= files_of(tmp_path).items()
    assert parts_of(tmp_path, 40).num_sampled == 0


def test_every_bit_of_a_part_is_guarded(tmp_path):
    taken(parts_of(tmp_path, 16))
    store, generator = Store(tmp_path, PLAN, print), np.random.default_rng(0)
    part = tmp_path / PLAN.key / "chains-0-15"
    for path in sorted(path for path in part.rglob("*") if path.is_file()):
        good = path.read_bytes()
        for bit in generator.integers(8 * len(good), size=12):
            flipped = bytearray(good)
            flipped[bit // 8] ^= 1 << (bit % 8)
            path.write_bytes(flipped)
            if (
                path.name == "zarr.json"
                and path.parent == part
                and flipped.decode("latin1").split() == good.decode().split()
            ):
                continue  # Between its words, where it says nothing.
            assert store.read(0) is None, (path, bit)
        path.write_bytes(good)
    assert store.read(0) is not None


def test_a_part_of_other_settings_or_under_another_name_is_not_taken(tmp_path):
    other = SamplingPlan(PLAN.system, PLAN.gammas, seed=4, num_sweeps=6)
    taken(parts_of(tmp_path, 16, other))
    (tmp_path / PLAN.key).mkdir()
    shutil.copytree(tmp_path / other.key / "chains-0-15", tmp_path / PLAN.key / "chains-0-15")
    said = []
    assert identical(taken(parts_of(tmp_path, 16, said=said)), PLAN.sample(0, 16))
    assert "holds chains of other settings" in said[0]
    shutil.move(tmp_path / PLAN.key / "chains-0-15", tmp_path / PLAN.key / "chains-16-31")
    assert identical(taken(parts_of(tmp_path, 32, said=said)), PLAN.sample(0, 32))
    assert "holds other chains than its name says" in said[1]


def test_what_a_kill_left_unfinished_is_no_part_and_goes_away(tmp_path):
    leftover = tmp_path / PLAN.key / ".chains-0-15.unfinished"
    leftover.mkdir(parents=True)
    (leftover / "zarr.json").write_text("{")
    assert identical(taken(parts_of(tmp_path, 16)), PLAN.sample(0, 16))
    assert not leftover.exists()


def test_a_folder_that_cannot_be_written_costs_one_line(tmp_path):
    (tmp_path / "file").write_text("in the way")
    said = []
    assert identical(taken(parts_of(tmp_path / "file" / "cache", 40, said=said)), PLAN.sample(0, 40))
    (line,) = said
    assert "cannot be written" in line
    assert "what is missing there is only sampled" in line


FULL_DISK = """
import resource, sys, pathlib
from lcpjax.dataset import parts as parts_module
from tests.dataset import small_parts as tests
parts_module.chains_per_part = lambda plan: 16
resource.setrlimit(resource.RLIMIT_FSIZE, (400, 400))
said = []
parts = tests.parts_of(pathlib.Path(sys.argv[1]), 40, said=said)
same = tests.identical(tests.taken(parts), tests.PLAN.sample(0, 40))
sys.exit(f"{same} {said}" if not same or len(said) != 1 or "cannot be written" not in said[0] else 0)
"""


def test_a_disk_that_fills_up_costs_one_line_and_leaves_no_half_part(tmp_path):
    command = [sys.executable, "-c", FULL_DISK, str(tmp_path)]
    done = subprocess.run(command, cwd=Path(__file__).parents[2], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert [path.name for path in (tmp_path / PLAN.key).iterdir()] == [".lock"]
