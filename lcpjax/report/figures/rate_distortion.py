"""The figure of the whole study: error against rate, with every model, linear codes and Shannon's lower bound."""

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullFormatter, StrMethodFormatter

from lcpjax.evaluation.density.rate import shannon_lower_bound
from lcpjax.evaluation.latents.gaussian_codes import rate_of_distortion
from lcpjax.report.figures.style import distinct_colours, panels, styled

_MARKERS = "osD^vP*X"
_LINES = ("--", ":", "-.", (0, (5, 1, 1, 1, 1, 1)), (0, (9, 4)))


@styled
def draw_rate_distortion(
    rows: Sequence[Mapping[str, Any]], codes: Mapping[str, np.ndarray], entropy: float, num_particles: int
) -> tuple[Figure, list[dict[str, Any]]]:
    """RMSD of posterior samples against KL, next to linear-Gaussian codes and the bound; and the data shown.

    Args:
        rows: a measured row for each model, with its ``variant``; those without a rate are left out.
        codes: variances of the principal axes of ordered coordinates in sigma squared, for each ordering.
        entropy: of ordered coordinates, in nats.
        num_particles: N.
    """
    shown = [row for row in rows if np.isfinite(row["kl_nats"]) and np.isfinite(row["rmsd_of_sample"])]
    figure, axes = panels(1, 1, 6.2, 4.4)
    plane = axes[0][0]
    lowest = 0.8 * min([row["rmsd_of_sample"] for row in shown], default=0.05)
    largest = max(np.sqrt(2 * np.mean(variances)) for variances in codes.values())
    rmsd = np.geomspace(min(lowest, 0.5 * largest), 1.1 * largest, 200)
    bound = np.array([max(shannon_lower_bound(entropy, num_particles, value**2 / 2), 0.0) for value in rmsd])
    plane.plot(bound, rmsd, color="black", linewidth=2.0, label="Shannon's lower bound")
    plane.fill_betweenx(rmsd, 0, bound, color="0.9", linewidth=0)
    for (name, variances), line in zip(codes.items(), itertools.cycle(_LINES), strict=False):
        rates = [rate_of_distortion(variances, value**2 / 2) for value in rmsd]
        plane.plot(rates, rmsd, linestyle=line, color="0.35", linewidth=1.2, label=f"best linear code, {name} order")
    names = list(dict.fromkeys(row["variant"] for row in shown))
    for name, colour, marker in zip(names, distinct_colours(len(names)), itertools.cycle(_MARKERS), strict=False):
        own = [row for row in shown if row["variant"] == name]
        plane.plot(
            [row["kl_nats"] for row in own], [row["rmsd_of_sample"] for row in own], marker, color=colour, label=name
        )
    plane.set(xlabel="rate: KL to the prior (nats)", ylabel=r"RMSD of a posterior sample ($\sigma$)", yscale="log")
    rightmost = max([row["kl_nats"] for row in shown], default=100.0)
    plane.set_xlim(0, 1.1 * max(rightmost, float(np.max(bound[rmsd >= lowest], initial=1.0))))
    plane.set_ylim(rmsd[0], rmsd[-1])
    plane.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 3.0, 5.0)))
    plane.yaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
    plane.yaxis.set_minor_formatter(NullFormatter())
    plane.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
    columns = ("variant", "kl_weight", "latent_dim", "seed", "kl_nats", "rmsd_of_sample", "above_shannon_nats")
    return figure, [{name: row[name] for name in columns} for row in shown]
