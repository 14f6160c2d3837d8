import queue
import socket
import threading

from lcpjax.runtime.processes import line as line_module
from lcpjax.runtime.processes.line import Line


def lines(monkeypatch, silence, between_signs):
    """Both ends of a line, and where the first one's loss is noted."""
    monkeypatch.setattr(line_module, "SECONDS_OF_SILENCE", silence)
    monkeypatch.setattr(line_module, "SECONDS_BETWEEN_SIGNS", between_signs)
    lost = queue.SimpleQueue()
    ours, theirs = socket.socketpair()
    return Line(ours, 1, lambda *about: lost.put(about)), theirs, lost


def test_a_process_that_only_falls_silent_is_given_up(monkeypatch):
    line, theirs, lost = lines(monkeypatch, silence=0.2, between_signs=60.0)
    with theirs:
        assert lost.get(timeout=5.0) == (1, "it has shown no sign of life for 0.4 s")
    line.close()


def test_signs_of_life_keep_a_line_open_and_are_no_messages(monkeypatch):
    line, theirs, lost = lines(monkeypatch, silence=0.6, between_signs=0.05)
    other = Line(theirs, 0, lambda *_: None)
    threading.Timer(1.5, other.send, ({"late": True},)).start()
    assert line._received.get(timeout=20.0) == {"late": True}
    assert lost.empty()
    for each in (line, other):
        each.expect_end()
    line.close()
    other.close()


def test_a_process_that_may_go_is_not_missed(monkeypatch):
    line, theirs, lost = lines(monkeypatch, silence=0.2, between_signs=0.05)
    line.expect_end()
    theirs.close()
    threading.Event().wait(0.3)
    assert lost.empty()
    line.close()
