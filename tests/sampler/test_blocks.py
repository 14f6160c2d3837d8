"""How chains are cut into blocks: it decides how long they take and nothing else."""

import os

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from lcpjax.errors import InputError
from lcpjax.runtime.files import read_json, write_json
from lcpjax.sampler import block_search, sample
from lcpjax.sampler.block_search import CANDIDATES, fastest_block_size
from lcpjax.sampler.blocks import (
    BlockSettings,
    block_size,
    check_memory,
    configure_blocks,
    largest_block_size,
)
from lcpjax.system import System

SYSTEM = System(num_particles=6, box_side=5.0)


@pytest.fixture
def settings():
    yield configure_blocks
    configure_blocks(BlockSettings())


def test_chains_are_bitwise_the_same_in_blocks_of_any_size_on_any_number_of_threads(settings):
    gamma = jnp.linspace(0.1, 1.0, 1100)
    found = []
    for block in (BlockSettings(512, 1), BlockSettings(2048, 1), BlockSettings(1024, 3)):
        settings(block)
        found.append(sample(jax.random.key(0), SYSTEM, gamma, num_sweeps=30))
    for other in found[1:]:
        assert all(np.array_equal(a, b) for a, b in zip(found[0], other, strict=True))


def test_few_chains_are_shared_by_the_threads_and_many_make_full_blocks(settings):
    settings(BlockSettings(host_threads=2))
    sizes = [block_size(number) for number in (1, 1024, 1100, 4000, 8192, 40_000, 500_000)]
    assert sizes == [544, 544, 1056, 2080, 4128, 6688, 8096]
    # 12,000 replicas in two blocks of whole ladders.
    assert block_size(4000, num_rungs=3) == 2000
    settings(BlockSettings(block_size=700, host_threads=2))
    assert block_size(40_000) == 700


def test_chains_that_make_no_full_blocks_fill_up_less_than_a_vector_a_block(settings):
    settings(BlockSettings(host_threads=2))
    for number in (17_000, 40_000, 100_001, 999_999):
        size = block_size(number)
        num_blocks = -(-number // size)
        assert num_blocks % 2 == 0
        assert num_blocks * size - number < 64 * num_blocks
        # Rows a multiple of 4 kB apart drive each other out of the first cache.
        assert size <= largest_block_size()
        assert size % 512


def test_blocks_larger_than_the_memory_are_refused_in_one_line(settings):
    settings(BlockSettings(host_threads=1))
    check_memory(2048, 30, num_blocks=1000)
    too_many = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 1000
    with pytest.raises(InputError, match=rf"block_size = {too_many}: 1 blocks of 30 particles take .* GiB"):
        check_memory(too_many, 30, num_blocks=1000)


@pytest.fixture
def asked(monkeypatch, settings):
    """Numbers of chains that a search times, by a clock that runs slower the nearer the block is to 1,056."""
    settings(BlockSettings(host_threads=1))
    numbers, clock = [], [0.0]

    def timed(key, system, gamma, num_sweeps):
        numbers.append(len(gamma))
        clock[0] += len(gamma) * (1.0 + abs(np.log2(len(gamma) / 1056)))

    monkeypatch.setattr(block_search, "sample", timed)
    monkeypatch.setattr(block_search.time, "perf_counter", lambda: clock[0])
    return numbers


def test_the_fastest_block_size_is_looked_for_once_on_each_machine(tmp_path, asked):
    assert fastest_block_size(SYSTEM, tmp_path, search=False) is None
    assert fastest_block_size(SYSTEM, tmp_path, search=True) == 1056
    assert set(asked) == set(CANDIDATES)
    before = len(asked)
    assert fastest_block_size(SYSTEM, tmp_path, search=False) == 1056
    assert len(asked) == before
    # Of another fluid it is looked for again, and what is no size that could have been found, too.
    fastest_block_size(System(num_particles=7), tmp_path, search=True)
    assert len(asked) == 2 * before
    (kept,) = tmp_path.iterdir()
    write_json(kept, dict.fromkeys(read_json(kept), 3))
    assert fastest_block_size(SYSTEM, tmp_path, search=True) == 1056


@pytest.mark.parametrize("damaged", ["{", "[]", "3", ""])
def test_a_damaged_file_of_block_sizes_is_made_anew(tmp_path, asked, damaged):
    fastest_block_size(SYSTEM, tmp_path, search=True)
    (kept,) = tmp_path.iterdir()
    text = kept.read_text()
    kept.write_text(damaged)
    assert fastest_block_size(SYSTEM, tmp_path, search=True) == 1056
    assert kept.read_text() == text


@pytest.mark.parametrize(
    ("largest", "fastest", "timed"), [(544, 544, {544}), (0, 544, {544}), (1056, 1056, {544, 1056})]
)
def test_sizes_that_do_not_fit_the_memory_are_not_timed(tmp_path, monkeypatch, asked, largest, fastest, timed):
    def full(size, num_particles, num_blocks):
        if size > largest:
            raise InputError("too large")

    monkeypatch.setattr(block_search, "check_memory", full)
    assert fastest_block_size(SYSTEM, tmp_path, search=True) == fastest
    assert set(asked) == timed
