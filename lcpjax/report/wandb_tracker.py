"""Weights & Biases as a mirror of the local files: optional, never waited for, never fatal."""

import contextlib
import os
import queue
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

from lcpjax.report.wandb_artifacts import Artifacts, folder_artifact, plain_name


class WandbTracker:
    """One W&B run; after the first call that fails or takes too long it does nothing more.

    Args:
        mode: online, offline or disabled. Online without a key or a network continues offline.
        folder: the run folder; everything W&B writes goes there, its staging area too. The W&B run has its name.
        group: of W&B runs that belong together.
        experiment: W&B's type of the job.
        prefix: of the W&B run's id, which ends with the folder's name; the experiment if empty.
        artifacts: whether ``log_artifact`` logs references to files, uploads them, or does nothing.
        config: plain values.
        timeout_seconds: no call takes longer.
    """

    def __init__(
        self,
        *,
        mode: str,
        folder: Path,
        group: str,
        experiment: str,
        config: dict[str, Any],
        project: str,
        entity: str | None,
        timeout_seconds: float,
        prefix: str = "",
        artifacts: Artifacts = "none",
    ) -> None:
        self._run: Any = None
        self._timeout, self._artifacts = timeout_seconds, artifacts
        self._id = plain_name(f"{prefix or experiment}-{folder.name}")
        if mode == "disabled":
            return
        arguments = {
            "dir": str(folder),
            "id": self._id,
            "name": folder.name,
            "group": group,
            "job_type": experiment,
            "config": config,
            "project": project,
            "entity": entity,
            "resume": "allow" if mode == "online" else None,
        }
        keep_wandb_inside(folder)
        self._open(mode, arguments)

    def log(self, record: dict[str, Any]) -> None:
        """Mirror one record."""
        self._guarded("log", lambda: self._run.log(record))

    def log_figure(self, name: str, path: Path) -> None:
        """Mirror one figure, from its PNG."""

        def send() -> None:
            import wandb

            self._run.log({name: wandb.Image(str(path))})

        self._guarded("log_figure", send)

    def log_summary(self, summary: dict[str, Any]) -> None:
        """Mirror the summary."""
        self._guarded("summary", lambda: self._run.summary.update(summary))

    def log_artifact(self, kind: str, folder: Path, name: str = "") -> None:
        """Mirror a folder's files, as the tracker's ``artifacts`` says.

        Args:
            kind: "model" or "dataset".
            name: of the artifact; the W&B run's id and the folder's name if empty.
        """
        if self._artifacts == "none":
            return

        def send() -> None:
            artifact = folder_artifact(name or f"{self._id}-{folder.name}", kind, folder, self._artifacts)
            self._run.log_artifact(artifact)

        self._guarded("log_artifact", send)

    def close(self, exit_code: int) -> None:
        """Finish the W&B run."""
        self._guarded("finish", lambda: self._run.finish(exit_code=exit_code))
        self._run = None

    def _open(self, mode: str, arguments: dict[str, Any]) -> None:
        try:
            self._run = within(self._timeout, lambda: start_wandb_run(mode, arguments, self._timeout))
        except Exception as error:  # noqa: BLE001 W&B raises anything; no training depends on it
            take_down_wandb(self._timeout)
            if mode == "online":
                warn(f"online W&B did not start ({brief(error)}); continuing offline, upload later with `wandb sync`")
                self._open("offline", {**arguments, "resume": None})
            else:
                warn(f"W&B is left out ({brief(error)}); everything is in the run folder")

    def _guarded(self, what: str, call: Callable[[], Any]) -> None:
        if self._run is None:
            return
        try:
            within(self._timeout, call)
        except Exception as error:  # noqa: BLE001 a dead W&B process raises no error of its own
            self._run = None
            take_down_wandb(self._timeout)
            warn(f"W&B failed at {what} and is left out from here ({brief(error)}); everything is in the run folder")


def start_wandb_run(mode: str, arguments: dict[str, Any], timeout_seconds: float) -> Any:
    """A started W&B run that prints nothing and looks up no host while offline."""
    import wandb

    settings = wandb.Settings(console="off", silent=True, init_timeout=timeout_seconds * 0.8)
    run = wandb.init(mode=cast(Any, mode), settings=settings, reinit="finish_previous", **arguments)
    run.define_metric("epoch")
    run.define_metric("*", step_metric="epoch")
    return run


def take_down_wandb(seconds: float) -> None:
    """Abandon a W&B process that no longer answers, so that neither the next run nor the exit waits for it."""
    wandb = sys.modules.get("wandb")
    if wandb is not None:
        # It raises what the broken connection raises, having let go all the same.
        with contextlib.suppress(Exception):
            within(seconds, wandb.teardown)


def keep_wandb_inside(folder: Path) -> None:
    """Point every folder W&B writes to into the run folder, and keep W&B quiet."""
    for kind in ("DATA", "CACHE", "ARTIFACT", "CONFIG"):
        os.environ[f"WANDB_{kind}_DIR"] = str(folder.absolute() / "wandb" / kind.lower())
    quiet_wandb()


def quiet_wandb() -> None:
    """Keep W&B from printing, and switch its error reporting off."""
    # Without this even an offline run looks up a host.
    os.environ["WANDB_ERROR_REPORTING"] = "false"
    os.environ["WANDB_SILENT"] = "true"


def within(seconds: float, call: Callable[[], Any]) -> Any:
    """Result or exception of a call; TimeoutError if it takes longer.

    The call runs in a daemon thread, so that one that never returns cannot hold
    the process.
    """
    answers: queue.SimpleQueue[tuple[Any, BaseException | None]] = queue.SimpleQueue()

    def answer() -> None:
        try:
            answers.put((call(), None))
        except BaseException as error:  # noqa: BLE001 handed to the caller's thread
            answers.put((None, error))

    threading.Thread(target=answer, daemon=True).start()
    try:
        result, error = answers.get(timeout=seconds)
    except queue.Empty:
        raise TimeoutError(f"no answer in {seconds:g} s") from None
    if error is not None:
        raise error
    return result


def brief(error: BaseException) -> str:
    """An error in a few words."""
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0][:120]}" if lines else type(error).__name__


def warn(message: str) -> None:
    """One warning line on stderr."""
    print(f"warning: {message}", file=sys.stderr, flush=True)  # noqa: T201
