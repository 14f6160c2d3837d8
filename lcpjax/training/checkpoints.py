"""Checkpoints of all models of a run: the latest state to resume from, and the best parameters to use."""

import errno
import logging
import math
import os
import shutil
from collections.abc import Generator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import orbax.checkpoint as ocp

from lcpjax.errors import OneLineError
from lcpjax.runtime.checksums import first_damage, keep_checksums
from lcpjax.runtime.files import MOST_BYTES, file_system_refusal, plainly_named
from lcpjax.training.train_state import TrainState, stack_models, unstack_models

# Orbax reports every save through absl, at a level meant for its own developers, and what it raises a second time,
# from each of its threads with the whole traceback.
logging.getLogger("absl").setLevel(logging.CRITICAL)

_LATEST, _BEST, _CONFIG = "latest", "best", "config"
_MOST_KEPT = 2
_UNFINISHED = "*.orbax-checkpoint-tmp*"
_REMOVED = "-removed"


class CheckpointError(OneLineError):
    """A checkpoint that is missing, does not fit or cannot be saved."""


class Checkpoints:
    """The checkpoints folder of a run; a context manager.

    Every checkpoint holds three items: ``latest`` (the whole training state),
    ``best`` (the variables with the lowest validation loss) and ``config`` (the
    resolved config), the first two with all models stacked along the first axis.
    The newest two that are whole are kept, so that neither a kill while saving
    nor a damaged file loses the other. The first one that is saved is read back
    whole; of later ones it is checked that they are found. Each has checksums of
    its files: one that is damaged is never read, the one before it is.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        options = ocp.CheckpointManagerOptions(
            max_to_keep=None, enable_async_checkpointing=False, create=False, multiprocessing_options=_alone()
        )
        # Named handlers: without them a process that has saved nothing yet sees no metadata.
        handlers = {
            _LATEST: ocp.StandardCheckpointHandler(),
            _BEST: ocp.StandardCheckpointHandler(),
            _CONFIG: ocp.JsonCheckpointHandler(),
        }
        self._was_read_back = False
        self._damages: dict[int, str] = {}
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
        """Number of epochs done in the newest checkpoint that is whole; 0 if there is none."""
        return max(self._whole_epochs(), default=0)

    def damaged(self) -> dict[int, str]:
        """Checkpoints that are not as they were saved: what is wrong, in a line each, by the number of epochs done."""
        reasons = {epoch: self._damage(epoch) for epoch in self._epochs()}
        return {epoch: f"{self._folder / str(epoch)}: {reason}" for epoch, reason in reasons.items() if reason}

    def set_damaged_aside(self) -> list[str]:
        """Rename damaged checkpoints, so that training goes on before them; a line on each.

        Raises:
            OSError: the folder cannot be written.
        """
        for removed in self._folder.glob(f"*{_REMOVED}"):
            shutil.rmtree(removed)
        lines = []
        for epoch, reason in self.damaged().items():
            lines.append(f"a checkpoint cannot be used ({reason}); kept as {self._set_aside(epoch)}")
        return lines

    def _set_aside(self, epoch: int) -> str:
        """Rename a checkpoint; the name that it has then."""
        path, number = self._folder / str(epoch), 1
        while (aside := path.with_name(f"{path.name}-damaged-{number}")).exists():
            number += 1
        path.rename(aside)
        self._damages.pop(epoch, None)
        self._manager.reload()
        return aside.name

    def save(self, epochs_done: int, states: Sequence[TrainState], config: dict[str, Any]) -> None:
        """Keep all models as they are after ``epochs_done`` epochs; returns when they are on disk.

        Raises:
            CheckpointError: the file system refused, or what was saved cannot be read back; the ones before are kept.
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
            self._read_back(epochs_done, stacked)
            keep_checksums(self._folder / str(epochs_done))
            self._remove_older_ones(epochs_done)
        except CheckpointError:
            raise
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

    def _remove_older_ones(self, newest: int) -> None:
        """All but the newest two; one more stays where the second is found damaged, so that one of before is whole."""
        self._damages = {newest: ""}
        for epoch in self._whole_epochs()[_MOST_KEPT:]:
            # Under another name first: a kill within the removal must leave no half a checkpoint under its own.
            shutil.rmtree((self._folder / str(epoch)).rename(self._folder / f"{epoch}{_REMOVED}"))
            self._damages.pop(epoch, None)
        self._manager.reload()

    def _epochs(self) -> list[int]:
        """Epochs that a checkpoint was finished after, newest first."""
        return sorted((int(path.name) for path in self._folder.glob("*") if path.name.isdecimal()), reverse=True)

    def _whole_epochs(self) -> list[int]:
        return [epoch for epoch in self._epochs() if not self._damage(epoch)]

    def _damage(self, epoch: int) -> str:
        """What is wrong with a checkpoint; "" if nothing is, looked at once."""
        if epoch not in self._damages:
            self._damages[epoch] = first_damage(self._folder / str(epoch))
        return self._damages[epoch]

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
            # Nobody shall resume from it.
            if (self._folder / str(epoch)).exists():
                self._set_aside(epoch)
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
        with self._reading():
            restored = self._restore(_LATEST, template)
        return unstack_models(TrainState(**restored), len(like))

    def restore_best(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """The best of all models, stacked, and the config they were trained with.

        The best: its variables, their validation loss and epoch (-1: never
        validated), and the step the model failed at (-1: it did not).
        """
        with self._reading():
            described = self._manager.item_metadata(self._newest())[_BEST]
            self._refuse_what_is_too_large(described)
            template = jax.tree.map(lambda leaf: jax.ShapeDtypeStruct(leaf.shape, leaf.dtype), dict(described))
            return self._restore(_BEST, template), self.config()

    def _refuse_what_is_too_large(self, described: Any) -> None:
        """Refuse arrays before they are given memory: here the file alone says how large they are, anybody's file."""
        size = sum(math.prod(leaf.shape) * np.dtype(leaf.dtype).itemsize for leaf in jax.tree.leaves(dict(described)))
        if size > MOST_BYTES:
            raise CheckpointError(f"{self._folder}: claims {size} bytes of parameters; at most {MOST_BYTES} are read")

    def config(self) -> dict[str, Any]:
        """What was saved as the config with the newest checkpoint that is whole."""
        items = ocp.args.Composite(**{_CONFIG: ocp.args.JsonRestore()})
        with self._reading():
            return self._manager.restore(self._newest(), args=items)[_CONFIG]

    @contextmanager
    def _reading(self) -> Generator[None]:
        """One line for all that libraries say of a file that is damaged or missing."""
        try:
            yield
        except OneLineError:
            raise
        except Exception as error:
            line = f"{type(error).__name__}: {error}".splitlines()[0]
            raise CheckpointError(f"{self._folder}: the checkpoint cannot be read ({line})") from error

    def _newest(self) -> int:
        if epoch := self.latest_epoch():
            return epoch
        reasons = "".join(f"; {line}" for line in self.damaged().values())
        raise CheckpointError(f"{self._folder}: no checkpoint there{' that is whole' if reasons else ''}{reasons}")

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
