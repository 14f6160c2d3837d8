"""+experiment=occupancy_images, whole, at the smallest scale; and what it refuses."""

import json

import pytest

from lcpjax import load_run
from lcpjax.load import LoadError
from lcpjax.report import read_table
from lcpjax.run import run_command
from tests.smoke_runs import SMOKE, the_run_folder

pytestmark = pytest.mark.usefixtures("in_empty_folder")

FEW = [
    "settings.models=[slides,blurred,offsets,all]",
    "settings.cells=[10]",
    "settings.route_cells=[10]",
    "sweep.models=[seed_conv,sigma_vae]",
]


@pytest.mark.slow
def test_models_of_images_are_compared_with_guesses_and_models_of_coordinates_on_one_grid(in_empty_folder):
    assert run_command(["+experiment=occupancy_images", SMOKE, *FEW]) == 0
    folder = the_run_folder(in_empty_folder, "occupancy_images")
    tables = {name: read_table(folder / "tables" / f"{name}.csv") for name in ("images", "coordinates", "guesses")}
    images = {(row["variant"], row["cells"], row["decoded"]): row for row in tables["images"]}
    safe = {
        (variant, 16, decoded) for variant in ("slides", "blurred", "offsets", "all") for decoded in ("mean", "sample")
    }
    assert set(images) == safe | {("slides", 10, "mean"), ("slides", 10, "sample")}
    assert {row["aligned_to_truth"] for row in tables["coordinates"] if row["variant"] == "seed_conv"} == {"True"}
    guesses = {row["guess"]: row["f1"] for row in tables["guesses"] if row["cells"] == 16}
    # Too short a training for the goal, long enough to tell images that are learned from those that are not.
    assert images["all", 16, "mean"]["f1"] > 2 * guesses["mean image"] > guesses["random cells"]
    assert images["slides", 16, "mean"]["f1"] < 1.5 * guesses["mean image"]
    assert images["all", 16, "sample"]["above_entropy_nats"] > 0
    assert all(row["above_shannon_nats"] > 0 for row in images.values() if row["decoded"] == "sample")
    summary = json.loads((folder / "summary.json").read_text())
    assert min(summary[f"overfitting/f1/{variant}"] for variant in ("slides", "all")) > 0.99
    for name in ("cells", "models", "images"):
        assert (folder / "figures" / f"{name}.png").stat().st_size > 1000
    with pytest.raises(LoadError, match="its models learned from images of particles"):
        load_run(folder, group="all-16")


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("settings.cells=[5,16]", "settings.cells = 5: needs more than 30 cells in all"),
        ("settings.models=[slide]", "settings.models = slide: did you mean 'slides'"),
        ("settings.models=[all,all]", "settings.models = ['all', 'all']: each value may stand there once"),
        ("settings.safe_cells=15", "need images whose side 2 divides, not 15"),
        ("model.width=8", "model.width: +experiment=occupancy_images takes its models from sweep.models"),
    ],
)
def test_what_makes_no_images_is_refused(in_empty_folder, capsys, override, message):
    assert run_command(["+experiment=occupancy_images", SMOKE, override]) == 2
    assert message in capsys.readouterr().err
    assert list(in_empty_folder.iterdir()) == []
