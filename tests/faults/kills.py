"""Processes killed with -9, and the same command after each: ``python -m tests.faults.kills [kills] [case ...]``.

This process imports everything once and starts no backend of JAX; every run is a fork of it, so that a kill costs a
run and not the imports.
"""

import json
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

Body = Callable[[], object]

SMALL = ("+scale=smoke", "model=mlp", "representation=coordinates", "model.width=8", "model.latent_dim=2")
SWEEP = ("sweep.plane_orderings=[]", "evaluation.configurations_per_gamma=8", "report.num_examples=1")
CASES = {
    "sampling": ("+experiment=sample", "+scale=smoke", "sampler.num_sweeps=32", "dataset.chains_per_gamma=2560"),
    "training": ("+experiment=train", *SMALL, "training.num_epochs=6"),
    "sweep": ("+experiment=lambda_sweep", *SMALL, *SWEEP, "training.num_epochs=4"),
    "study": ("+experiment=study", "+scale=smoke", "settings.chapters=[sample,lambda_sweep]", "training.num_epochs=2"),
    "grid": ("-m", "+experiment=train", *SMALL, "training.num_epochs=2", "training.kl_weight=1e-3,1e-2"),
}


class Outcome(NamedTuple):
    """What kills did to one case."""

    kills: int
    ends: int
    """Folders that were gone on with to their end."""
    lost: list[str]
    """A line for each result that differs from that of an unbroken run, or that was done and is not there."""


def fork(body: Body, log: Path) -> int:
    """Process number of a fork that calls the body and exits with what it returns, or with 3 on an exception."""
    number = os.fork()
    if number:
        return number
    status = 3
    try:
        with log.open("a") as file:
            os.dup2(file.fileno(), 1)
            os.dup2(file.fileno(), 2)
        status = int(body() or 0)
    except BaseException:  # noqa: BLE001 into the log
        import traceback

        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def processor_seconds(number: int) -> float:
    """Time that a process has computed so far, in all of its threads."""
    fields = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def wait(number: int, kill_at: float | None = None) -> tuple[bool, int, float]:
    """Whether a process was killed, its exit status, and the processor time it took.

    Args:
        kill_at: processor time at which it is killed; a moment of its work, however busy the machine is.
    """
    seconds = 0.0
    while True:
        ended, status, usage = os.wait4(number, os.WNOHANG)
        if ended:
            return os.WIFSIGNALED(status), os.waitstatus_to_exitcode(status), usage.ru_utime + usage.ru_stime
        seconds = processor_seconds(number)
        if kill_at is not None and seconds >= kill_at:
            os.kill(number, signal.SIGKILL)
            kill_at = None
        time.sleep(0.005)


def kill_before_operation(folder: Path, count: int) -> Callable[[], int]:
    """Kill this process right before its operation number ``count`` on the files of a folder; returns how many it made.

    Operations are files opened to be written, renamed and removed, and folders made and removed, in every thread:
    all moments between which a kill makes a difference, except within the writes themselves.
    """
    made = 0

    def watch(event: str, arguments: tuple) -> None:
        nonlocal made
        if event == "open":
            is_one = isinstance(arguments[2], int) and bool(arguments[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))
        else:
            is_one = event in ("os.rename", "os.remove", "os.mkdir", "os.rmdir")
        if is_one and str(folder) in _place(event, arguments):
            if made == count:
                os.kill(os.getpid(), signal.SIGKILL)
            made += 1

    sys.addaudithook(watch)
    return lambda: made


def _place(event: str, arguments: tuple) -> str:
    """Path of an operation; shutil.rmtree names files as they lie in a folder that it has opened."""
    descriptor = arguments[{"os.mkdir": 2}.get(event, 1)] if event in ("os.remove", "os.rmdir", "os.mkdir") else -1
    within = "" if descriptor < 0 else f"{os.readlink(f'/proc/self/fd/{descriptor}')}/"
    return f"{within}{arguments[0]}"


