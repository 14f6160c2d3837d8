"""Every experiment finds the numbers that it found before, bit for bit: the net under every change of form.

On another machine, or after a change that is meant to change numbers, `make golden` records them first.
"""

import json

import pytest

from tests.golden.numbers import MACHINE, REPEATABLE, found_by, golden_file, machine


def test_every_experiment_but_the_benchmark_has_its_numbers():
    assert [name for name in REPEATABLE if not golden_file(name).exists()] == [], "`make golden` records them"


@pytest.fixture(scope="module")
def shared_folder(tmp_path_factory):
    """One for all runs: they sample the same data."""
    return tmp_path_factory.mktemp("golden")


@pytest.mark.slow
@pytest.mark.parametrize("name", REPEATABLE)
def test_an_experiment_finds_the_numbers_that_it_found_before(name, shared_folder):
    recorded_on = json.loads(MACHINE.read_text())
    if recorded_on != machine():
        pytest.skip(f"numbers were recorded on another machine, {recorded_on}; record them here with `make golden`")
    expected = json.loads(golden_file(name).read_text())
    found = found_by(name, shared_folder / name)
    differing = {
        key: (expected.get(key), found.get(key)) for key in expected | found if expected.get(key) != found.get(key)
    }
    assert not differing
