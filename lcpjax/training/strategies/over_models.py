"""One program for all models: their arrays stacked along the first axis, distributed over the devices."""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
from jax.sharding import Mesh, NamedSharding, PartitionSpec

_MODELS = "models"


class Stacking(NamedTuple):
    """Distribution of stacked models over devices."""

    mesh: Mesh
    """Of the devices that hold models."""

    @property
    def sharded(self) -> NamedSharding:
        """Sharding of arrays with an axis of models."""
        return NamedSharding(self.mesh, PartitionSpec(_MODELS))

    @property
    def replicated(self) -> NamedSharding:
        """Sharding of arrays that all models share."""
        return NamedSharding(self.mesh, PartitionSpec())

    def over_models(self, function: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
        """A function over all models' arrays from one of a single model's arrays and the shared ones."""

        def of_all(stacked: Any, shared: Any) -> Any:
            return jax.vmap(function, in_axes=(0, None))(stacked, shared)

        if self.mesh.size == 1:
            return of_all
        # By hand: no device waits for another, whatever the compiler would have made of it.
        specs = PartitionSpec(_MODELS), PartitionSpec()
        return jax.shard_map(of_all, mesh=self.mesh, in_specs=specs, out_specs=specs[0], check_vma=False)


def model_mesh() -> Mesh:
    """All devices of this process in a row."""
    return Mesh(jax.local_devices(), (_MODELS,))
