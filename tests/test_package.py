"""The package as others meet it: its help, its wheel, its files."""

import re
import resource
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def test_help_answers_at_once_with_examples_and_all_experiments(tmp_path):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [sys.executable, "-m", "lcpjax.run", "--help"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    # It takes 0.7 s of processor time, and more than 2 s as soon as jax is imported.
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 2
    for name in (path.stem for path in (ROOT / "conf" / "experiment").glob("*.yaml")):
        assert re.search(rf"^experiment: .*\b{name}\b", done.stdout, re.MULTILINE)
    assert "python -m lcpjax.run +experiment=lambda_sweep " in done.stdout
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("module", ["lcpjax", "lcpjax.run"])
def test_importing_the_command_line_imports_no_heavy_package(module):
    heavy = "('jax', 'numpy', 'wandb', 'matplotlib', 'orbax')"
    script = f"import sys, {module}; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


@pytest.mark.slow
def test_the_wheel_runs_from_another_folder(tmp_path):
    """Unpacked in front of everything else, next to the dependencies that are installed here."""
    command = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", str(tmp_path)]
    subprocess.run([*command, str(ROOT)], check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        archive.extractall(tmp_path / "site")
    assert {"lcpjax/conf/config.yaml", "lcpjax/report/figures/lcpjax.mplstyle"} <= names
    assert {f"lcpjax/report/page/{name}" for name in ("page.html.jinja", "style.css", "page.js")} <= names
    assert {f"lcpjax/experiments/{name}README.md" for name in ("", "train/")} <= names
    assert {f"lcpjax/{path.relative_to(ROOT)}" for path in (ROOT / "experiments").rglob("*.py")} <= names
    parts = ROOT / "lcpjax" / "report" / "explorer" / "parts"
    assert {str(path.relative_to(ROOT)) for path in parts.iterdir()} <= names
    assert not [name for name in names if name.startswith(("tests/", "conf/", "experiments/"))]
    assert not [name for name in names if "/results/" in name]
    (tmp_path / "elsewhere").mkdir()
    environment = {
        "PATH": "/usr/bin:/bin",
        "HOME": str(tmp_path),
        "XDG_CACHE_HOME": str(Path.home() / ".cache"),
        "PYTHONPATH": str(tmp_path / "site"),
        "WANDB_MODE": "disabled",
        "LCPJAX_DATASETS": str(tmp_path / "datasets"),
    }
    arguments = ["+experiment=train", "+scale=smoke", "model.channels=[4]", "training.num_epochs=1"]
    script = f"import lcpjax.run as run; print(run.__file__); raise SystemExit(run.run_command({arguments}))"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path / "elsewhere", env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(str(tmp_path / "site"))
    assert len(list((tmp_path / "elsewhere").glob("outputs/train/*/tables/train.csv"))) == 1


def test_the_lock_names_no_host_and_every_package_has_a_hash():
    lock = (ROOT / "requirements" / "lock.txt").read_text()
    assert "://" not in lock
    pinned = re.findall(r"^[A-Za-z0-9_.-]+==", lock, re.MULTILINE)
    assert len(pinned) > 50
    blocks = re.split(r"^(?=[A-Za-z0-9_.-]+==)", lock, flags=re.MULTILINE)[1:]
    assert all("--hash=sha256:" in block for block in blocks)


def test_no_module_has_a_name_that_says_nothing():
    forbidden = {"utils", "helpers", "common", "misc", "core", "base", "manager"}
    assert not [
        path for home in ("lcpjax", "experiments") for path in (ROOT / home).rglob("*.py") if path.stem in forbidden
    ]


def test_experiments_hold_no_physics_and_no_learning():
    for path in (ROOT / "experiments").glob("*/experiment.py"):
        assert not re.search(r"^\s*(import|from) (jax|flax|optax|numpy)", path.read_text(), re.MULTILINE), path.name


def test_nothing_imports_an_experiment_by_its_installed_name():
    """Import contracts see experiments/ as it lies in a checkout; this is the name that they have when imported."""
    imported = re.compile(r"^\s*(?:from|import) lcpjax\.experiments\b", re.MULTILINE)
    paths = [path for home in ("lcpjax", "experiments") for path in (ROOT / home).rglob("*.py")]
    assert [path for path in paths if imported.search(path.read_text("utf-8"))] == []
