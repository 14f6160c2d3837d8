"""A key of W&B is looked for where W&B itself looks, and no network is asked."""

import pytest

from lcpjax.runtime.wandb_key import has_wandb_key


@pytest.fixture
def netrc(tmp_path, monkeypatch):
    for name in ("WANDB_API_KEY", "WANDB_BASE_URL", "NETRC"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path / ".netrc"


def test_a_key_is_one_for_the_host_in_use(netrc, monkeypatch):
    assert not has_wandb_key()
    netrc.write_text("machine api.wandb.ai\n  login user\n  password 0\n")
    assert has_wandb_key()
    monkeypatch.setenv("WANDB_BASE_URL", "https://wandb.example.org")
    assert not has_wandb_key()
    netrc.write_text("machine wandb.example.org\n  login user\n  password 0\n")
    assert has_wandb_key()
    monkeypatch.setenv("NETRC", str(netrc.with_name("other")))
    assert not has_wandb_key()


def test_a_key_in_the_environment_is_one_and_an_empty_one_is_none(netrc, monkeypatch):
    monkeypatch.setenv("WANDB_API_KEY", "")
    assert not has_wandb_key()
    monkeypatch.setenv("WANDB_API_KEY", "0" * 40)
    assert has_wandb_key()
