"""The processes of a run as one: a function called in all of them, and how all end together.

Process 0 alone runs the experiment, writes the run folder and speaks. The others, its helpers, wait for functions to
call. So no two processes ever decide anything differently, and whatever only process 0 computes needs no care.
"""

import importlib
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, TypeVar

import jax

from lcpjax.errors import InputError, OneLineError
from lcpjax.runtime.processes.line import Line
from lcpjax.runtime.processes.meeting import meet
from lcpjax.runtime.processes.native_output import NativeOutput
from lcpjax.runtime.processes.place import Place

EXIT_LOST = 1
_SECONDS_TO_LEAVE, _SECONDS_TO_FINISH = 5.0, 8.0
# JAX's own watch is the last resort: it ends a process with a page of C++.
_JAX_SECONDS_OF_SILENCE, _JAX_SECONDS_TO_START, _JAX_SECONDS_TO_END = 120, 40, 10

Function = TypeVar("Function", bound=Callable[..., Any])


@dataclass
class _Group:
    place: Place
    lines: dict[int, Line] = field(default_factory=dict)
    num_calls: int = 0
    exit_code: int | None = None


_group: _Group | None = None
_shared: dict[str, Callable[..., Any]] = {}
_native_output = NativeOutput()


def shared(function: Function) -> Function:
    """A function of a module that process 0 may have called in the others, by its name; it stays as it is."""
    _shared[_name(function)] = function
    return function


def _name(function: Any) -> str:
    return f"{function.__module__}:{function.__qualname__}"


def num_processes() -> int:
    """Processes that share this run."""
    return 1 if _group is None else _group.place.count


def is_helper() -> bool:
    """Whether this process only does what process 0 shares out."""
    return _group is not None and _group.place.index > 0


def join(place: Place | None, facts: Mapping[str, Any]) -> None:
    """Meet the other processes and start JAX in all of them; once, before JAX has looked for its devices.

    Args:
        place: None: this run has one process.
        facts: that must be the same in all, by what they are.

    Raises:
        InputError: the same in every process, in one line: who did not come, or does not fit.
    """
    global _group
    if place is None or place.count == 1 or _group is not None:
        return
    connections, hosts = meet(place, facts)
    group = _Group(place)
    on_message = _leave_when_told if place.index else (lambda _: None)
    group.lines = {index: Line(each, index, _on_lost, on_message) for index, each in connections.items()}
    _group = group
    _native_output.keep_apart()
    jax.config.update("jax_cpu_collectives_implementation", "gloo")
    # It would take SIGTERM for itself.
    jax.config.update("jax_enable_preemption_service", False)  # noqa: FBT003
    try:
        jax.distributed.initialize(
            f"{place.host}:{place.port + 1}",
            place.count,
            place.index,
            local_device_ids=_own_devices(hosts, place.index, os.environ),
            cluster_detection_method="deactivate",
            initialization_timeout=_JAX_SECONDS_TO_START,
            heartbeat_timeout_seconds=_JAX_SECONDS_OF_SILENCE,
            shutdown_timeout_seconds=_JAX_SECONDS_TO_END,
        )
    except Exception as error:  # noqa: BLE001 of many types
        line = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise InputError(f"jax.distributed cannot start at {place.host}:{place.port + 1} ({line})") from None


def _own_devices(hosts: Sequence[str], index: int, environment: Mapping[str, str]) -> list[int] | None:
    """Number of this process's GPU on its host, where several processes share one; None: all that it sees.

    JAX_LOCAL_DEVICE_IDS, or a GPU of its own in CUDA_VISIBLE_DEVICES, goes before.
    """
    here = [other for other, host in enumerate(hosts) if host == hosts[index]]
    visible = [name for name in environment.get("CUDA_VISIBLE_DEVICES", "").split(",") if name]
    if len(here) == 1 or len(visible) == 1 or "JAX_LOCAL_DEVICE_IDS" in environment:
        return None
    return [here.index(index)]


