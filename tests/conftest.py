"""Strict JAX for every test: no silent promotion of ranks or dtypes, no key used twice."""

import gc
import os
import sys
from importlib.metadata import version

# The older of XLA's two emitters for CPUs compiles a quarter faster, and compiling is most of what the tests do.
# A flag that some version does not know would end the process.
if version("jax").startswith("0.10."):
    os.environ["XLA_FLAGS"] = f"{os.environ.get('XLA_FLAGS', '')} --xla_cpu_use_fusion_emitters=false".strip()

import absl.logging
import jax
import pytest

from lcpjax.report import RunFolder

# Tracing makes so many objects that looking for garbage among all of them takes a tenth of the tests' time.
gc.set_threshold(200_000, 50, 1_000)

# Orbax brings absl, whose handler closes its stream when Hydra sets logging up anew, unless that is the
# process's own stderr; the one pytest puts in its place would be closed under pytest's feet.
absl.logging.get_absl_handler().python_handler.stream = sys.__stderr__

jax.config.update("jax_numpy_rank_promotion", "raise")
jax.config.update("jax_numpy_dtype_promotion", "strict")
jax.config.update("jax_debug_key_reuse", val=True)

# Where tests run longer than they compile, or ask how fused arithmetic rounds.
_OPTIMISED = {"sampler", "test_equilibrium.py", "test_free_energy.py", "test_point_decoder.py"}


@pytest.fixture(scope="session", autouse=True)
def compiled_programs(tmp_path_factory):
    """Compiled programs that all processes of this session share, for compiling is most of what a test costs."""
    own = tmp_path_factory.getbasetemp()
    folder = str((own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "compiled")
    jax.config.update("jax_compilation_cache_dir", folder)
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.3)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JAX_COMPILATION_CACHE_DIR", folder)
        patch.setenv("JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS", "0.3")
        yield


@pytest.fixture(scope="module", autouse=True)
def how_well_compiled(request):
    """Most tests compile longer than they run: their programs are not optimised. Those that sample are, and users' are.

    What the environment says of it goes for all (``make test-all``: everything is optimised).
    """
    name = "JAX_DISABLE_MOST_OPTIMIZATIONS"
    if name in os.environ:
        yield
        return
    quickly = not _OPTIMISED & set(request.path.relative_to(request.config.rootpath).parts)
    if jax.config.values["jax_disable_most_optimizations"] != quickly:
        # Programs of the other kind round differently.
        jax.clear_caches()
        jax.config.update("jax_disable_most_optimizations", quickly)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(name, str(int(quickly)))
        yield


@pytest.fixture(scope="session", autouse=True)
def datasets_folder(tmp_path_factory):
    """A cache of sampled data for the tests alone, those in other processes included; never the user's own."""
    folder = tmp_path_factory.mktemp("datasets")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LCPJAX_DATASETS", str(folder))
        yield folder


@pytest.fixture
def in_empty_folder(tmp_path, monkeypatch):
    """An empty working folder, with W&B switched off unless a test asks for it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WANDB_MODE", "disabled")
    return tmp_path


@pytest.fixture
def run_folder(tmp_path):
    """A run's folder without a run."""
    from lcpjax.report import open_run_folder

    wandb = {"mode": "disabled", "project": "lcpjax", "entity": None, "group": None, "artifacts": "none"}
    wandb["timeout_seconds"] = 1.0
    config = {"experiment": "by hand", "tracker": {"wandb": wandb}}
    with open_run_folder(tmp_path / "run", config, config, restart=False) as folder:
        yield folder


@pytest.fixture
def without_figures(monkeypatch):
    """For runs of which nobody looks at the figures: drawing takes longer than all the rest at the smallest scale."""
    monkeypatch.setattr(RunFolder, "save_figure", lambda *_, **__: None)


def pytest_collection_modifyitems(items):
    """Tests marked gpu are skipped where JAX finds none."""
    if jax.default_backend() == "gpu":
        return
    for item in items:
        if "gpu" in item.keywords:
            item.add_marker(pytest.mark.skip(reason="needs a GPU"))
