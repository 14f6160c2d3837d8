"""Stored data: what is asked for comes back bit by bit, whatever was asked before, killed, damaged or refused."""

import json
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import tensorstore

from lcpjax.dataset import Parts, SamplingPlan, Store, describe_store, sums_by_gamma
from lcpjax.dataset import parts as parts_module
from lcpjax.sampler import Configurations, Ladder
from lcpjax.system import System

PLAN = SamplingPlan(System(num_particles=4, box_side=4.0), (0.25, 1.0), seed=3, num_sweeps=6)


@pytest.fixture(autouse=True)
def small_parts(monkeypatch):
    """Parts of 16 chains, so that a few chains make several."""
    monkeypatch.setattr(parts_module, "chains_per_part", lambda plan: 16)


def parts_of(cache, num_chains, plan=PLAN, *, stop=lambda: False, said=None):
    say = [].append if said is None else said.append
    store = None if cache is None else Store(cache, plan, say)
    return Parts(plan, num_chains, store, on_moves=lambda moves: None, stop=stop, say=say)


def taken(parts):
    return Configurations(*(np.concatenate(leaves) for leaves in zip(*parts, strict=True)))


def identical(first, second):
    return all((np.asarray(a) == np.asarray(b)).all() for a, b in zip(first, second, strict=True))


def names(cache, plan=PLAN):
    return [part.path.name for part in Store(cache, plan, print).parts()]


def files_of(cache):
    return {
        str(path.relative_to(cache)): path.read_bytes()
        for path in cache.rglob("*")
        if path.is_file() and path.name != ".lock"
    }


def test_what_is_stored_is_what_the_sampler_gives_and_is_read_back_bit_by_bit(tmp_path):
    once = parts_of(tmp_path, 40)
    first = taken(once)
    assert (once.num_sampled, once.num_read) == (40, 0)
    assert identical(first, PLAN.sample(0, 40))
    again = parts_of(tmp_path, 40)
    assert identical(taken(again), first)
    assert (again.num_sampled, again.num_read, again.moves_per_second) == (0, 40, None)
    assert names(tmp_path) == ["chains-0-15", "chains-16-31", "chains-32-39"]


def test_fewer_chains_are_the_first_and_more_go_on_from_there(tmp_path):
    twenty = taken(parts_of(tmp_path, 20))
    fewer = parts_of(tmp_path, 6)
    assert identical(taken(fewer), PLAN.sample(0, 6))
    assert fewer.num_sampled == 0
    more = parts_of(tmp_path, 48)
    assert identical(taken(more), PLAN.sample(0, 48))
    assert (more.num_read, more.num_sampled) == (20, 28)
    assert identical((leaf[:20] for leaf in taken(parts_of(tmp_path, 48))), twenty)


def test_without_a_store_the_same_chains_come_and_nothing_is_written(tmp_path):
    assert identical(taken(parts_of(None, 40)), PLAN.sample(0, 40))
    assert list(tmp_path.iterdir()) == []


LADDER = Ladder((1.0, 1.5), (1.0, 1.0))
OTHERS = {
    "seed": {"seed": 4},
    "num_sweeps": {"num_sweeps": 7},
    "gammas": {"gammas": (0.25, 0.5)},
    "step_size": {"step_size": 0.3},
    "order": {"order": "random"},
    "samples_per_chain": {"samples_per_chain": 2},
    "ladder": {"ladder": LADDER},
    "system": {"system": System(num_particles=4, box_side=4.0, temperature=1.1)},
}


@pytest.mark.parametrize("changes", OTHERS.values(), ids=OTHERS)
def test_other_settings_are_other_data(changes):
    other = SamplingPlan(**({name: getattr(PLAN, name) for name in PLAN.__dataclass_fields__} | changes))
    assert other.key != PLAN.key


def test_the_name_of_a_dataset_stays_and_ignores_what_decides_nothing(monkeypatch):
    # Stored data of every user hang on it: it may change only with SAMPLER_VERSION or the settings there are.
    assert PLAN.key == "40a6f3a79bb80799"
    assert SamplingPlan(PLAN.system, PLAN.gammas, 3, 6, thinning=7).key == PLAN.key
    two = [SamplingPlan(PLAN.system, PLAN.gammas, 3, 6, samples_per_chain=2, thinning=t).key for t in (1, 7)]
    assert two[0] != two[1]
    monkeypatch.setattr("lcpjax.dataset.sampling_plan.SAMPLER_VERSION", 10**6)
    assert PLAN.key != "40a6f3a79bb80799"


