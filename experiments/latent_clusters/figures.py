"""Geometry of codes in the latent space, and information in them."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lcpjax.report.figures.latent_plane import axis_name, draw_cloud, oriented
from lcpjax.report.figures.style import distinct_colours, legend_below, panels, styled
from lcpjax.report.quantities import axis_label

_SYMBOLS = {"pair_energy": "$U$", "mean_height": r"mean $y$", "radius_of_gyration": r"$R_g$"}

# In nats, as in ``active_by_kl``.
_ACTIVE = 0.01


class LatentCloud(NamedTuple):
    """The codes of one model."""

    title: str
    points: np.ndarray
    """(codes, 2 or 3), along the first principal axes."""
    fractions: np.ndarray
    """Fraction of the variance along each."""
    decoded_points: np.ndarray
    """(codes, 2), along the first two axes of the decoder's output, to first order."""
    decoded_fractions: np.ndarray
    latent_dim: int
    seed: int


@styled
def draw_latent_clouds(clouds: Sequence[LatentCloud], gamma: np.ndarray) -> tuple[Figure, dict[str, np.ndarray]]:
    """A column for each model, coloured by gamma: two principal axes, first and third, two decoded; the data shown.

    Signs of axes are arbitrary; here gamma rises along each, on average.
    """
    figure, axes = panels(3, len(clouds), 2.7, 2.6)
    data: dict[str, np.ndarray] = {"gamma": gamma}
    for column, cloud in enumerate(clouds):
        points, decoded_points = (oriented(each, gamma) for each in (cloud.points, cloud.decoded_points))
        for row, other in enumerate((1, 2)):
            panel = axes[row][column]
            if other >= points.shape[1]:
                panel.set_axis_off()
                continue
            draw_cloud(panel, points[:, [0, other]], gamma)
            panel.set(xlabel=axis_name("axis", cloud.fractions, 0), ylabel=axis_name("axis", cloud.fractions, other))
        draw_cloud(axes[2][column], decoded_points, gamma)
        labels = (axis_name("decoded axis", cloud.decoded_fractions, index) for index in (0, 1))
        axes[2][column].set(**dict(zip(("xlabel", "ylabel"), labels, strict=True)))
        two, isotropic = 100 * cloud.fractions[:2].sum(), 200 / cloud.latent_dim
        explained = f"two axes {two:.1f} %, $2/d$ {isotropic:.1f} %"
        axes[0][column].set_title(
            f"{cloud.title.replace('_', ' ')}, $d = {cloud.latent_dim}$, seed {cloud.seed}\n{explained}", fontsize=9
        )
        data[cloud.title] = points
        data[f"{cloud.title}, decoded"] = decoded_points
    legend_below(figure, axes[0][:1], columns=np.unique(gamma).size, markerscale=3.0)
    return figure, data


@styled
def draw_latent_kl(rows: Sequence[Mapping[str, Any]]) -> tuple[Figure, list[dict[str, Any]]]:
    """The KL of each latent, the largest first, a panel for each variant and a line for each seed; and the data shown.

    Args:
        rows: variant, seed, latent, kl_nats.
    """
    variants = list(dict.fromkeys(row["variant"] for row in rows))
    figure, axes = panels(1, len(variants), 3.0, 2.6)
    values = [row["kl_nats"] for row in rows]
    limits = 0.5 * max(min(*values, _ACTIVE), 1e-5), 2.0 * max(values)
    for panel, variant in zip(axes[0], variants, strict=True):
        of_variant = [row for row in rows if row["variant"] == variant]
        seeds = sorted({row["seed"] for row in of_variant})
        for seed, colour in zip(seeds, distinct_colours(len(seeds)), strict=True):
            nats = sorted((row["kl_nats"] for row in of_variant if row["seed"] == seed), reverse=True)
            panel.step(range(1, len(nats) + 1), nats, where="mid", color=colour, label=f"seed {seed}", linewidth=1.1)
        panel.axhline(_ACTIVE, color="0.35", linestyle=":", linewidth=1.1, label="active above")
        panel.set(yscale="log", xlabel="latent, by its KL", ylim=limits, title=variant)
    axes[0][0].set_ylabel(axis_label("kl_nats"))
    legend_below(figure, axes[0][:1], columns=len(variants) + 1)
    return figure, [dict(row) for row in rows]


