"""Checkpoints of all models of a run: the latest state to resume from, and the best parameters to use."""

import errno
import logging
import os
import shutil
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import orbax.checkpoint as ocp

from lcpjax.errors import OneLineError
from lcpjax.runtime.files import file_system_refusal, plainly_named
from lcpjax.training.train_state import TrainState, stack_models, unstack_models

# Orbax reports every save through absl, at a level meant for its own developers, and what it raises a second time,
# from each of its threads with the whole traceback.
logging.getLogger("absl").setLevel(logging.CRITICAL)

_LATEST, _BEST, _CONFIG = "latest", "best", "config"
_UNFINISHED = "*.orbax-checkpoint-tmp*"


class CheckpointError(OneLineError):
    """A checkpoint that is missing, does not fit or cannot be saved."""


class Checkpoints:
    """The checkpoints folder of a run; a context manager.

    Every checkpoint holds three items: ``latest`` (the whole training state),
    ``best`` (the variables with the lowest validation loss) and ``config`` (the
    resolved config), the first two with all models stacked along the first axis.
    The newest two are kept, so that a kill while saving loses nothing. The first
    one that is saved is read back whole; of later ones it is checked that they
    are found.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        options = ocp.CheckpointManagerOptions(
            max_to_keep=2, enable_async_checkpointing=False, create=False, multiprocessing_options=_alone()
        )
        # Named handlers: without them a process that has saved nothing yet sees no metadata.
        handlers = {
            _LATEST: ocp.StandardCheckpointHandler(),
            _BEST: ocp.StandardCheckpointHandler(),
            _CONFIG: ocp.JsonCheckpointHandler(),
        }
        self._was_read_back = False
        self._open = ExitStack()
        # Orbax looks for what it saved with a pattern that begins with the folder's name, as it is.
        place = self._open.enter_context(plainly_named(folder))
        folder.mkdir(parents=True, exist_ok=True)
        self._manager = ocp.CheckpointManager(place, options=options, item_handlers=handlers)

    def __enter__(self) -> "Checkpoints":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._open:
            self._manager.close()

    def latest_epoch(self) -> int:
        """Number of epochs done in the newest checkpoint; 0 if there is none."""
        return self._manager.latest_step() or 0

    def save(self, epochs_done: int, states: Sequence[TrainState], config: dict[str, Any]) -> None:
        """Keep all models as they are after ``epochs_done`` epochs; returns when they are on disk.

        Raises:
            CheckpointError: the file system refused, or what was saved cannot be read back.
        """
        stacked = stack_models(states)
        if jax.process_count() > 1:
            # Orbax takes a device's arrays for a part of what all processes hold.
            stacked = jax.tree.map(np.asarray, stacked)
        items = {
            _LATEST: ocp.args.StandardSave(stacked._asdict()),
            _BEST: ocp.args.StandardSave(stacked.best._asdict() | {"failed_step": stacked.failed_step}),
            _CONFIG: ocp.args.JsonSave(config),
        }
        try:
            self._expect_room(stacked)
            self._manager.save(epochs_done, args=ocp.args.Composite(**items))
            self._manager.wait_until_finished()
        except Exception as error:
            # Half a checkpoint would take the room that the run needs to resume.
            for half in self._folder.glob(_UNFINISHED):
                shutil.rmtree(half, ignore_errors=True)
            # The other writes of this checkpoint fail as well, some after this; one line is enough for all.
            logging.getLogger("asyncio").setLevel(logging.CRITICAL)
            if reason := file_system_refusal(error, self._folder):
                raise CheckpointError(
                    f"{reason}: epoch {epochs_done} cannot be saved; "
                    "once that is fixed, the same command resumes from the checkpoint before"
                ) from error
            raise
        self._read_back(epochs_done, stacked)

    def _expect_room(self, stacked: TrainState) -> None:
        """Raise before anything is written if it cannot fit: once writing, each of many threads fails aloud."""
        items = (stacked, stacked.best)
        needed = sum(
            leaf.nbytes for leaf in jax.tree.leaves(items) if not jnp.issubdtype(leaf.dtype, jax.dtypes.prng_key)
        )
        if shutil.disk_usage(self._folder).free < needed:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self._folder))

    def _read_back(self, epoch: int, stacked: TrainState) -> None:
        """Raise unless what was just saved can be read: its arrays the first time, its name every time.

        Of 1.4 MB of models the first takes 0.12 s and each other 0.004 s, where the save takes 0.26 s.
        """
        reason = None if epoch in self._manager.all_steps(read=True) else "it is not found again"
        if reason is None and not self._was_read_back:
            reason = self._difference_to(stacked)
            self._was_read_back = True
        if reason:
            raise CheckpointError(f"{self._folder}: epoch {epoch} was saved and cannot be read back ({reason})")

    def _difference_to(self, stacked: TrainState) -> str | None:
        """First difference between the newest checkpoint and what was saved, if any."""
        saved = stacked._asdict()
        try:
            read = self._restore(_LATEST, saved)
            self._refuse_other_shapes(self._newest(), _BEST, stacked.best._asdict())
        except Exception as error:  # noqa: BLE001 whatever keeps it from being read
            return f"{type(error).__name__}: {error}".splitlines()[0]
        wanted, found = _leaves_by_path(saved), _leaves_by_path(read)
        differing = (path for path, leaf in wanted.items() if _bytes(leaf) != _bytes(found[path]))
        return next((f"{_LATEST}/{path} differs" for path in differing), None)

    def restore_latest(self, like: Sequence[TrainState]) -> list[TrainState]:
        """All models as last saved, on the default device, shaped ``like`` freshly made ones."""
        template = stack_models(like)._asdict()
        restored = self._restore(_LATEST, template)
        return unstack_models(TrainState(**restored), len(like))

    def restore_best(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """The best of all models, stacked, and the config they were trained with.

        The best: its variables, their validation loss and epoch (-1: never
        validated), and the step the model failed at (-1: it did not).
        """
        epoch = self._newest()
        described = self._manager.item_metadata(epoch)[_BEST]
        template = jax.tree.map(lambda leaf: jax.ShapeDtypeStruct(leaf.shape, leaf.dtype), dict(described))
        items = ocp.args.Composite(**{_CONFIG: ocp.args.JsonRestore()})
        config = self._manager.restore(epoch, args=items)[_CONFIG]
        return self._restore(_BEST, template), config

    def _newest(self) -> int:
        epoch = self._manager.latest_step()
        if epoch is None:
            raise CheckpointError(f"{self._folder}: no checkpoint there")
        return epoch

    def _restore(self, item: str, template: dict[str, Any]) -> dict[str, Any]:
        """One item, with its sharding given: a bare restore breaks on another device."""
        epoch = self._newest()
        here = jax.sharding.SingleDeviceSharding(jax.local_devices()[0])
        wanted = jax.tree.map(lambda leaf: jax.ShapeDtypeStruct(leaf.shape, leaf.dtype, sharding=here), template)
        self._refuse_other_shapes(epoch, item, wanted)
        items = ocp.args.Composite(**{item: ocp.args.StandardRestore(wanted)})
        return self._manager.restore(epoch, args=items)[item]

    def _refuse_other_shapes(self, epoch: int, item: str, wanted: dict[str, Any]) -> None:
        """Refuse other shapes and dtypes: Orbax casts dtypes silently."""
        stored = _leaves_by_path(dict(self._manager.item_metadata(epoch)[item]))
        for path, leaf in _leaves_by_path(wanted).items():
            found = stored.get(path)
            if found is None or (found.shape, found.dtype) != (leaf.shape, leaf.dtype):
                held = "nothing" if found is None else f"{found.dtype}{list(found.shape)}"
                raise CheckpointError(
                    f"{self._folder}: {item}/{path} holds {held}, expected {leaf.dtype}{list(leaf.shape)}"
                )


def _alone() -> ocp.options.MultiprocessingOptions:
    """Of several processes one alone saves and restores, and waits for no other."""
    if jax.process_count() == 1:
        return ocp.options.MultiprocessingOptions()
    index = jax.process_index()
    return ocp.options.MultiprocessingOptions(primary_host=index, active_processes={index})


def _leaves_by_path(tree: Any) -> dict[str, Any]:
    """Leaves by their path names; a named tuple and a dictionary with its fields agree."""

    def name(entry: Any) -> str:
        return str(getattr(entry, "name", getattr(entry, "key", getattr(entry, "idx", entry))))

    return {"/".join(map(name, path)): leaf for path, leaf in jax.tree_util.tree_leaves_with_path(tree)}


def _bytes(leaf: Any) -> bytes:
    return np.asarray(leaf).tobytes()
