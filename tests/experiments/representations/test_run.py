"""+experiment=representations, whole, at the smallest sizes; and what it refuses."""

import jax
import pytest

from lcpjax import load_run
from lcpjax.load import LoadError
from lcpjax.report import read_table
from lcpjax.run import run_command
from tests.smoke_runs import SMOKE

SMALL = [SMOKE, "training.num_epochs=1", "tracker.wandb.mode=disabled"]


@pytest.mark.slow
def test_kinds_of_models_are_compared_with_their_linear_rows_and_load_by_their_group(in_empty_folder):
    networks = "settings.networks=[point_decoder]"
    options = [*SMALL, "settings.orderings=[height]", networks, "model.width=8", "model.depth=1", "model.latent_dim=3"]
    assert run_command(["+experiment=representations", *options, "hydra.run.dir=kinds"]) == 0
    folder = in_empty_folder / "kinds"
    rows = read_table(folder / "tables" / "representations.csv")
    assert [row["variant"] for row in rows] == ["point_decoder-height"]
    assert all(row["linear_distance_mse"] > 0 and row["triangle_violations_mean"] == 0 for row in rows)
    positions = jax.random.uniform(jax.random.key(0), (4, 30, 2)) * 10.0
    run = load_run(folder, group="point_decoder-height")
    assert run.reconstruct_coordinates(positions)[1].shape == (4, 30, 2)
    with pytest.raises(LoadError, match="log_likelihood_bound: is of coordinates"):
        run.log_likelihood_bound(positions, jax.random.key(1))
    with pytest.raises(LoadError, match="group point_decoder-heigt: did you mean 'point_decoder-height'"):
        load_run(folder, group="point_decoder-heigt")


@pytest.mark.parametrize(
    ("override", "complaint"),
    [
        ("settings.networks=[convolutionl]", "settings.networks = convolutionl: did you mean 'convolutional'"),
        ("settings.networks=[convolutional,convolutional]", "'convolutional']: each value may stand there once"),
        ("settings.orderings=[height,height]", "['height', 'height']: each value may stand there once"),
    ],
)
def test_networks_and_orderings_that_are_unknown_or_come_twice_are_refused(
    override, complaint, in_empty_folder, capsys
):
    assert run_command(["+experiment=representations", SMOKE, override]) == 2
    assert complaint in capsys.readouterr().err
    assert not list(in_empty_folder.iterdir())
