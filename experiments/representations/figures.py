"""Error by ordering: variance left to learn, and what networks achieve."""

from collections.abc import Mapping, Sequence
from typing import Any

import jax
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lcpjax.build import build_representation
from lcpjax.config.check import changed
from lcpjax.dataset import Dataset
from lcpjax.evaluation.reconstruction.linear_code import learn_linear_code
from lcpjax.pipeline.run import Run
from lcpjax.report.figures.convergence import has_converged, label_open_points
from lcpjax.report.figures.style import distinct_colours, panels, styled
from lcpjax.report.quantities import axis_label

_MARKERS = {"none": "X", "height": "o", "lowest": "D", "hilbert": "^", "template": "s"}
_LINES = {"none": ":", "height": "-", "lowest": "--", "hilbert": "-.", "template": (0, (5, 1, 1, 1, 1, 1))}


@styled
def draw_representations(
    rows: Sequence[Mapping[str, Any]], spectra: Mapping[str, np.ndarray], latent_dim: int
) -> tuple[Figure, list[dict[str, Any]]]:
    """Left: variance of distances unexplained by linear components, by ordering. Right: models against linear PCA.

    A marker means the same ordering in both panels; colours distinguish networks; open ones have not converged.

    Args:
        rows: one for each kind of model: network, ordering, distance_mse_mean, _sd, linear_distance_mse.
        spectra: variances of the principal components of distance matrices, falling, for each ordering.
        latent_dim: of the models.
    """
    figure, axes = panels(1, 2, 4.6, 4.0)
    missed, plane = axes[0]
    _draw_left(missed, spectra)
    missed.axvline(latent_dim, color="0.6", linewidth=0.9, linestyle=":")
    missed.set(xlabel="linear components", ylabel=f"unexplained {axis_label('distance_mse')}", yscale="log")
    # Rounding of what is left by more components than there are numbers is not shown.
    missed.set_ylim(bottom=max(1e-3, missed.get_ylim()[0]))
    missed.legend(title="ordering")
    networks = list(dict.fromkeys(row["network"] for row in rows))
    for network, colour in zip(networks, distinct_colours(len(networks)), strict=True):
        plane.plot([], [], color=colour, linewidth=5, label=network.replace("_", " "))
        for row in (row for row in rows if row["network"] == network):
            plane.errorbar(
                row["linear_distance_mse"],
                row["distance_mse_mean"],
                yerr=row["distance_mse_sd"],
                fmt=_MARKERS[row["ordering"]],
                color=colour,
                markerfacecolor=colour if has_converged(row) else "white",
                capsize=2,
            )
    label_open_points(plane, rows)
    values = [row[name] for row in rows for name in ("linear_distance_mse", "distance_mse_mean")]
    limits = 0.7 * min(values), 1.4 * max(values)
    plane.plot(limits, limits, color="0.6", linewidth=0.9)
    plane.set(xscale="log", yscale="log", xlim=limits, ylim=limits)
    plane.set(
        xlabel=f"linear PCA, {latent_dim} components: {axis_label('distance_mse')}",
        ylabel=f"model: {axis_label('distance_mse')}",
    )
    plane.legend(title="network", loc="center left", bbox_to_anchor=(1.0, 0.5))
    return figure, [dict(row) for row in rows]


def _draw_left(axes: Axes, spectra: Mapping[str, np.ndarray]) -> None:
    """Variance unexplained by that many components, a line for each ordering."""
    for ordering, variances in spectra.items():
        left = (variances.sum() - np.concatenate([[0.0], np.cumsum(variances)[:-1]])) / len(variances)
        style: dict[str, Any] = {"color": "0.35", "linestyle": _LINES[ordering], "marker": _MARKERS[ordering]}
        axes.plot(left[:121], linewidth=1.2, markevery=20, label=ordering, **style)


def draw_orderings(run: Run, rows: Sequence[Mapping[str, Any]], dataset: Dataset) -> None:
    """The figure of what each ordering leaves to be learned."""
    spectra = {}
    for ordering in dict.fromkeys(row["ordering"] for row in rows):
        of_distances = changed(
            run.config, {"representation.name": "distance_matrix", "representation.ordering": ordering}
        )
        template = tuple(tuple(place) for place in run.folder.info().get("template", ()))
        representation = build_representation(of_distances, template if ordering == "template" else ())
        code = learn_linear_code(representation, dataset.train.positions)
        spectra[ordering] = np.maximum(np.asarray(jax.device_get(code.variances), np.float64), 0.0)
    run.folder.save_figure(
        "representations",
        *draw_representations(rows, spectra, run.config.model.latent_dim),
        caption=(
            "Left: the part of the distances' variance that is left by that many linear components, for each "
            "particle order; dotted, the models' number of latents. Right: each model against linear PCA with as "
            "many components, mean and standard deviation over seeds (of one seed no bar); below the diagonal it is "
            "better. Open points have not converged."
        ),
    )
