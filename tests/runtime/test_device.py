"""What this package asks of XLA before it starts."""

import pytest

from lcpjax.runtime import device


@pytest.fixture
def flags(monkeypatch):
    """Sets XLA_FLAGS and what Linux says of the processor, asks for wide vectors, and returns the flags then."""

    def after(before, processor):
        if before is None:
            monkeypatch.delenv("XLA_FLAGS", raising=False)
        else:
            monkeypatch.setenv("XLA_FLAGS", before)
        monkeypatch.setattr(device, "_has_avx512", lambda: processor)
        asked = device.prefer_wide_vectors()
        return asked, device.os.environ.get("XLA_FLAGS")

    return after


def test_whole_vectors_are_asked_for_where_there_are_any_and_nothing_else_was(flags):
    assert flags(None, processor=True) == (True, "--xla_cpu_prefer_vector_width=512")
    assert flags("--xla_dump_to=here", processor=True) == (True, "--xla_dump_to=here --xla_cpu_prefer_vector_width=512")
    assert flags(None, processor=False) == (False, None)
    own = "--xla_cpu_prefer_vector_width=128"
    assert flags(own, processor=True) == (False, own)


def test_asked_twice_it_is_said_once(flags, monkeypatch):
    _, once = flags(None, processor=True)
    monkeypatch.setenv("XLA_FLAGS", once)
    assert device.prefer_wide_vectors() is False
