"""All that a run writes, without the work between: to be killed before each of its operations on files.

``python -m tests.faults.saving [kills]``: before random ones, in folders that are gone on with again and again;
without a number before every single one, each in a folder of its own.
"""

import json
import os
import random
import shutil
import sys
import tempfile
from pathlib import Path

from tests.faults.kills import Body, Outcome, fork, kill_before_operation, wait

_EPOCHS, _CHAINS = 3, 8
# A save makes some 30; a process that is killed later than it gets on.
_MOST_OPERATIONS = 90


def save_all(folder: Path, acknowledged: Path) -> int:
    """Go on with the folder as it is, and save epochs, chains and a finished run; 0 if what was there was right.

    Args:
        acknowledged: gets a line after everything that is done, so that it must be found by the next one.
    """
    import jax.numpy as jnp
    import numpy as np

    from lcpjax.dataset import Store
    from lcpjax.report import open_run_folder
    from lcpjax.sampler import Configurations
    from lcpjax.training import Best, Checkpoints, TrainState
    from tests.dataset.small_parts import PLAN, identical

    def state(epoch: int) -> TrainState:
        variables = {"params": {"weights": jnp.full((16, 4), 1.0 + epoch)}}
        best = Best(variables, jnp.float32(epoch), jnp.int32(epoch))
        return TrainState(variables, {"mean": jnp.full(4, 2.0 + epoch)}, jnp.int32(epoch), jnp.int32(-1), best)

    def acknowledge(what: str) -> None:
        with acknowledged.open("a") as file:
            file.write(f"{what}\n")

    done_before = acknowledged.read_text().splitlines() if acknowledged.exists() else []
    chains = Configurations(jnp.ones((_CHAINS, 4, 2)), *(jnp.full(_CHAINS, 0.25 * n) for n in range(1, 6)))
    store = Store(folder / "cache", PLAN, print)
    if (part := store.read(0)) is None:
        assert "chains" not in done_before
        with store.locked(lambda: False):
            store.write(0, _CHAINS, chains)
        acknowledge("chains")
    else:
        assert identical(part[1], chains)

    wandb = {
        "mode": "disabled",
        "project": "lcpjax",
        "entity": None,
        "group": None,
        "artifacts": "none",
        "timeout_seconds": 1.0,
    }
    config = {"experiment": "by hand", "tracker": {"wandb": wandb}}
    with (
        open_run_folder(folder / "run", config, config, restart=False) as run,
        Checkpoints(run.checkpoints / "models") as checkpoints,
    ):
        assert checkpoints.set_damaged_aside() == []
        epoch = checkpoints.latest_epoch()
        assert epoch >= sum(line.startswith("epoch") for line in done_before)
        if epoch:
            (found,) = checkpoints.restore_latest([state(0)])
            assert np.array_equal(found.variables["params"]["weights"], state(epoch).variables["params"]["weights"])
            assert checkpoints.restore_best()[1] == {"epoch": epoch}
        run.forget({"stage": "training"}, from_epoch=epoch)
        for each in range(epoch, _EPOCHS):
            run.log([{"stage": "training", "epoch": each}], {})
            checkpoints.save(each + 1, [state(each + 1)], {"epoch": each + 1})
            acknowledge(f"epoch {each + 1}")
        assert [record["epoch"] for record in run.records({})] == list(range(_EPOCHS))
        if run.is_finished:
            assert json.loads((run.path / "summary.json").read_text()) == {"a/b": 1.0}
            return 0
        assert "finished" not in done_before
        run.save_table("table", [{"x": 1.0}])
        run.save_arrays("arrays", x=np.arange(3.0))
        run.finish({"a/b": 1.0})
        acknowledge("finished")
    return 0


def body_of(folder: Path, count: int) -> Body:
    """``save_all`` that is killed before an operation; it leaves the number of operations where it is not."""

    def run() -> int:
        made = kill_before_operation(folder, count)
        status = save_all(folder, folder.with_suffix(".acknowledged"))
        folder.with_suffix(".operations").write_text(str(made()))
        return status

    return run


def ends_well(folder: Path, log: Path) -> bool:
    """Whether a process goes on to the end, and another one finds all of it there."""
    return all(wait(fork(body_of(folder, -1), log))[:2] == (False, 0) for _ in range(2))


def kill_before_each(work: Path) -> Outcome:
    """A folder for each operation: killed before it, then gone on with to the end."""
    log, whole = work / "log", work / "whole"
    whole.mkdir()
    assert not any(wait(fork(body_of(whole, -1), log))[:2]), log.read_text()
    kills, lost = 0, []
    for count in range(int(whole.with_suffix(".operations").read_text())):
        folder = work / f"killed-{count}"
        folder.mkdir()
        was_killed, status, _ = wait(fork(body_of(folder, count), log))
        kills += was_killed
        if not was_killed:
            lost.append(f"operation {count}: was not reached ({status})")
        elif not ends_well(folder, log):
            lost.append(f"operation {count}: {log.read_text().splitlines()[-1]}")
        shutil.rmtree(folder)
    return Outcome(kills, kills, lost)


def kill_again_and_again(num_kills: int, work: Path, generator: random.Random) -> Outcome:
    """One folder after the other; every process checks what the one before left, goes on, and is killed in its turn."""
    kills, ends, lost, log = 0, 0, [], work / "log"
    (folder := work / "0").mkdir()
    while kills < num_kills or ends == 0:
        count = generator.randrange(_MOST_OPERATIONS) if kills < num_kills else -1
        was_killed, status, _ = wait(fork(body_of(folder, count), log))
        kills += was_killed
        if not was_killed:
            if status or not ends_well(folder, log):
                lost.append(f"after {kills} kills: {log.read_text().splitlines()[-1]}")
            ends += 1
            (folder := work / str(ends)).mkdir()
    return Outcome(kills, ends, lost)


def main(arguments: list[str]) -> int:
    """Print a row of the table of faults, and a line for each kill that lost something."""
    os.environ["JAX_PLATFORMS"] = "cpu"
    import lcpjax.training  # noqa: F401

    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        if arguments:
            outcome = kill_again_and_again(int(arguments[0]), work, random.Random(0))
        else:
            outcome = kill_before_each(work)
    where = "some" if arguments else "each"
    row = f"saving, before {where} of its operations on files", outcome.kills, outcome.ends, len(outcome.lost)
    print(f"| {' | '.join(map(str, row))} |")  # noqa: T201
    print(*outcome.lost, sep="\n", file=sys.stderr)  # noqa: T201
    return int(bool(outcome.lost))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
