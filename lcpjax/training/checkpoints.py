"""Checkpoints of all models of a run: the latest state to go on from, and the best parameters to use."""

import logging
import operator
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

import jax
import jax.numpy as jnp
import orbax.checkpoint as ocp

from lcpjax.errors import OneLineError
from lcpjax.training.train_state import TrainState

# Orbax reports every save through absl, at a level meant for its own developers.
logging.getLogger("absl").setLevel(logging.ERROR)

_LATEST, _BEST, _CONFIG = "latest", "best", "config"


class CheckpointError(OneLineError):
    """A checkpoint that is missing or does not fit."""


class Checkpoints:
    """The checkpoints folder of a run; a context manager.

    Every checkpoint holds three items: ``latest`` (the whole training state),
    ``best`` (the variables with the lowest validation loss) and ``config`` (the
    resolved config), the first two with all models stacked along the first axis.
    The newest two are kept, so that a kill while saving loses nothing.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        options = ocp.CheckpointManagerOptions(max_to_keep=2, enable_async_checkpointing=False)
        # Named handlers: without them a process that has saved nothing yet sees no metadata.
        handlers = {
            _LATEST: ocp.StandardCheckpointHandler(),
            _BEST: ocp.StandardCheckpointHandler(),
            _CONFIG: ocp.JsonCheckpointHandler(),
        }
        self._manager = ocp.CheckpointManager(folder.absolute(), options=options, item_handlers=handlers)

    def __enter__(self) -> "Checkpoints":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._manager.close()

    def latest_epoch(self) -> int:
        """The number of epochs done in the newest checkpoint; 0 if there is none."""
        return self._manager.latest_step() or 0

    def save(self, epochs_done: int, states: Sequence[TrainState], config: dict[str, Any]) -> None:
        """Keep all models as they are after ``epochs_done`` epochs; returns when they are on disk."""
        stacked = stack_models(states)
        items = {
            _LATEST: ocp.args.StandardSave(stacked._asdict()),
            _BEST: ocp.args.StandardSave(stacked.best._asdict() | {"failed_step": stacked.failed_step}),
            _CONFIG: ocp.args.JsonSave(config),
        }
        self._manager.save(epochs_done, args=ocp.args.Composite(**items))
        self._manager.wait_until_finished()

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
        """Orbax casts dtypes without a word, so compare them first."""
        stored = _leaves_by_path(dict(self._manager.item_metadata(epoch)[item]))
        for path, leaf in _leaves_by_path(wanted).items():
            found = stored.get(path)
            if found is None or (found.shape, found.dtype) != (leaf.shape, leaf.dtype):
                held = "nothing" if found is None else f"{found.dtype}{list(found.shape)}"
                raise CheckpointError(
                    f"{self._folder}: {item}/{path} holds {held}, expected {leaf.dtype}{list(leaf.shape)}"
                )


def _leaves_by_path(tree: Any) -> dict[str, Any]:
    """Leaves by the names on the way to them; a named tuple and a dictionary with its fields agree."""

    def name(entry: Any) -> str:
        return str(getattr(entry, "name", getattr(entry, "key", getattr(entry, "idx", entry))))

    return {"/".join(map(name, path)): leaf for path, leaf in jax.tree_util.tree_leaves_with_path(tree)}


def stack_models(states: Sequence[TrainState]) -> TrainState:
    """All models in one state, along a new first axis of every array."""
    return jax.tree.map(lambda *leaves: jnp.stack(leaves), *states)


def unstack_models(stacked: TrainState, num_models: int) -> list[TrainState]:
    """The inverse of ``stack_models``."""
    return [jax.tree.map(operator.itemgetter(index), stacked) for index in range(num_models)]
