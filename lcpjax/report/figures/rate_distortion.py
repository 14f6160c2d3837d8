"""The figure of the whole study: error against rate, with every model, linear codes and Shannon's lower bound."""

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullFormatter, StrMethodFormatter

from lcpjax.evaluation.density.rate import shannon_lower_bound
from lcpjax.evaluation.latents.gaussian_codes import rate_of_distortion
from lcpjax.report.figures.convergence import converged_column, draw_points, label_open_points
from lcpjax.report.figures.style import distinct_colours, panels, styled
from lcpjax.report.quantities import axis_label

_MARKERS = "osD^vPX"
_COLUMNS = ("variant", "kl_weight", "latent_dim", "seed", "kl_nats", "rmsd_of_sample", "above_shannon_nats")
_ONE_MODEL = ("variant", "kl_weight", "latent_dim")


@styled
def draw_rate_distortion(
    rows: Sequence[Mapping[str, Any]],
    codes: Mapping[str, np.ndarray],
    entropy: float,
    num_particles: int,
    references: Sequence[Mapping[str, Any]] = (),
) -> tuple[Figure, list[dict[str, Any]]]:
    """RMSD of posterior samples against KL, next to linear-Gaussian codes and the bound; and the data shown.

    A colour for each ordering, of its linear code and of its models; points of models that have not converged are open.

    Args:
        rows: a measured row for each model, with its ``variant``; those without a rate are left out.
        codes: variances of the principal axes of ordered coordinates in sigma squared, for each ordering.
        entropy: of ordered coordinates, in nats.
        num_particles: N.
        references: models of other runs on the same fluid: variant, kl_nats, rmsd_of_sample.
    """
    shown = [row for row in rows if np.isfinite(row["kl_nats"]) and np.isfinite(row["rmsd_of_sample"])]
    everything = [*shown, *references]
    figure, axes = panels(1, 1, 6.6, 4.6)
    plane = axes[0][0]
    largest = max(np.sqrt(2 * np.mean(variances)) for variances in codes.values())
    lowest = 0.7 * min([row["rmsd_of_sample"] for row in everything], default=0.07)
    rmsd = np.geomspace(min(lowest, 0.5 * largest), 1.2 * largest, 100)
    rightmost = 1.08 * max([row["kl_nats"] for row in everything], default=100.0)
    colours = dict(zip(codes, distinct_colours(len(codes)), strict=True))
    curves = _draw_curves(plane, rmsd, codes, colours, (entropy, num_particles))
    _draw_models(plane, shown, colours)
    _draw_references(plane, references)
    label_open_points(plane, shown)
    plane.set(xlabel="rate: KL to the prior (nats)", ylabel=axis_label("rmsd_of_sample"), yscale="log")
    plane.set(xlim=(-0.02 * rightmost, rightmost), ylim=(rmsd[0], rmsd[-1]))
    plane.yaxis.set_major_locator(LogLocator(subs=(1.0,) if largest / lowest > 100 else (1.0, 2.0, 3.0, 5.0)))
    plane.yaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
    plane.yaxis.set_minor_formatter(NullFormatter())
    plane.legend(loc="upper right", fontsize=8)
    verdicts = [converged_column([row]) for row in everything]
    columns = (*_COLUMNS, *(["is_converged"] if any(verdicts) else []))
    return figure, [{name: row.get(name, "") for name in columns} for row in [*everything, *curves]]


def _draw_curves(
    axes: Axes,
    rmsd: np.ndarray,
    codes: Mapping[str, np.ndarray],
    colours: Mapping[str, str],
    fluid: tuple[float, int],
) -> list[dict[str, Any]]:
    """Shannon's bound and the linear codes; returns their points as rows.

    Args:
        fluid: entropy of ordered coordinates in nats, and N.
    """
    bound = [max(shannon_lower_bound(*fluid, value**2 / 2), 0.0) for value in rmsd]
    axes.fill_betweenx(rmsd, -max(bound), bound, color="0.9", linewidth=0)
    curves: dict[str, tuple[list[float], dict[str, Any]]] = {
        "Shannon's lower bound": (bound, {"color": "black", "linewidth": 2.0})
    }
    for name, variances in codes.items():
        rates = [rate_of_distortion(variances, value**2 / 2) for value in rmsd]
        style = {"color": colours[name], "linewidth": 1.2, "linestyle": "--"}
        curves[f"best linear code, {name} order"] = (rates, style)
    for name, (rates, style) in curves.items():
        axes.plot(rates, rmsd, label=name, **style)
    return [
        {"variant": name, "kl_nats": float(rate), "rmsd_of_sample": float(value)}
        for name, (rates, _) in curves.items()
        for rate, value in zip(rates, rmsd, strict=True)
    ]


def _draw_models(axes: Axes, rows: Sequence[Mapping[str, Any]], colours: Mapping[str, str]) -> None:
    """Points of every model, the means over seeds joined by a thin line."""
    names = list(dict.fromkeys(row["variant"] for row in rows))
    others = dict(zip(names, reversed(distinct_colours(7)), strict=False))
    for name, marker in zip(names, itertools.cycle(_MARKERS), strict=False):
        own = [row for row in rows if row["variant"] == name]
        ordering = next((each for each in colours if each in name.split("-")), None)
        colour = others[name] if ordering is None else colours[ordering]
        settings = itertools.groupby(sorted(own, key=_setting), key=_setting)
        means = [_mean(list(models)) for _, models in settings]
        axes.plot(*zip(*sorted(means), strict=True), color=colour, linewidth=0.7, alpha=0.6)
        draw_points(axes, own, "kl_nats", "rmsd_of_sample", marker, colour, markersize=4.5, markeredgewidth=0.9)
        axes.plot([], [], marker, color=colour, markersize=4.5, label=readable(name, colours))


def _setting(row: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(row[name] for name in _ONE_MODEL)


def _mean(rows: Sequence[Mapping[str, Any]]) -> tuple[float, float]:
    return float(np.mean([row["kl_nats"] for row in rows])), float(np.mean([row["rmsd_of_sample"] for row in rows]))


def _draw_references(axes: Axes, references: Sequence[Mapping[str, Any]]) -> None:
    for name in dict.fromkeys(row["variant"] for row in references):
        own = [row for row in references if row["variant"] == name]
        draw_points(axes, own, "kl_nats", "rmsd_of_sample", "*", "black", markersize=9)
        rate, deviation = _mean(own)
        text = f"{name}: {rate:.0f} nats, {deviation:.2g} $\\sigma$"
        axes.annotate(
            text, (rate, deviation), xytext=(-12, 0), textcoords="offset points", ha="right", va="center", fontsize=8
        )


def readable(variant: str, orderings: Mapping[str, Any]) -> str:
    """A variant's name in words: the order of its coordinates, then what else is different.

    >>> readable("coordinates-height-learned-variance", {"height": None})
    'height order, learned variance'
    >>> readable("seed_conv", {"height": None})
    'seed conv'
    """
    first, *rest = variant.removeprefix("coordinates-").split("-")
    words = f"{first} order" if first in orderings else first.replace("_", " ")
    return words + (f", {' '.join(rest)}" if rest else "")
