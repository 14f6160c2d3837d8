"""How the processes of a run find each other, before any of them asks JAX for anything."""

import socket
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from lcpjax.errors import InputError
from lcpjax.runtime.processes.messages import MessageError, receive, send
from lcpjax.runtime.processes.place import Place, is_loopback

_SECONDS_BETWEEN_TRIES = 0.2


def meet(place: Place, facts: Mapping[str, Any]) -> tuple[dict[int, socket.socket], list[str]]:
    """Lines to the other processes by their index, of process 0, or to process 0; and each process's host.

    Args:
        facts: that must be the same in all processes, by what they are.

    Raises:
        InputError: one does not come, cannot be reached, has another place or other facts; the same in every process.
    """
    deadline = time.monotonic() + place.start_timeout_seconds
    hello = {"index": place.index, "count": place.count, "host": socket.gethostname(), "facts": dict(facts)}
    lines, hosts = _receive_all(place, hello, deadline) if place.index == 0 else _reach(place, hello, deadline)
    _refuse_loopback(hosts)
    for line in lines.values():
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return lines, hosts


def _receive_all(place: Place, hello: dict[str, Any], deadline: float) -> tuple[dict[int, socket.socket], list[str]]:
    """What process 0 does: wait for all others."""
    lines: dict[int, socket.socket] = {}
    hosts = {0: hello["host"]}
    try:
        with _door(place) as door:
            while len(lines) < place.count - 1:
                line = _next_guest(door, place, lines, deadline)
                line.settimeout(max(deadline - time.monotonic(), 0.1))
                try:
                    guest = receive(line)
                except (OSError, MessageError):
                    guest = None
                # Whoever else found the port is no process of this run.
                if guest is None or not {"facts", "index", "count", "host"} <= guest.keys():
                    line.close()
                    continue
                if reason := _refusal(guest, hello, lines):
                    lines[-1] = line
                    raise InputError(reason)
                lines[guest["index"]], hosts[guest["index"]] = line, guest["host"]
        listed = [hosts[index] for index in range(place.count)]
        for line in lines.values():
            send(line, {"hosts": listed})
    except (InputError, OSError) as error:
        for line in lines.values():
            with line, suppress(OSError):
                send(line, {"refused": str(error)})
        if isinstance(error, OSError):
            raise InputError(f"the processes of this run could not begin ({error.strerror or error})") from None
        raise
    return lines, listed


def _door(place: Place) -> socket.socket:
    """The socket that process 0 is found at."""
    try:
        if is_loopback(place.host):
            return socket.create_server(("127.0.0.1", place.port))
        if socket.has_dualstack_ipv6():
            return socket.create_server(("", place.port), family=socket.AF_INET6, dualstack_ipv6=True)
        return socket.create_server(("", place.port))
    except OSError as error:
        raise InputError(
            f"device.coordinator = {place.host}:{place.port}: process 0 cannot listen there ({error.strerror}); "
            "choose another port"
        ) from None


def _next_guest(door: socket.socket, place: Place, lines: Mapping[int, Any], deadline: float) -> socket.socket:
    try:
        door.settimeout(max(deadline - time.monotonic(), 0.01))
        return door.accept()[0]
    except TimeoutError:
        missing = [str(index) for index in range(1, place.count) if index not in lines]
        named = ", ".join(missing[:5]) + (f" and {len(missing) - 5} more" if missing[5:] else "")
        raise InputError(
            f"process(es) {named} of {place.count} did not come to {place.host}:{place.port} within "
            f"{place.start_timeout_seconds:g} s (device.start_timeout_seconds)"
        ) from None


def _refusal(guest: Mapping[str, Any], hello: Mapping[str, Any], lines: Mapping[int, Any]) -> str:
    """Why a process cannot take part; "" if it can."""
    index, count = guest["index"], hello["count"]
    if guest["count"] != count:
        return f"device.num_processes: process 0 has {count}, process {index} {guest['count']}"
    if not 0 < index < count or index in lines:
        return f"device.process = {index}: two processes of this run have it"
    for name, own in hello["facts"].items():
        if (other := guest["facts"].get(name)) != own:
            return f"{name}: process 0 has {own}, process {index} {other}; start all with the same command"
    return ""


def _reach(place: Place, hello: dict[str, Any], deadline: float) -> tuple[dict[int, socket.socket], list[str]]:
    """What the others do: find process 0, and wait until all have."""
    while True:
        try:
            line = socket.create_connection((place.host, place.port), max(deadline - time.monotonic(), 0.1))
            break
        except OSError as error:
            # A name that means nothing will not mean something later.
            if time.monotonic() + _SECONDS_BETWEEN_TRIES > deadline or isinstance(error, socket.gaierror):
                hint = "; a loopback name reaches this host alone" if is_loopback(place.host) else ""
                raise InputError(
                    f"device.coordinator = {place.host}:{place.port}: process 0 cannot be reached there "
                    f"({error.strerror or error}; tried for {place.start_timeout_seconds:g} s){hint}"
                ) from None
            time.sleep(_SECONDS_BETWEEN_TRIES)
    # Process 0 has as long as this one had, and says why if it gives up.
    line.settimeout(place.start_timeout_seconds + 5.0)
    try:
        send(line, hello)
        answer: dict[str, Any] = receive(line) or {"refused": f"process 0 at {place.host}:{place.port} is gone"}
    except (OSError, MessageError) as error:
        answer = {"refused": f"process 0 at {place.host}:{place.port} does not answer ({error})"}
    if "refused" in answer:
        line.close()
        raise InputError(answer["refused"])
    return {0: line}, answer["hosts"]


def _refuse_loopback(hosts: list[str]) -> None:
    """Refuse a host whose own name means loopback where there are several: CPUs would give the others that address."""
    if len(set(hosts)) == 1:
        return
    own = socket.gethostname()
    try:
        address = socket.gethostbyname(own)
    except OSError:
        return
    if is_loopback(address):
        raise InputError(
            f"{own}: this host's own name means {address} here, which the other hosts ({len(set(hosts))} in all) take "
            "for themselves; give it its own address in /etc/hosts"
        )
