"""Figures of images: the sweep of cells, every model on one grid, and decoded images."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lcpjax.pipeline.model_zoo import first_of_each
from lcpjax.pipeline.reconstructions import MEAN, SAMPLE
from lcpjax.pipeline.run import Run
from lcpjax.report.figures.style import distinct_colours, label_decades, legend_below, panels, styled
from lcpjax.report.quantities import axis_label
from lcpjax.representation import OccupancyGrid
from lcpjax.trained_model import TrainedModel

from .baselines import MEAN_IMAGE, MEAN_OF_GAMMA, RANDOM_CELLS
from .scores import decoded_images
from .test_set import ImagedFluid
from .variants import SLIDES


@styled
def draw_model_images(
    truth: np.ndarray, gamma: np.ndarray, box_side: float, models: Mapping[str, tuple[np.ndarray, np.ndarray]]
) -> tuple[Figure, dict[str, np.ndarray]]:
    """A row for each configuration, a column for each model: shades of probability, true particles, decoded ones.

    Args:
        truth: (configurations, particles, 2), in sigma.
        models: by title, decoded images (configurations, cells, cells), and positions like ``truth``.
    """
    figure, axes = panels(len(truth), len(models), 2.1, 2.1)
    data = {"truth": truth, "gamma": gamma}
    for column, (title, (probabilities, positions)) in enumerate(models.items()):
        for row, image in enumerate(probabilities):
            panel = axes[row][column]
            extent = (0.0, box_side, 0.0, box_side)
            panel.imshow(image, origin="lower", extent=extent, cmap="Greys", vmin=0.0, vmax=1.0)
            panel.plot(
                *truth[row].T, "o", markersize=5, markerfacecolor="none", markeredgecolor="#0072B2", label="true"
            )
            panel.plot(*positions[row].T, "x", markersize=4, color="#D55E00", label="decoded")
            panel.set(xticks=[], yticks=[], xlim=(0, box_side), ylim=(0, box_side))
            panel.spines[["top", "right"]].set_visible(True)
        axes[0][column].set_title(title, fontsize=9)
        data |= {f"probabilities_{column}": probabilities, f"positions_{column}": positions}
    for row, value in enumerate(gamma):
        axes[row][0].set_ylabel(rf"$\gamma$ = {value:g}")
    legend_below(figure, [axes[0][0]], columns=2)
    return figure, data


@styled
def draw_cell_sweep(
    sharing: Sequence[Mapping[str, Any]],
    guesses: Sequence[Mapping[str, Any]],
    models: Sequence[Mapping[str, Any]],
) -> tuple[Figure, list[dict[str, Any]]]:
    """F1 of one route and of guesses, and how often cells are shared, against the side of a cell; and the data shown.

    Args:
        sharing: cells, cell_side in sigma, configurations_fraction, cells_fraction.
        guesses: cells, guess, f1.
        models: cells, seed, f1, decoded from the latent mean.
    """
    figure, axes = panels(1, 2, 4.4, 3.6)
    sides = {row["cells"]: row["cell_side"] for row in sharing}
    names = list(dict.fromkeys(row["guess"] for row in guesses if row["f1"] < 1.0))
    for name, colour in zip(names, distinct_colours(len(names) + 1)[1:], strict=True):
        own = [row for row in guesses if row["guess"] == name]
        axes[0][0].plot(
            [sides[row["cells"]] for row in own], [row["f1"] for row in own], "--", color=colour, label=name
        )
    shown = [(sides[row["cells"]], row["f1"]) for row in models]
    axes[0][0].plot(
        *zip(*shown, strict=True), "o", color=distinct_colours(1)[0], markersize=5, label="the study's route"
    )
    axes[0][0].set(ylabel=axis_label("f1"), ylim=(0.0, 1.0))
    for name, line, label in (
        ("configurations_fraction", "o-", "of configurations"),
        ("cells_fraction", "s--", "of occupied cells"),
    ):
        axes[0][1].plot(list(sides.values()), [row[name] for row in sharing], line, color="#0072B2", label=label)
    axes[0][1].set(ylabel="fraction with two particles in a cell", ylim=(-0.03, 1.03))
    axes[0][1].legend(fontsize=8)
    for panel in axes[0]:
        panel.set(xlabel=axis_label("cell_side"))
        panel.invert_xaxis()
    axes[0][0].legend(fontsize=8)
    kept = [{"cells": row["cells"], "guess": row["guess"], "f1": row["f1"]} for row in guesses]
    return figure, kept + [
        {"cells": row["cells"], "guess": f"route, seed {row['seed']}", "f1": row["f1"]} for row in models
    ]


@styled
def draw_cell_models(
    rows: Sequence[Mapping[str, Any]], guesses: Mapping[str, float]
) -> tuple[Figure, list[dict[str, Any]]]:
    """F1, RMSD and KL of every model on one grid, a line for each; and the data shown.

    Args:
        rows: variant, seed, decoded (mean, sample), f1, rmsd in sigma, kl_nats.
        guesses: F1 by name.
    """
    variants = list(dict.fromkeys(row["variant"] for row in rows))
    names = [variant.replace("_", " ") for variant in variants]
    figure, axes = panels(1, 3, 3.4, 0.3 * len(variants) + 1.6)
    ways = ((SAMPLE, "^", "#D55E00"), (MEAN, "o", "#0072B2"))
    for panel, quantity in zip(axes[0], ("f1", "rmsd", "kl_nats"), strict=True):
        for place, variant in enumerate(variants):
            # A KL is of the posterior, independent of the decoded sample.
            for decoded, marker, colour in ways[: 1 if quantity == "kl_nats" else 2]:
                values = [row[quantity] for row in rows if (row["variant"], row["decoded"]) == (variant, decoded)]
                label = f"decoded from the latent {decoded}" if decoded == MEAN else "from a posterior sample"
                _points(panel, values, place, marker, colour, label)
        panel.set(
            yticks=range(len(variants)), yticklabels=names if quantity == "f1" else [], ylim=(len(variants) - 0.5, -0.5)
        )
    for (name, value), line in zip(guesses.items(), (":", "--"), strict=False):
        axes[0][0].axvline(value, color="0.45", linestyle=line, linewidth=1.1, label=name)
    axes[0][0].set(xlabel=axis_label("f1"), xlim=(0.0, 1.03))
    axes[0][1].set(xlabel=axis_label("rmsd_assigned"), xscale="log")
    label_decades(axes[0][1])
    axes[0][2].set(xlabel=axis_label("kl_nats"), xscale="symlog")
    axes[0][2].set_xlim(-0.2, 3.0 * max([row["kl_nats"] for row in rows if row["kl_nats"] > 0], default=1.0))
    legend_below(figure, axes[0][:1], columns=5)
    kept = ("variant", "seed", "decoded", "f1", "rmsd", "kl_nats")
    return figure, [{name: row[name] for name in kept} for row in rows]


def _points(panel: Axes, values: list[float], place: int, marker: str, colour: str, label: str) -> None:
    heights = [place] * len(values)
    panel.plot(values, heights, marker, color=colour, markersize=4.5, alpha=0.75, linestyle="none", label=label)


_SHOWN = (SLIDES, "small_lambda", "local", "slides_local", "all")


def draw_images(
    run: Run,
    fluid: ImagedFluid,
    sharing: Sequence[Mapping[str, Any]],
    guesses: Sequence[Mapping[str, Any]],
    images: Sequence[Mapping[str, Any]],
    coordinates: Sequence[Mapping[str, Any]],
    models: Sequence[TrainedModel[OccupancyGrid]],
) -> None:
    """All figures; decoded images are by the models of the first seed."""
    safe = run.config.settings.safe_cells
    # The other guesses lie on the mean image's line.
    plain_guesses = [row for row in guesses if row["guess"] in (RANDOM_CELLS, MEAN_IMAGE)]
    swept = [row for row in images if row["variant"] == SLIDES and row["decoded"] == MEAN]
    run.folder.save_figure(
        "cells",
        *draw_cell_sweep(sharing, plain_guesses, swept),
        caption=(
            "Left: F1 of occupied cells on the study's route against the side of a cell, beside guesses that know"
            " nothing of the configuration (dashed). Right: how often two particles share a cell, which no image "
            "can undo."
        ),
    )
    on_safe_grid = [row for row in [*images, *coordinates] if row["cells"] == safe]
    f1_of = {row["guess"]: row["f1"] for row in guesses if row["cells"] == safe}
    named = {name: f1_of[name] for name in (RANDOM_CELLS, MEAN_OF_GAMMA)}
    run.folder.save_figure(
        "models",
        *draw_cell_models(on_safe_grid, named),
        caption=(
            "F1, RMSD and KL of every model on one grid, each seed a point. Lines in the left panel are guesses "
            "that know nothing of the configuration; 1 is perfect."
        ),
    )
    _, shown = np.unique(fluid.gamma, return_index=True)
    grid, truth = OccupancyGrid(safe, fluid.system.box_side), fluid.positions[shown]
    true_images = grid.represent(truth)
    drawn = {"true image": (np.asarray(true_images), np.asarray(grid.positions(true_images, truth.shape[1])))}
    for model in first_of_each(models):
        if model.name in _SHOWN:
            image = decoded_images(model, fluid.positions)
            of_model = np.asarray(image.probabilities)[shown], np.asarray(image.of_mean)[shown]
            drawn[model.name.replace("_", " ")] = of_model
    figure, data = draw_model_images(np.asarray(truth), fluid.gamma[shown], grid.box_side, drawn)
    run.folder.save_figure(
        "images",
        figure,
        data,
        caption=(
            "Decoded images (grey) of one test configuration of each gamma: circles are the true particles, "
            "crosses the decoded ones."
        ),
    )
