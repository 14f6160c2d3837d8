"""Run by test_lost_processes.py: a run in which one process waits for ever, in the place that is asked for."""

import sys
import time

import jax

from lcpjax.runtime.processes import Place, call_in_every_process, dismiss, is_helper, join, serve, shared


@shared
def sleep(seconds: float) -> None:
    """Work of a process alone."""
    time.sleep(seconds)


def main(port: str, index: str, where: str) -> int:
    join(Place(int(index), 2, "localhost", int(port), 30.0), {})
    print("began", flush=True)  # noqa: T201
    if is_helper():
        return serve()
    jax.devices()
    if where == "alone":
        sleep(60.0)
    call_in_every_process(sleep, [(0.0,), (60.0,)])
    return dismiss(0)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
