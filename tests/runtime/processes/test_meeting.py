import socket
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from lcpjax.errors import InputError
from lcpjax.runtime.processes import meeting
from lcpjax.runtime.processes.meeting import meet
from lcpjax.runtime.processes.place import Place
from tests.runtime.processes.started import free_port

FACTS = {"version of jax": "0.10.1"}


def together(*guests, count=None, seconds=5.0):
    """What each process gets, or is refused with; one is (index, facts)."""
    port = free_port()

    def one(guest):
        index, facts = guest
        try:
            lines, hosts = meet(Place(index, count or len(guests), "localhost", port, seconds), facts)
        except InputError as error:
            return str(error)
        for line in lines.values():
            line.close()
        return sorted(lines), hosts

    with ThreadPoolExecutor(len(guests)) as threads:
        return list(threads.map(one, guests))


def test_all_processes_meet_and_know_each_others_hosts():
    hosts = [socket.gethostname()] * 3
    assert together((0, FACTS), (1, FACTS), (2, FACTS)) == [([1, 2], hosts), ([0], hosts), ([0], hosts)]


def test_another_version_or_config_ends_all_with_the_same_line():
    line = "version of jax: process 0 has 0.10.1, process 1 0.11.0; start all with the same command"
    assert together((0, FACTS), (1, {"version of jax": "0.11.0"})) == [line, line]


def test_two_processes_with_one_index_end_all():
    lines = together((0, FACTS), (1, FACTS), (1, FACTS), count=3)
    assert set(lines) == {"device.process = 1: two processes of this run have it"}


def test_a_process_that_does_not_come_is_named_in_time():
    begun = time.perf_counter()
    lines = together((0, FACTS), (2, FACTS), count=4, seconds=0.5)
    assert time.perf_counter() - begun < 5.0
    assert lines[0] == lines[1]
    assert lines[0].startswith("process(es) 1, 3 of 4 did not come to localhost:")
    assert lines[0].endswith("within 0.5 s (device.start_timeout_seconds)")


def test_a_coordinator_that_cannot_be_reached_is_named_in_time():
    place = Place(1, 2, "localhost", free_port(), 0.5)
    begun = time.perf_counter()
    with pytest.raises(
        InputError, match=r"localhost:\d+: process 0 cannot be reached there \(Connection refused; tried"
    ):
        meet(place, FACTS)
    assert time.perf_counter() - begun < 5.0


def test_a_name_that_means_nothing_is_refused_at_once():
    with pytest.raises(InputError, match=r"no\.such\.host\.invalid:9: process 0 cannot be reached there"):
        meet(Place(1, 2, "no.such.host.invalid", 9, 600.0), FACTS)


def test_strangers_at_the_door_are_passed_over():
    port = free_port()

    def stranger():
        for _ in range(50):
            time.sleep(0.02)
            try:
                with socket.create_connection(("localhost", port)) as line:
                    line.sendall(b"GET / HTTP/1.1\r\n\r\n")
                return
            except OSError:
                continue

    def one(index):
        if index == 1:
            time.sleep(0.3)
        lines, _ = meet(Place(index, 2, "localhost", port, 5.0), FACTS)
        for line in lines.values():
            line.close()
        return sorted(lines)

    with ThreadPoolExecutor(3) as threads:
        threads.submit(stranger)
        assert list(threads.map(one, [0, 1])) == [[1], [0]]


def test_a_host_whose_own_name_is_loopback_is_refused_among_several(monkeypatch):
    monkeypatch.setattr(socket, "gethostbyname", lambda _: "127.0.1.1")
    meeting._refuse_loopback([socket.gethostname()] * 2)
    with pytest.raises(InputError, match=r"this host's own name means 127\.0\.1\.1 here"):
        meeting._refuse_loopback([socket.gethostname(), "another"])
