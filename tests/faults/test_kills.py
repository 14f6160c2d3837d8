"""Real processes, killed with -9: what was done is there, and the same command comes to the same results.

``make faults`` kills 200 runs at random moments, and what saves before each of its operations on files.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def kill(*arguments):
    """One of the programs beside this file, in a process that has not started JAX: runs are forks of it."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-m", *arguments], env=environment, capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    return [int(entry) for entry in done.stdout.splitlines()[-1].strip("| ").split(" | ")[1:]]


@pytest.mark.slow
def test_nothing_that_was_saved_is_lost_by_kills_within_saves():
    kills, ends, lost = kill("tests.faults.saving", "6")
    assert (kills, lost) == (6, 0)
    assert ends >= 1


@pytest.mark.slow
def test_sampling_that_is_killed_again_and_again_comes_to_the_same_results():
    kills, ends, lost = kill("tests.faults.kills", "4", "sampling")
    assert (kills, lost) == (4, 0)
    assert ends >= 1
