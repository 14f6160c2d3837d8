"""What the environment says, or does not say, decides no result and ends no run."""

import ast
import errno
import fcntl
import json
import logging
import os
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import jax
import pytest
from hydra import compose, initialize_config_dir

from lcpjax.config.check import typed_config
from lcpjax.config.presets import CONF
from lcpjax.dataset import SamplingPlan, Store
from lcpjax.errors import InputError
from lcpjax.pipeline.sampling import cache_folder, kept_in
from lcpjax.report import open_run_folder
from lcpjax.report.run_info import source_state
from lcpjax.runtime.device import keep_compiled_programs, use_device
from lcpjax.runtime.files import Lock, read_text, try_lock, write_text
from lcpjax.runtime.user_cache import usable_cache_folder, user_cache_folder
from lcpjax.system import System

ROOT = Path(__file__).parents[2]
WITHOUT_LOCKS = [errno.ENOSYS, errno.ENOLCK, errno.EOPNOTSUPP]


def composed(*overrides):
    with initialize_config_dir(str(CONF), version_base="1.3"):
        return typed_config(compose("config", overrides=list(overrides)))


def python(script, **variables):
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **variables}
    return subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, timeout=120)


@contextmanager
def setting(name, value):
    """One of JAX's settings for a while."""
    before = jax.config.values[name]
    jax.config.update(name, value)
    try:
        yield
    finally:
        jax.config.update(name, before)


@pytest.fixture
def without_home(monkeypatch):
    """No HOME, and no entry of the user's."""

    def refuse():
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", refuse)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)


@pytest.fixture(params=WITHOUT_LOCKS)
def without_locks(request, monkeypatch):
    """A file system that has none."""

    def refuse(*_):
        raise OSError(request.param, os.strerror(request.param))

    monkeypatch.setattr(fcntl, "flock", refuse)
    return os.strerror(request.param)


def test_a_run_folder_that_cannot_be_locked_costs_one_line(tmp_path, without_locks, capsys):
    wandb = {"mode": "disabled", "project": "lcpjax", "entity": None, "group": None, "artifacts": "none"}
    wandb["timeout_seconds"] = 1.0
    config = {"experiment": "by hand", "tracker": {"wandb": wandb}}
    with open_run_folder(tmp_path / "run", config, config, restart=False) as folder:
        assert not folder.is_finished
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith(f"WARNING: {tmp_path / 'run'} cannot be locked ({without_locks})")


def test_a_dataset_that_cannot_be_locked_costs_one_line(tmp_path, without_locks):
    lines = []
    store = Store(tmp_path, SamplingPlan(System(num_particles=2), (1.0,), seed=0, num_sweeps=1), lines.append)
    leftover = store.path / ".chains-0-1.unfinished"
    leftover.mkdir(parents=True)
    for _ in range(2):
        with store.locked(lambda: False) as held:
            assert held
    (line,) = lines
    assert f"cannot be locked ({without_locks})" in line
    # It may be another process's that is at work.
    assert leftover.exists()


def test_a_lock_is_held_by_one_alone(tmp_path):
    with (tmp_path / "lock").open("w") as first, (tmp_path / "lock").open("w") as second:
        assert try_lock(first) == (Lock.HELD, "")
        assert try_lock(second) == (Lock.TAKEN, "")


