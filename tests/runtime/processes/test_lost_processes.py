"""One of two processes is killed: the other ends by itself, in one clear line, well within a minute."""

import time
from pathlib import Path

import pytest

from tests.runtime.processes import waiting
from tests.runtime.processes.started import free_port, outcome, start

PROGRAM = str(Path(waiting.__file__))
RESUMES = "all end, and the same command resumes where the run stopped"


@pytest.mark.parametrize(
    ("killed", "where", "said"),
    [
        (1, "alone", "process 1 of 2 is gone"),
        pytest.param(0, "alone", "process 0 is gone", marks=pytest.mark.slow),
        pytest.param(1, "together", "process 1 of 2 is gone", marks=pytest.mark.slow),
        pytest.param(0, "together", "process 0 is gone", marks=pytest.mark.slow),
    ],
)
def test_the_death_of_one_ends_the_other_in_one_line(killed, where, said):
    port = str(free_port())
    processes = [start([PROGRAM, port, str(index), where], num_devices=1) for index in range(2)]
    for process in processes:
        assert process.stdout.readline() == "began\n"
    time.sleep(1.0)
    processes[killed].kill()
    begun = time.perf_counter()
    exit_code, out, err = outcome(processes[1 - killed], seconds=60)
    assert time.perf_counter() - begun < 30.0
    assert (exit_code, out) == (1, "")
    assert err.startswith(f"lcpjax: {said} (")
    assert err.endswith(f"{RESUMES}\n")
    assert err.count("\n") == 1
    outcome(processes[killed])
