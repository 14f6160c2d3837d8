import pytest

from lcpjax.dataset import parts as parts_module


@pytest.fixture(autouse=True)
def small_parts(monkeypatch):
    """Parts of 16 chains, so that a few chains make several."""
    monkeypatch.setattr(parts_module, "chains_per_part", lambda plan: 16)
