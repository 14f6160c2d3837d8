"""Strict JAX for every test: no silent promotion of ranks or dtypes, no key used twice."""

import jax
import pytest

jax.config.update("jax_numpy_rank_promotion", "raise")
jax.config.update("jax_numpy_dtype_promotion", "strict")
jax.config.update("jax_debug_key_reuse", val=True)


@pytest.fixture
def in_empty_folder(tmp_path, monkeypatch):
    """An empty working folder, with W&B switched off unless a test asks for it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WANDB_MODE", "disabled")
    return tmp_path


def pytest_collection_modifyitems(items):
    """Tests marked gpu are skipped where JAX finds none."""
    if jax.default_backend() == "gpu":
        return
    for item in items:
        if "gpu" in item.keywords:
            item.add_marker(pytest.mark.skip(reason="needs a GPU"))