@pytest.mark.parametrize("asked", ["", "relative/folder"])
def test_a_cache_home_that_is_no_absolute_path_is_not_set(asked, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", asked)
    assert user_cache_folder() == Path.home() / ".cache" / "lcpjax"


def test_without_a_home_nothing_is_kept_and_one_line_says_so(without_home, monkeypatch, capsys):
    monkeypatch.setenv("LCPJAX_DATASETS", "")
    lines = []
    with setting("jax_compilation_cache_dir", ""):
        keep_compiled_programs(lines.append)
    (line,) = lines
    assert "compiled programs are not kept (no home folder; set XDG_CACHE_HOME" in line
    config = composed("+experiment=sample")
    assert kept_in(config) is None
    (said,) = capsys.readouterr().out.splitlines()
    assert said.split(" (")[0] == "sampled data are not kept"


def test_a_cache_folder_that_cannot_be_made_costs_one_line(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    lines = []
    with setting("jax_compilation_cache_dir", ""):
        keep_compiled_programs(lines.append)
    (line,) = lines
    assert "Not a directory" in line


def test_a_cache_folder_that_cannot_be_written_is_not_usable(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert usable_cache_folder("compiled") == tmp_path / "lcpjax" / "compiled"
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(PermissionError, match="cannot be written to"):
        usable_cache_folder("compiled")


@pytest.mark.parametrize("name", ["LCPJAX_DATASETS", "WANDB_MODE"])
def test_a_variable_that_is_empty_is_not_set(name, monkeypatch):
    monkeypatch.setenv(name, "")
    empty = composed("+experiment=sample")
    monkeypatch.delenv(name)
    assert empty == composed("+experiment=sample")
    if name == "LCPJAX_DATASETS":
        assert cache_folder(empty) == user_cache_folder() / "datasets"


def test_a_platform_that_is_not_there_is_refused_in_one_line(monkeypatch):
    def fail():
        raise AssertionError

    monkeypatch.setattr(jax, "default_backend", fail)
    with (
        setting("jax_platforms", "cuda"),
        pytest.raises(InputError, match=r"^device = auto: JAX_PLATFORMS=cuda names"),
    ):
        use_device("auto")


def test_a_repository_that_git_is_told_of_is_not_this_one(monkeypatch, tmp_path):
    here = source_state()
    monkeypatch.setenv("GIT_DIR", str(tmp_path))
    assert source_state() == here


DRAWING = """
import hashlib, io, os
from lcpjax.report.figures.style import panels, style
with style():
    figure, ((axes,),) = panels(1, 1, 2.0, 2.0)
    axes.plot([1, 2])
    figure.savefig(out := io.BytesIO(), format="raw")
found = [hashlib.sha256(out.getvalue()).hexdigest(), str(os.environ.get("MPLBACKEND"))]
"""


def test_figures_are_the_same_whatever_backend_and_style_the_user_asks_for(tmp_path):
    (tmp_path / "matplotlibrc").write_text("font.size: 30\nsavefig.dpi: 20\nfigure.facecolor: red\n")
    inline = "module://matplotlib_inline.backend_inline"
    done = python(f"{DRAWING}\nprint(*found)", MPLBACKEND=inline, MATPLOTLIBRC=str(tmp_path))
    assert done.returncode == 0, done.stderr
    here = {}
    exec(DRAWING, here)
    # The variable is still there for the processes that this one starts.
    assert done.stdout.split() == [here["found"][0], inline]


def test_text_is_utf_8_in_every_locale(tmp_path):
    script = f"""
from pathlib import Path
from lcpjax.runtime.files import read_text, write_text
write_text(Path({str(tmp_path / "text")!r}), "gr\\u00f6\\u00dfe \\udcff")
assert read_text(Path({str(tmp_path / "text")!r})) == "gr\\u00f6\\u00dfe \\udcff"
"""
    done = python(script, LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "text").read_bytes() == "größe ".encode() + b"\xff"
    write_text(tmp_path / "json", json.dumps("größe"))
    assert json.loads(read_text(tmp_path / "json")) == "größe"


def test_every_text_file_is_opened_with_its_encoding():
    assert [place for path in (ROOT / "lcpjax").rglob("*.py") for place in _without_encoding(path)] == []


def _without_encoding(path):
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if not isinstance(node, ast.Call) or any(each.arg == "encoding" for each in node.keywords):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        modes = [each.value for each in node.args if isinstance(each, ast.Constant) and isinstance(each.value, str)]
        owner = getattr(getattr(node.func, "value", None), "id", "")
        is_binary = any("b" in mode for mode in modes) or owner in ("os", "hoomd", "tensorstore", "archive")
        # read_text and write_text of ``files`` are plain functions.
        of_path = name in ("read_text", "write_text") and isinstance(node.func, ast.Attribute)
        if of_path or (name == "open" and not is_binary):
            yield f"{path.name}:{node.lineno}"


@pytest.mark.slow
def test_a_warm_cache_of_compiled_programs_is_read_without_a_word(tmp_path, monkeypatch):
    monkeypatch.delenv("TF_CPP_MIN_LOG_LEVEL", raising=False)
    script = """
import logging
import jax, jax.numpy as jnp
from lcpjax.runtime.device import keep_compiled_programs, use_device
use_device("cpu")
keep_compiled_programs(print)
jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)
print(jax.jit(lambda x: jnp.sin(x) @ x)(jnp.ones((9, 9)))[0, 0])
logging.getLogger("jax").warning("a warning of JAX's own")
"""
    variables = {"XDG_CACHE_HOME": str(tmp_path), "JAX_COMPILATION_CACHE_DIR": ""}
    first, second = (python(script, **variables) for _ in range(2))
    assert first.returncode == second.returncode == 0, first.stderr
    assert list((tmp_path / "lcpjax" / "compiled").iterdir())
    assert second.stdout == first.stdout
    assert "cpu_aot_loader" not in second.stderr
    assert len(second.stderr.splitlines()) == 1
    assert "a warning of JAX's own" in second.stderr


def test_the_loggers_of_jax_still_warn():
    use_device("auto")
    assert logging.getLogger("jax").isEnabledFor(logging.WARNING)
