"""Stored data: what is asked for comes back bit by bit, whatever was asked before or at the same time."""

import dataclasses
import time
from concurrent.futures import ThreadPoolExecutor

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from lcpjax.dataset import SamplingPlan, Store
from lcpjax.sampler import Ladder
from lcpjax.system import System
from tests.dataset.small_parts import PLAN, identical, names, parts_of, taken


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
    assert PLAN.key == "1f816cd0668b1a31"
    assert SamplingPlan(PLAN.system, PLAN.gammas, 3, 6, thinning=7).key == PLAN.key
    # Of local moves since there has been a cache.
    assert dataclasses.replace(PLAN, moves="local").key == "40a6f3a79bb80799"
    two = [SamplingPlan(PLAN.system, PLAN.gammas, 3, 6, samples_per_chain=2, thinning=t).key for t in (1, 7)]
    assert two[0] != two[1]
    monkeypatch.setattr("lcpjax.dataset.sampling_plan.SAMPLER_VERSION", 10**6)
    assert PLAN.key != "1f816cd0668b1a31"


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


def test_asked_to_stop_the_parts_end_and_the_same_request_resumes(tmp_path):
    asked = []
    early = parts_of(tmp_path, 64, stop=lambda: len(asked) > 1)
    for part in early:
        asked.append(part)
    assert names(tmp_path) == ["chains-0-15", "chains-16-31"]
    late = parts_of(tmp_path, 64)
    assert identical(taken(late), PLAN.sample(0, 64))
    assert (late.num_read, late.num_sampled) == (32, 32)


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