def test_every_setting_reaches_the_sampler_and_the_store(tmp_path):
    plan = SamplingPlan(PLAN.system, PLAN.gammas, 3, 6, 0.3, "random", samples_per_chain=3, thinning=2, ladder=LADDER)
    stored = taken(parts_of(tmp_path, 20, plan))
    assert stored.positions.shape == (60, 4, 2)
    assert (stored.gamma == np.tile(np.repeat(np.float32([0.25, 1.0]), 3), 10)).all()
    assert (stored.step_size == np.float32(0.3)).all()
    again = parts_of(tmp_path, 18, plan)
    assert identical(taken(again), (leaf[:54] for leaf in stored))
    assert again.num_sampled == 0
    assert plan.moves_per_chain == (6 + 2 * 2) * 4 * 2


DAMAGE = {
    "cut short": lambda path: path.write_bytes(path.read_bytes()[:-1]),
    "one bit": lambda path: path.write_bytes(bytes([path.read_bytes()[0] ^ 1]) + path.read_bytes()[1:]),
    "gone": lambda path: path.unlink(),
    "empty": lambda path: path.write_bytes(b""),
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
@pytest.mark.parametrize("file", ["positions/c/0/0/0", "gamma/c/0", "energy/zarr.json", "zarr.json"])
def test_a_damaged_part_is_named_kept_and_sampled_anew_beside(tmp_path, damage, file):
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


def test_told_to_stop_the_parts_end_and_the_same_request_goes_on(tmp_path):
    asked = []
    early = parts_of(tmp_path, 64, stop=lambda: len(asked) > 1)
    for part in early:
        asked.append(part)
    assert names(tmp_path) == ["chains-0-15", "chains-16-31"]
    late = parts_of(tmp_path, 64)
    assert identical(taken(late), PLAN.sample(0, 64))
    assert (late.num_read, late.num_sampled) == (32, 32)


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
from tests.dataset import test_parts as tests
tests.parts_module.chains_per_part = lambda plan: 16
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


def test_one_who_comes_second_waits_for_the_first_and_then_reads(tmp_path):
    """A file lock is held by whoever opened the file, so that two threads stand for two processes here."""
    said = []
    holder, second = Store(tmp_path, PLAN, print), parts_of(tmp_path, 16, said=said)
    sampled = PLAN.sample(0, 16)
    with ThreadPoolExecutor(1) as threads:
        with holder.locked(lambda: False) as held:
            assert held
            waiting = threads.submit(taken, second)
            while not said and not waiting.done():
                time.sleep(0.01)
            holder.write(0, 16, sampled)
        assert identical(waiting.result(), sampled)
    assert (second.num_read, second.num_sampled) == (16, 0)
    (line,) = said
    assert "another process is sampling these data; waiting for it" in line


def test_one_who_waits_can_be_told_to_stop(tmp_path):
    asked = []
    with Store(tmp_path, PLAN, print).locked(lambda: False):
        assert list(parts_of(tmp_path, 16, stop=lambda: asked.append(0) or len(asked) > 3)) == []


def test_parts_are_never_held_together(tmp_path):
    def peak(consume):
        sizes = []
        parts = parts_of(tmp_path, 96, stop=lambda: sizes.append(live_bytes()))
        consume(parts)
        return max(sizes) - sizes[0]

    def live_bytes():
        return sum(array.nbytes for array in jax.live_arrays() if array.shape[-2:] == (4, 2))

    def mean_energy(part):
        return float(jnp.mean(part.energy))

    part_bytes = 16 * 4 * 2 * 4
    assert peak(lambda parts: list(map(mean_energy, parts))) <= part_bytes
    # The same measure sees those that are kept.
    assert peak(list) >= 5 * part_bytes


def test_the_datasheet_tells_of_all_that_is_stored(tmp_path):
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
    # Kept when nobody judges anew, and when the store has grown.
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


def test_values_that_json_cannot_hold_are_left_out():
    endless = Configurations(jnp.zeros((2, 4, 2)), jnp.ones(2), jnp.array([1.0, jnp.inf]), jnp.ones(2), jnp.ones(2))
    (sums,) = sums_by_gamma(endless, (1.0,))
    assert sums["energy"] is None
    assert json.dumps(sums, allow_nan=False)