def command_body(arguments: tuple[str, ...], folder: Path) -> Body:
    """A run of the command line in a folder; what it found lands in found.json beside it."""

    def body() -> int:
        os.chdir(folder)
        os.environ |= {"WANDB_MODE": "disabled", "LCPJAX_DATASETS": str(folder / "datasets")}
        from lcpjax.dataset import parts
        from lcpjax.report import RunFolder
        from lcpjax.run import run_command

        parts.chains_per_part = lambda plan: 1024
        RunFolder.save_figure = lambda *_, **__: None
        status = run_command(list(arguments))
        if status == 0:
            from tests.faults.found import found_in

            folder.with_suffix(".json").write_text(json.dumps(found_in(folder)))
        return status

    return body


def try_case(name: str, num_kills: int, work: Path, generator: random.Random) -> Outcome:
    """Kill the command of a case at random moments, again and again, and compare what it comes to in the end."""
    whole = work / f"{name}-whole"
    whole.mkdir()
    # Compiles; the second one takes as long as those that are killed.
    for _ in range(2):
        shutil.rmtree(whole)
        whole.mkdir()
        _, status, seconds = wait(fork(command_body(CASES[name], whole), work / "log"))
        assert status == 0, (name, status, (work / "log").read_text()[-2000:])
    expected = json.loads(whole.with_suffix(".json").read_text())
    kills, ends, lost = 0, 0, []
    while kills < num_kills:
        folder = work / f"{name}-{ends}"
        folder.mkdir()
        was_killed = True
        while was_killed:
            kill_at = generator.uniform(0.0, seconds) if kills < num_kills else None
            was_killed, status, _ = wait(fork(command_body(CASES[name], folder), work / "log"), kill_at)
            kills += was_killed
            # Five in a row are enough for one folder; then it may run to its end.
            if kills and kills % 5 == 0 and was_killed:
                was_killed, status, _ = wait(fork(command_body(CASES[name], folder), work / "log"))
        ends += 1
        if status:
            lost.append(f"{folder}: exit status {status}")
            continue
        found = json.loads(folder.with_suffix(".json").read_text())
        lost += [
            f"{folder}: {path}" for path in sorted(expected.keys() | found.keys()) if _differ(expected, found, path)
        ]
    return Outcome(kills, ends, lost)


def _differ(expected: dict, found: dict, path: str) -> bool:
    return expected.get(path) != found.get(path)


def prepare(work: Path) -> None:
    """Import what the runs need, and point JAX's cache of compiled programs into the work folder."""
    os.environ |= {
        "JAX_COMPILATION_CACHE_DIR": str(work / "compiled"),
        "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
        "JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES": "-1",
        "JAX_PLATFORMS": "cpu",
    }
    import matplotlib.pyplot  # noqa: F401

    import lcpjax.experiments.lambda_sweep.experiment
    import lcpjax.experiments.sample.experiment
    import lcpjax.experiments.study.experiment
    import lcpjax.experiments.train.experiment
    import lcpjax.run  # noqa: F401


def main(arguments: list[str]) -> int:
    """Try the cases asked for, all by default; prints a row for each."""
    total = int(arguments[0]) if arguments else 200
    names = arguments[1:] or list(CASES)
    work = Path(tempfile.mkdtemp(prefix="lcpjax-kills-"))
    prepare(work)
    failed = False
    print("| killed | kills | runs to the end | results that differ |\n| --- | --- | --- | --- |", flush=True)  # noqa: T201
    for name in names:
        start = time.perf_counter()
        outcome = try_case(name, total // len(names), work, random.Random(name))
        print(f"| {name} | {outcome.kills} | {outcome.ends} | {len(outcome.lost)} |", flush=True)  # noqa: T201
        print(*outcome.lost, f"{time.perf_counter() - start:.0f} s", sep="\n", file=sys.stderr, flush=True)  # noqa: T201
        failed |= bool(outcome.lost)
    if not failed:
        shutil.rmtree(work)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
