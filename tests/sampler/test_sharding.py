import os
import socket
import subprocess
import sys
from pathlib import Path

import jax
import jax.numpy as jnp
import pytest

from lcpjax.errors import InputError
from lcpjax.sampler import Ladder, sample
from lcpjax.system import System

PROGRAM = Path(__file__).with_name("sharded_run.py")


def start(num_devices, *arguments):
    """The program in a process of its own, where the number of devices can still be chosen."""
    flags = f"--xla_force_host_platform_device_count={num_devices}"
    root = str(PROGRAM.parents[2])
    environment = {**os.environ, "XLA_FLAGS": flags, "JAX_PLATFORMS": "cpu", "PYTHONPATH": root}
    command = [sys.executable, str(PROGRAM), *arguments]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def outcome(process):
    out, err = process.communicate(timeout=240)
    assert process.returncode == 0, err
    return out


@pytest.mark.slow
def test_chains_on_four_devices_are_bitwise_those_of_one():
    assert "4 devices agree with one" in outcome(start(4, "0", "1", "0"))


@pytest.mark.slow
def test_chains_of_two_processes_are_bitwise_those_of_one_device():
    with socket.socket() as free:
        free.bind(("localhost", 0))
        port = str(free.getsockname()[1])
    processes = [start(2, port, "2", str(index)) for index in range(2)]
    for process in processes:
        assert "4 devices agree with one" in outcome(process)


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ({"kernel": "fuse"}, "kernel = fuse: allowed: portable, fused"),
        ({"kernel": "fused"}, "needs an NVIDIA GPU, Hopper or later; this is cpu"),
        ({"kernel": "fused", "ladder": Ladder((1.0, 2.0), (1.0, 1.0))}, "makes no tempering ladders"),
    ],
)
def test_a_kernel_that_cannot_do_it_is_refused_in_one_line(arguments, complaint):
    with pytest.raises(InputError, match=complaint):
        sample(jax.random.key(0), System(num_particles=2), jnp.ones(1), num_sweeps=1, **arguments)
