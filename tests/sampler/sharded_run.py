"""Run by test_sharding.py in processes of its own: chains dealt out over a mesh must be those of one device."""

import sys

import jax
import jax.numpy as jnp
import numpy as np

from lcpjax.sampler import Ladder, chain_mesh, sample
from lcpjax.system import System


def main(port: str, num_processes: int, process: int) -> None:
    if num_processes > 1:
        jax.config.update("jax_cpu_collectives_implementation", "gloo")
        jax.distributed.initialize(f"localhost:{port}", num_processes, process)
    system, gamma = System(num_particles=4, box_side=4.0), np.linspace(0.1, 1.0, 3000, dtype=np.float32)
    # A ladder is tried where one process has all devices: it is the same program.
    ladders = (None, Ladder((1.0, 1.5), (1.0, 0.5))) if num_processes == 1 else (None,)
    for ladder in ladders:
        key = jax.random.key(3)
        sharded = sample(key, system, jnp.asarray(gamma), num_sweeps=20, ladder=ladder, mesh=chain_mesh())
        alone = sample(key, system, jnp.asarray(gamma), num_sweeps=20, ladder=ladder)
        for dealt, whole in zip(sharded, alone, strict=True):
            assert len(dealt.sharding.device_set) == len(jax.devices())
            for shard in dealt.addressable_shards:
                assert np.array_equal(np.asarray(shard.data), np.asarray(whole)[shard.index])
    print(f"process {process}: {len(jax.devices())} devices agree with one")  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
