"""Whole runs at the smallest scale: what each leaves behind, and how it resumes."""

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import jax
import numpy as np
import pytest
import yaml

from lcpjax import load_run
from lcpjax.load import LoadError
from lcpjax.model import kl_divergence
from lcpjax.report import read_table
from lcpjax.representation import order_particles
from lcpjax.run import run_command
from lcpjax.runtime.files import read_arrays
from tests.smoke_runs import SMALL_MODEL, SMOKE, metrics_of, the_run_folder

NO_PLANE = "sweep.plane_orderings=[]"


@pytest.fixture(scope="module")
def sweep(tmp_path_factory):
    """One finished lambda sweep with W&B offline, used by many tests; nobody changes it."""
    folder = tmp_path_factory.mktemp("sweep")
    before = Path.cwd()
    os.chdir(folder)
    try:
        # A cache of its own, so that this run samples, and says how fast.
        cache = f"dataset.cache_dir={tmp_path_factory.mktemp('datasets')}"
        assert run_command(["+experiment=lambda_sweep", SMOKE, NO_PLANE, "tracker.wandb.mode=offline", cache]) == 0
    finally:
        os.chdir(before)
    return the_run_folder(folder, "lambda_sweep")


def test_a_run_leaves_everything_in_its_folder(sweep):
    for name in ("config.yaml", "run_info.json", "metrics.jsonl", "summary.json", "report.html", "status.json"):
        assert (sweep / name).stat().st_size > 0, name
    for name in ("configurations", "lambda_curve", "latent_plane", "learning_curves", "reconstructions"):
        for kind in (".png", ".pdf"):
            assert (sweep / "figures" / f"{name}{kind}").stat().st_size > 1000
        assert list((sweep / "figures").glob(f"{name}.csv")) + list((sweep / "figures").glob(f"{name}.npz"))
    # Nothing lies next to the run folder.
    assert [path.name for path in sweep.parents[1].iterdir()] == ["lambda_sweep"]
    assert [path.name for path in sweep.parents[2].iterdir()] == ["outputs"]


def test_the_tables_have_the_columns_that_others_rely_on(sweep):
    with (sweep / "tables" / "lambda_sweep.csv").open() as file:
        assert next(csv.reader(file))[:5] == ["kl_weight", "latent_dim", "seed", "mse_test", "distance_mse"]
    rows = read_table(sweep / "tables" / "lambda_sweep.csv")
    assert [(row["kl_weight"], row["latent_dim"], row["seed"]) for row in rows] == [(1e-5, 40, 0), (1.0, 40, 0)]
    with (sweep / "tables" / "linear_pca.csv").open() as file:
        columns = ["representation", "ordering", "latent_dim", "mse", "distance_mse", "rmsd"]
        assert next(csv.reader(file)) == columns


def test_the_caption_of_a_single_seed_promises_no_scatter(sweep):
    caption = json.loads((sweep / "figures" / "captions.json").read_text())["lambda_curve"]
    assert "one seed" in caption
    assert "standard deviation" not in caption


def test_the_summary_is_flat_and_names_units(sweep):
    summary = json.loads((sweep / "summary.json").read_text())
    assert all(isinstance(value, int | float) for value in summary.values())
    assert {"reconstruction/linear_pca_mse_sigma2", "sampler/moves_per_second"} <= set(summary)
    assert all("/" in name for name in summary)


def test_the_run_info_records_where_and_with_what(sweep):
    info = json.loads((sweep / "run_info.json").read_text())
    assert {"commit", "has_uncommitted_changes", "device", "versions", "xla_flags", "seeds", "data_hash"} <= set(info)
    assert set(info["wall_seconds"]) == {"sampler", "training", "other"}
    assert info["versions"]["jax"] == jax.__version__


def test_metrics_hold_one_line_for_each_epoch_and_model(sweep):
    records = metrics_of(sweep)
    assert [record["stage"] for record in records] == ["sampler"] + 4 * ["training"]
    assert [(r["epoch"], r["kl_weight"]) for r in records[1:]] == [(0, 1e-5), (0, 1.0), (1, 1e-5), (1, 1.0)]


def test_the_report_opens_without_anything_else(sweep):
    page = (sweep / "report.html").read_text()
    assert page.count("data:image/png;base64,") == 5
    for outside in ("http://", "https://", 'src="/', "<link", "import "):
        assert outside not in page


def test_the_saved_config_is_the_resolved_one(sweep):
    config = yaml.safe_load((sweep / "config.yaml").read_text())
    assert config["dataset"]["chains_per_gamma"] == 64
    assert config["tracker"]["wandb"]["mode"] == "offline"
    assert "hydra" not in config


def test_every_model_of_a_sweep_is_loaded_by_its_row_and_is_the_one_that_was_measured(sweep):
    data = read_arrays(sweep / "figures" / "reconstructions.npz")
    rows = read_table(sweep / "tables" / "lambda_sweep.csv")
    best = min(rows, key=lambda row: row["mse_test"])
    positions = jax.random.uniform(jax.random.key(0), (5, 30, 2)) * 10.0
    outputs = []
    for row in rows:
        run = load_run(sweep, kl_weight=row["kl_weight"], seed=row["seed"])
        inputs, output = run.reconstruct_distances(positions)
        assert inputs.shape == output.shape == (5, 30, 30)
        outputs.append(output)
    assert not bool((outputs[0] == outputs[1]).all())
    # The figure's reconstructions were drawn before the model was saved and loaded.
    run = load_run(sweep, kl_weight=best["kl_weight"])
    examples = read_arrays(sweep / "figures" / "configurations.npz")
    first = np.stack([examples[name][0] for name in sorted(examples)][:3])
    inputs, output = run.reconstruct_distances(jax.numpy.asarray(first))
    assert (np.asarray(inputs) == data["inputs"]).all()
    assert (np.asarray(output) == data["outputs"]).all()


