"""Processes that share a run, started by tests."""

import os
import socket
import subprocess
import sys
from pathlib import Path

ROOT = str(Path(__file__).parents[3])


def free_port():
    """A port that nobody has, nor the next one, which JAX takes."""
    while True:
        with socket.socket() as one, socket.socket() as next_one:
            one.bind(("localhost", 0))
            port = one.getsockname()[1]
            try:
                next_one.bind(("localhost", port + 1))
            except OSError:
                continue
            return port


def start(command, num_devices=2, **variables):
    """A Python process with so many host devices."""
    flags = f"{os.environ.get('XLA_FLAGS', '')} --xla_force_host_platform_device_count={num_devices}"
    environment = {**os.environ, "XLA_FLAGS": flags, "JAX_PLATFORMS": "cpu", "PYTHONPATH": ROOT, **variables}
    pipe = subprocess.PIPE
    return subprocess.Popen([sys.executable, *command], env=environment, stdout=pipe, stderr=pipe, text=True)


def outcome(process, seconds=240):
    """Exit status, and what it printed on stdout and stderr."""
    out, err = process.communicate(timeout=seconds)
    return process.returncode, out, err