def call_in_every_process(function: Callable[..., Any], arguments: Sequence[tuple[Any, ...]], **own: Any) -> list[Any]:
    """Results of a ``shared`` function, called in process i with the i-th arguments; called by process 0.

    Args:
        arguments: one tuple for each process that takes part, at least one.
        own: more arguments of process 0's call, such as what reports progress.

    Raises:
        OneLineError: what a call was refused with.
    """
    if len(arguments) == 1 or _group is None:
        return [function(*arguments[0], **own)]
    _group.num_calls += 1
    number, name = _group.num_calls, _name(function)
    helpers = [_group.lines[index] for index in range(1, len(arguments))]
    for line, given in zip(helpers, arguments[1:], strict=True):
        line.send({"call": number, "function": name, "arguments": given})
    try:
        results = [function(*arguments[0], **own)]
    except Exception:
        # Where a peer is gone, that is the reason for whatever failed here, and its own line ends this process.
        time.sleep(1.0)
        raise
    return results + [_answer(line, number) for line in helpers]


def _answer(line: Line, number: int) -> Any:
    """Result of a call in another process; answers to calls that were given up are passed over."""
    while (message := line.next()).get("answer") != number:
        pass
    if "refused" in message:
        raise OneLineError(message["refused"])
    return message["result"]


def serve() -> int:
    """Do what process 0 shares out until it ends, and return its exit status.

    A first signal is left to process 0, which gets it too or else decides when to stop.
    """
    assert _group is not None
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, _ignore_once)
    line = _group.lines[0]
    jax.devices()  # Process 0 waits for it where it looks for its own.
    while (message := line.next()) and "end" not in message:
        try:
            result = _function(message["function"])(*message["arguments"])
            line.send({"answer": message["call"], "result": result})
        except OneLineError as error:
            line.send({"answer": message["call"], "refused": str(error)})
        except Exception as error:  # noqa: BLE001 ends this process, and with it all
            # If a peer is gone, its line comes first.
            time.sleep(2.0)
            if _group.exit_code is not None:
                break
            traceback.print_exception(error)
            _leave(EXIT_LOST, f"process {_group.place.index} of {_group.place.count} failed: {type(error).__name__}")
    return _finish(_group)


def _function(name: str) -> Callable[..., Any]:
    """A ``shared`` function by its name; its module may not have been needed here before."""
    if name.startswith("lcpjax."):
        importlib.import_module(name.partition(":")[0])
    return _shared[name]


def _ignore_once(number: int, _: Any) -> None:
    signal.signal(number, signal.SIG_DFL)


def dismiss(exit_code: int) -> int:
    """End the other processes with this exit status, which is returned; called by process 0 when all is done."""
    if _group is None or _group.place.index:
        return exit_code
    _group.exit_code = exit_code
    for line in _group.lines.values():
        line.expect_end()
        line.send({"end": exit_code})
    return _finish(_group)


def _finish(group: _Group) -> int:
    """Leave JAX's group, in all processes at once; one that hangs there is left behind."""
    exit_code = group.exit_code or 0
    end = threading.Timer(_SECONDS_TO_FINISH, _leave, (exit_code,))
    end.daemon = True
    end.start()
    with suppress(Exception):  # Whoever was left behind keeps its barrier closed.
        jax.distributed.shutdown()
    end.cancel()
    _native_output.forget()
    return exit_code


def _leave_when_told(message: dict[str, Any]) -> None:
    """In a helper, from the listening thread: process 0 ends, and whatever this one computes is wanted no more."""
    if "end" in message and _group is not None:
        _group.exit_code = message["end"]
        _group.lines[0].expect_end()
        end = threading.Timer(_SECONDS_TO_LEAVE, _leave, (message["end"],))
        end.daemon = True
        end.start()


def _on_lost(index: int, reason: str) -> None:
    assert _group is not None
    who = "process 0" if index == 0 else f"process {index} of {_group.place.count}"
    _leave(EXIT_LOST, f"{who} is gone ({reason}); all end, and the same command resumes where the run stopped")


def _leave(exit_code: int, line: str = "") -> None:
    """End this process now, from any thread, with one line."""
    if line:
        _native_output.print_line(f"lcpjax: {line}")
    _native_output.forget()
    with suppress(Exception):
        sys.stdout.flush()
    os._exit(exit_code)