def test_a_loaded_model_encodes_decodes_and_has_a_rate(sweep):
    run = load_run(sweep, kl_weight=1.0)
    positions = jax.random.uniform(jax.random.key(0), (400, 30, 2)) * 10.0
    posterior = run.encode(positions)
    assert posterior.mean.shape == posterior.log_variance.shape == (400, 40)
    assert run.decode(posterior.mean).shape == (400, 30, 30)
    rates = np.asarray(run.rate(positions, jax.random.key(1)), np.float64)
    expected = np.asarray(kl_divergence(posterior), np.float64)
    # The rate at one posterior sample averages to the KL.
    assert abs((rates - expected).mean()) < 4.3 * (rates - expected).std(ddof=1) / 20


def test_loading_what_is_not_there_says_what_is(sweep, tmp_path):
    with pytest.raises(LoadError, match="2 models match no setting; there are kl_weight=1e-05"):
        load_run(sweep)
    with pytest.raises(LoadError, match="0 models match"):
        load_run(sweep, kl_weight=0.5)
    with pytest.raises(LoadError, match="lam: models of this run differ in kl_weight, latent_dim, seed"):
        load_run(sweep, lam=1.0)
    with pytest.raises(LoadError, match="no checkpoints there"):
        load_run(tmp_path)
    with pytest.raises(LoadError, match=r"expected \(chains, 30, 2\)"):
        load_run(sweep, kl_weight=1.0).encode(jax.numpy.zeros((2, 29, 2)))


def test_an_offline_wandb_run_holds_the_same_metrics(sweep):
    (offline,) = (sweep / "wandb").glob("offline-run-*")
    command = [str(Path(sys.executable).with_name("wandb")), "leet", "inspect", "--json", str(offline)]
    inspected = subprocess.run(
        command, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=True, timeout=60
    )
    text = inspected.stdout
    records = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
    assert records
    for record in metrics_of(sweep)[1:]:
        # Each epoch's validation error of each model is somewhere in the history, to all its digits.
        assert repr(record["training/validation_mse_sigma2"])[:12] in text


def test_the_same_command_shows_the_finished_result_and_makes_nothing_again(sweep, monkeypatch, capsys):
    monkeypatch.chdir(sweep.parents[2])
    before = {path: path.stat().st_mtime_ns for path in sweep.rglob("*") if path.is_file() and path.name != ".lock"}
    assert run_command(["+experiment=lambda_sweep", SMOKE, NO_PLANE, "tracker.wandb.mode=online"]) == 0
    said = capsys.readouterr().out
    assert "question: How does the reconstruction error depend on lambda" in said
    assert "answer: " in said
    assert "(linear PCA: " in said
    assert f"page: {sweep / 'report.html'}" in said
    assert {path: path.stat().st_mtime_ns for path in before} == before


def test_a_folder_that_holds_another_run_is_refused(sweep, monkeypatch, capsys):
    monkeypatch.chdir(sweep.parents[2])
    arguments = ["+experiment=lambda_sweep", SMOKE, NO_PLANE, "model.latent_dim=8", f"hydra.run.dir={sweep}"]
    assert run_command(arguments) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "holds a run with another model.latent_dim (40, asked for 8)" in line


def test_a_folder_of_somebody_else_is_refused(in_empty_folder, capsys):
    (in_empty_folder / "mine").mkdir()
    (in_empty_folder / "mine" / "thesis.tex").write_text("precious")
    assert run_command(["+experiment=train", SMOKE, "hydra.run.dir=mine"]) == 2
    assert "not a run folder, it holds thesis.tex" in capsys.readouterr().err
    assert [path.name for path in (in_empty_folder / "mine").iterdir()] == ["thesis.tex"]


@pytest.mark.slow
def test_a_learned_template_comes_back_with_its_model(in_empty_folder, without_figures):
    command = ["+experiment=train", SMOKE, *SMALL_MODEL, "representation.ordering=template", "training.num_epochs=1"]
    assert run_command([*command, "hydra.run.dir=run"]) == 0
    run = load_run(in_empty_folder / "run")
    positions = jax.random.uniform(jax.random.key(0), (3, 30, 2)) * 10.0
    ordered, _ = run.reconstruct_coordinates(positions)
    template = jax.numpy.asarray(json.loads((in_empty_folder / "run" / "run_info.json").read_text())["template"])
    # The order of the template that was learned, whatever the order in which particles come, and none of the others.
    assert bool((ordered == order_particles(positions, "template", template)).all())
    assert bool((run.represent(positions[:, ::-1]) == run.represent(positions)).all())
    (linear,) = read_table(in_empty_folder / "run" / "tables" / "linear_pca.csv")
    assert linear["ordering"] == "template"
