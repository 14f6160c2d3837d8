"""Streams that are closed, full, broken or ASCII: the run goes on to its end and exits as if it had been read."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PRINTING = """
import contextlib, os, sys
from lcpjax.runtime.standard_streams import make_streams_safe
make_streams_safe()
kept = open("kept", "w")
for _ in range(3):
    print("größe", flush=True)
    print("größe", file=sys.stderr, flush=True)
print("x" * 100_000)
with contextlib.suppress(OSError):
    os.write(2, b"what a library prints\\n")
sys.stdin.read()
print("done", file=kept)
"""


def shell(command, folder, **variables):
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTHON": sys.executable, "PRINTING": PRINTING} | variables
    done = subprocess.run(["bash", "-c", command], cwd=folder, env=environment, capture_output=True, timeout=120)
    return done.stdout.decode(), done.stderr.decode()


@pytest.mark.parametrize("redirected", ["2>&-", ">&-", "<&-", "<&- >&- 2>&-", ">/dev/full", ">/dev/full 2>/dev/full"])
def test_a_process_prints_on_streams_that_are_not_there(redirected, tmp_path):
    outcome, complaints = shell(
        f'"$PYTHON" -c "$PRINTING" </dev/null {redirected}; echo "status $?" >outcome', tmp_path
    )
    assert (tmp_path / "outcome").read_text() == "status 0\n"
    # Nothing that was printed has landed in the file that would have had the closed stream's number.
    assert (tmp_path / "kept").read_text() == "done\n"
    assert "Traceback" not in outcome + complaints
    assert "Exception ignored" not in complaints


def test_a_process_prints_to_a_reader_who_leaves(tmp_path):
    outcome, complaints = shell(
        '"$PYTHON" -c "$PRINTING" </dev/null 2>/dev/null | head -1; echo "${PIPESTATUS[0]}"', tmp_path
    )
    assert outcome == "größe\n0\n"
    assert complaints == ""
    assert (tmp_path / "kept").read_text() == "done\n"


def test_what_ascii_cannot_say_is_said_in_its_numbers(tmp_path):
    outcome, complaints = shell(
        '"$PYTHON" -c "$PRINTING" </dev/null | head -1', tmp_path, PYTHONIOENCODING="ascii", PYTHONUTF8="0"
    )
    assert outcome == "gr\\xf6\\xdfe\n"
    assert "Traceback" not in complaints


def test_help_to_a_reader_who_leaves_ends_well(tmp_path):
    # Gone before a word is said: what head leaves unread may already lie in the pipe.
    command = '"$PYTHON" -m lcpjax.run --help 2>errors | true; echo "${PIPESTATUS[0]}"'
    assert shell(command, tmp_path) == ("0\n", "")
    assert (tmp_path / "errors").read_text() == ""


@pytest.mark.slow
def test_a_run_goes_to_its_end_with_nobody_to_tell(tmp_path):
    options = "+experiment=sample +scale=smoke dataset.chains_per_gamma=16 hydra.run.dir=run"
    command = f'"$PYTHON" -m lcpjax.run {options} tracker.wandb.mode=disabled <&- >&- 2>&-; echo "$?" >outcome'
    shell(command, tmp_path, LCPJAX_DATASETS=str(tmp_path / "datasets"))
    assert (tmp_path / "outcome").read_text() == "0\n"
    assert '"finished"' in (tmp_path / "run" / "status.json").read_text()