@styled
def draw_gamma_information(rows: Sequence[Mapping[str, Any]], num_gammas: int) -> tuple[Figure, list[dict[str, Any]]]:
    """Accuracy of gamma from codes and from inputs, seeds apart, with the exact bound; and the data shown.

    Args:
        rows: variant, seed, features, accuracy, accuracy_error, nats; the first is the exact one.
    """
    exact, *others = rows
    names = list(dict.fromkeys((row["variant"], row["features"]) for row in others))
    figure, axes = panels(1, 2, 4.8, 0.9 + 0.24 * len(names))
    colours = dict(zip(("input", "latents", "first 2 axes"), ("0.55", *distinct_colours(2)), strict=True))
    for row in others:
        height = names.index((row["variant"], row["features"]))
        for panel, quantity in zip(axes[0], ("accuracy", "nats"), strict=True):
            style: dict[str, Any] = {"color": colours[row["features"]], "marker": "o", "markersize": 4}
            panel.errorbar(row[quantity], height, xerr=row[f"{quantity}_error"], label=row["features"], **style)
    for panel, quantity, least in zip(axes[0], ("accuracy", "nats"), (1.0 / num_gammas, 0.0), strict=True):
        best, error = exact[quantity], exact[f"{quantity}_error"]
        panel.axvspan(best - error, best + error, color="0.85", linewidth=0)
        panel.axvline(best, color="black", linewidth=1.1, label="exact bound")
        panel.axvline(least, color="0.35", linestyle=":", linewidth=1.1, label="by chance")
        panel.set_yticks(range(len(names)), [f"{variant}: {features}" for variant, features in names])
        panel.invert_yaxis()
    axes[0][1].set_yticklabels([])
    axes[0][0].set_xlabel(axis_label("latents/gamma_accuracy"))
    axes[0][1].set_xlabel(axis_label("nats"))
    for panel, least in zip(axes[0], (1.0 / num_gammas - 0.05, -0.1), strict=True):
        panel.set_xlim(left=least)
    legend_below(figure, axes[0][:1], columns=5)
    return figure, [dict(row) for row in rows]


@styled
def draw_readouts(rows: Sequence[Mapping[str, Any]]) -> tuple[Figure, list[dict[str, Any]]]:
    """R^2 of each observable against the number of principal axes it is predicted from; and the data shown.

    Args:
        rows: variant, seed, observable, axes, r_squared.
    """
    observables = list(dict.fromkeys(row["observable"] for row in rows))
    variants = list(dict.fromkeys(row["variant"] for row in rows))
    figure, axes = panels(1, len(observables), 3.2, 3.0)
    for panel, observable in zip(axes[0], observables, strict=True):
        for variant, colour in zip(variants, distinct_colours(len(variants)), strict=True):
            own = [row for row in rows if row["variant"] == variant and row["observable"] == observable]
            _draw_seeds(panel, own, colour, variant)
        panel.axhline(1.0, color="0.35", linestyle=":", linewidth=1.1)
        panel.set(xscale="log", ylim=(-0.1, 1.05), xlabel="principal axes", title=_SYMBOLS[observable])
    axes[0][0].set_ylabel(r"$R^2$ on the test set")
    legend_below(figure, axes[0][:1], columns=len(variants))
    return figure, [dict(row) for row in rows]


def _draw_seeds(axes: Axes, rows: Sequence[Mapping[str, Any]], colour: str, label: str) -> None:
    """The mean over seeds, and all of them."""
    numbers = sorted({row["axes"] for row in rows})
    of_each = [[row["r_squared"] for row in rows if row["axes"] == number] for number in numbers]
    axes.plot(numbers, [np.mean(values) for values in of_each], color=colour, label=label)
    for number, values in zip(numbers, of_each, strict=True):
        axes.plot([number] * len(values), values, ".", color=colour, markersize=4)
