import json
import math

import pytest
import yaml

from experiments.compare.finished_runs import differing_keys, folders_of, labels_of, read_run
from experiments.compare.metrics import common_metrics, error_of, of_different_quantities, shown_metrics
from lcpjax.config.check import ConfigError
from lcpjax.report import read_table
from lcpjax.run import EXIT_REFUSED, run_command


def finished(path, *, latent_dim=8, seed=0, **summary):
    path.mkdir(parents=True)
    config = {"model": {"latent_dim": latent_dim}, "training": {"seed": seed}, "device": path.name}
    (path / "config.yaml").write_text(yaml.safe_dump(config))
    numbers = {"rate/kl_nats": 1.0 * latent_dim, "rate/kl_sd_nats": 0.5, "training/epoch_wall_seconds": latent_dim}
    (path / "summary.json").write_text(json.dumps(numbers | summary))
    return path


@pytest.fixture
def grid(in_empty_folder):
    """Three finished runs, one set aside, and a folder that is no run."""
    for number, latent_dim in enumerate((8, 16, 40)):
        finished(in_empty_folder / "grid" / f"{number}-run", latent_dim=latent_dim)
    finished(in_empty_folder / "grid" / "0-run.set-aside-1")
    (in_empty_folder / "grid" / "notes").mkdir()
    return in_empty_folder / "grid"


def test_runs_are_named_by_what_differs_in_their_configs(grid):
    runs = [read_run(folder) for folder in folders_of(["grid/*"])]
    # Where a run was made changes no result.
    assert differing_keys(runs) == ["model.latent_dim"]
    assert labels_of(runs, differing_keys(runs)) == ["latent_dim = 8", "latent_dim = 16", "latent_dim = 40"]
    # Twice the same name tells nobody which is which.
    same = [*runs[:1], read_run(finished(grid / "twin")), read_run(finished(grid / "other" / "twin"))]
    assert labels_of(same, ["model.latent_dim"]) == ["grid/0-run", "grid/twin", "other/twin"]


def test_what_is_compared_is_what_all_runs_have_and_what_differs_and_no_time(grid):
    numbers = {"rate/above_entropy_nats": 1.0, "x/undefined": float("nan")}
    runs = [
        read_run(folder) for folder in (*folders_of(["grid/*-run"]), finished(grid / "more", latent_dim=9, **numbers))
    ]
    assert common_metrics(runs) == ["rate/kl_nats", "rate/kl_sd_nats"]
    # An error is shown with its metric, not beside it.
    assert shown_metrics([], runs) == ["rate/kl_nats"]
    assert shown_metrics(["rate/kl_sd_nats"], runs) == ["rate/kl_sd_nats"]
    with pytest.raises(
        ConfigError, match=r"settings\.metrics = rate/kl: not a finite number in every run; .*rate/kl_nats"
    ):
        shown_metrics(["rate/kl"], runs)
    assert error_of(runs[0], "rate/kl_nats") == 0.5
    assert math.isnan(error_of(runs[0], "x/undefined"))


def test_errors_of_different_representations_are_warned_of(tmp_path):
    folders = [finished(tmp_path / name) for name in ("first", "second")]

    def doubt_of(*names, metric="reconstruction/mse_test_sigma2"):
        for folder, name in zip(folders, names, strict=True):
            (folder / "config.yaml").write_text(yaml.safe_dump({"representation": {"name": name}}))
        return of_different_quantities([read_run(folder) for folder in folders], [metric])

    assert "of coordinates and of distance_matrix" in doubt_of("distance_matrix", "coordinates")
    assert doubt_of("coordinates", "coordinates") == ""
    assert doubt_of("distance_matrix", "coordinates", metric="reconstruction/distance_mse_sigma2") == ""


def test_a_comparison_leaves_a_table_a_figure_and_an_answer(grid, in_empty_folder, capsys):
    command = ["+experiment=compare", "settings.runs=[grid/*]", "hydra.run.dir=both", "tracker.wandb.mode=disabled"]
    assert run_command(command) == 0
    rows = read_table(in_empty_folder / "both" / "tables" / "compared.csv")
    assert [(row["model.latent_dim"], row["rate/kl_nats"]) for row in rows] == [(8, 8.0), (16, 16.0), (40, 40.0)]
    assert (in_empty_folder / "both" / "figures" / "compared.png").stat().st_size > 1000
    assert "latent_dim = 8 has the least KL, 8 nats; latent_dim = 40 has the most, 40 nats." in capsys.readouterr().out
    # Asked again, it sees what has finished since, and says what has not.
    finished(grid / "3-run", latent_dim=60)
    (finished(grid / "4-run") / "summary.json").unlink()
    assert run_command(command) == 0
    out = capsys.readouterr().out
    assert "latent_dim = 60 has the most, 60 nats." in out
    assert "left out, for they have not ended: grid/4-run" in out


@pytest.mark.parametrize(
    ("runs", "complaint"),
    [
        ("[grid/notes]", "settings.runs = grid/notes: no folder of a finished run"),
        ("[grid/0-run]", "1 finished run(s); a comparison takes at least 2"),
        ("[]", "0 finished run(s)"),
        ("[nowhere/*]", "settings.runs = nowhere/*: no folder of a finished run"),
        ("[grid/*,grid/damaged]", "settings.runs = grid/damaged: cannot be read"),
    ],
)
def test_what_cannot_be_compared_is_refused_in_one_line_and_writes_nothing(
    grid, in_empty_folder, capsys, runs, complaint
):
    (finished(grid / "damaged") / "summary.json").write_text("{")
    pattern = runs.replace("grid/*,", "grid/0-run,")
    assert run_command(["+experiment=compare", f"settings.runs={pattern}", "hydra.run.dir=both"]) == EXIT_REFUSED
    assert complaint in capsys.readouterr().err
    assert not (in_empty_folder / "both" / "config.yaml").exists()
