"""An open line to another process of the run: what comes is queued, and a silence ends this process."""

import queue
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from lcpjax.runtime.processes.messages import MessageError, receive, send

SECONDS_BETWEEN_SIGNS = 5.0
SECONDS_OF_SILENCE = 20.0
"""Twice in a row: a job that was suspended as a whole comes back with one."""


class Line:
    """Sends and receives messages; a sign of life goes out every few seconds.

    Args:
        index: of the process at its other end.
        on_lost: called from another thread, once, with the reason, when the other process is gone.
        on_message: called from another thread with every message, before it is queued.
    """

    def __init__(
        self,
        connection: socket.socket,
        index: int,
        on_lost: Callable[[int, str], None],
        on_message: Callable[[dict[str, Any]], None] = lambda _: None,
    ) -> None:
        self.index = index
        self._connection, self._on_lost, self._on_message = connection, on_lost, on_message
        self._sending = threading.Lock()
        self._received: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        self._is_closed = False
        connection.settimeout(SECONDS_OF_SILENCE)
        for work in (self._listen, self._show_life):
            threading.Thread(target=work, daemon=True).start()

    def send(self, message: dict[str, Any]) -> None:
        """Send a message; one to a process that is gone goes nowhere, and the listening thread ends this one."""
        with self._sending:
            try:
                send(self._connection, message)
            except OSError:
                # What follows half a message would be read as its other half.
                with suppress(OSError):
                    self._connection.shutdown(socket.SHUT_RDWR)

    def next(self) -> dict[str, Any]:
        """The next message, when it comes."""
        while True:
            # Not for ever in one call, in which no signal would be heard.
            with suppress(queue.Empty):
                return self._received.get(timeout=1.0)

    def close(self) -> None:
        """Expect nothing more; the other process may go."""
        self._is_closed = True
        with self._connection, suppress(OSError):
            self._connection.shutdown(socket.SHUT_RDWR)

    def expect_end(self) -> None:
        """The other process may go from now on."""
        self._is_closed = True

    def _listen(self) -> None:
        silences, reason = 0, "its connection was closed"
        while True:
            try:
                message = receive(self._connection)
            except TimeoutError:
                silences += 1
                if silences < 2:
                    continue
                reason = f"it has shown no sign of life for {2 * SECONDS_OF_SILENCE:g} s"
                break
            except (OSError, MessageError) as error:
                reason = str(error)
                break
            if message is None:
                break
            silences = 0
            if "alive" not in message:
                self._on_message(message)
                self._received.put(message)
        if not self._is_closed:
            self._on_lost(self.index, reason)

    def _show_life(self) -> None:
        while not self._is_closed:
            time.sleep(SECONDS_BETWEEN_SIGNS)
            self.send({"alive": True})
