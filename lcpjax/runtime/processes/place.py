"""This process's place among those of a run: from the config, or from Slurm."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass

from lcpjax.errors import InputError

_LOOPBACK = re.compile(r"localhost|localhost\..*|127\.[\d.]+|::1|0\.0\.0\.0|::", re.IGNORECASE)
_SLURM = ("SLURM_JOB_ID", "SLURM_STEP_NODELIST", "SLURM_NTASKS", "SLURM_PROCID")
# Below the ports that Linux hands out by itself; two for each step.
_FIRST_PORT, _NUM_PORTS = 20_000, 6_000
_HOW = "give device.distributed=explicit, device.coordinator=HOST:PORT, device.num_processes and device.process"


@dataclass(frozen=True)
class Place:
    """Index of a process, their number, and where process 0 is found."""

    index: int
    count: int
    host: str
    port: int
    """Of process 0; JAX's own coordinator takes the next one."""
    start_timeout_seconds: float = 50.0


def place_of(
    distributed: str,
    coordinator: str | None,
    num_processes: int | None,
    process: int | None,
    start_timeout_seconds: float,
    environment: Mapping[str, str] = os.environ,
) -> Place | None:
    """The place that the keys of ``device`` give; None for a run in one process.

    Raises:
        InputError: keys that do not go together, no step of a Slurm job, or a loopback name for several hosts.
    """
    keys = {"coordinator": coordinator, "num_processes": num_processes, "process": process}
    if distributed == "explicit":
        return _explicit(keys, start_timeout_seconds, environment)
    if given := [name for name, value in keys.items() if value is not None]:
        raise InputError(
            f"device.{given[0]} = {keys[given[0]]}: is read with device.distributed=explicit only, not {distributed}"
        )
    return _of_slurm(start_timeout_seconds, environment) if distributed == "auto" else None


def is_loopback(host: str) -> bool:
    """Whether a name or an address means each host itself."""
    return _LOOPBACK.fullmatch(host.strip("[]")) is not None


def _explicit(keys: Mapping[str, str | int | None], seconds: float, environment: Mapping[str, str]) -> Place:
    if missing := [f"device.{name}" for name, value in keys.items() if value is None]:
        raise InputError(f"{missing[0]}: device.distributed=explicit needs a value (device.coordinator=HOST:PORT)")
    address, count, index = str(keys["coordinator"]), int(keys["num_processes"] or 0), int(keys["process"] or 0)
    host, _, port = address.rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) < 65535:
        raise InputError(f"device.coordinator = {address}: must be HOST:PORT, the port from 1 to 65534")
    if index >= count:
        raise InputError(f"device.process = {index}: with device.num_processes={count} from 0 to {count - 1}")
    if is_loopback(host) and (hosts := _num_hosts(environment)) > 1:
        raise InputError(
            f"device.coordinator = {address}: means each host itself, and this job has {hosts} hosts; "
            "give the name by which the others reach process 0"
        )
    return Place(index, count, host.strip("[]"), int(port), seconds)


def _of_slurm(seconds: float, environment: Mapping[str, str]) -> Place:
    if missing := [name for name in _SLURM if name not in environment]:
        raise InputError(
            f"device.distributed = auto: no step of a Slurm job here ({missing[0]} is not set); start it with srun, "
            f"or {_HOW}"
        )
    job, nodes, count, index = (environment[name] for name in _SLURM)
    step = environment.get("SLURM_STEP_ID", "0")
    port = _FIRST_PORT + 2 * ((int(job) * 7 + int(step)) % _NUM_PORTS)
    host = _first_host(nodes)
    if is_loopback(host) and (hosts := _num_hosts(environment)) > 1:
        raise InputError(f"SLURM_STEP_NODELIST = {nodes}: {host} means each host itself, and there are {hosts}; {_HOW}")
    return Place(int(index), int(environment.get("SLURM_STEP_NUM_TASKS", count)), host, port, seconds)


def _first_host(nodes: str) -> str:
    """First host of Slurm's list of them.

    >>> _first_host("gpu[07-09,12],login1"), _first_host("gpu7,gpu8"), _first_host("rack[2-3]n[01-04]")
    ('gpu07', 'gpu7', 'rack2n01')
    """
    first = re.match(r"(?:[^,\[]|\[[^\]]*\])+", nodes)
    return re.sub(r"\[(\w+)[^\]]*\]", r"\1", first.group() if first else nodes)


def _num_hosts(environment: Mapping[str, str]) -> int:
    """Hosts that the scheduler's job or the launcher's program runs on; 1 where none says so."""
    for name in ("SLURM_STEP_NUM_NODES", "SLURM_JOB_NUM_NODES", "SLURM_NNODES", "OMPI_MCA_orte_num_nodes"):
        if environment.get(name, "").isdecimal():
            return int(environment[name])
    return 1
