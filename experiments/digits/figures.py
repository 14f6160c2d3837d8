"""The figure of both latent planes: of each kind, the model with the lowest validation loss."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import jax
import jax.numpy as jnp
import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle, Rectangle
from matplotlib.patheffects import withStroke

from lcpjax.evaluation.samples.neighbours import distances_to_nearest
from lcpjax.pipeline.run import Run
from lcpjax.report.figures.style import styled
from lcpjax.training import ModelSetting, TrainingPlan, TrainState

from .images import Digits
from .latents import HELD_OUT, SCALED, STANDARD, decoded, latents_of

# Radii of circles in a plane that hold half of N(0, I), and 95 % of it.
_RADII = tuple(math.sqrt(-2 * math.log(1 - share)) for share in (0.5, 0.95))
_ANOMALOUS = "#c1272d"


_NAMES = {
    "N(0, I)": "$N(0, I)$",
    "N(0, I) scaled": "$N(0, I)$ scaled to the latents; framed: anomalous",
}


class LatentPlane(NamedTuple):
    """Data drawn for one model with two latents."""

    title: str
    latent: np.ndarray
    """Means, (images, 2)."""
    labels: np.ndarray
    """(images,)."""
    decoded: dict[str, np.ndarray]
    """By prior, (samples, height, width), grey values from 0 to 1."""
    is_anomalous: dict[str, np.ndarray]
    """By prior, (samples,): whether it is farther from all training images than 95 % of decoded test images are."""


@styled
def draw_latent_planes(planes: Sequence[LatentPlane]) -> tuple[Figure, dict[str, np.ndarray]]:
    """Latent means coloured by digit over the circles of N(0, I), decoded prior samples below, and the data shown."""
    num_strips = len(planes[0].decoded)
    figure = Figure(figsize=(4.6 * len(planes), 4.6 + 0.62 * num_strips))
    heights = [4.3, *[0.5] * num_strips]
    axes = figure.subplots(1 + num_strips, len(planes), squeeze=False, height_ratios=heights)
    data = {}
    for column, plane in enumerate(planes):
        _draw_plane(axes[0, column], plane)
        data |= {f"latent_{column}": plane.latent, f"labels_{column}": plane.labels}
        for row, (prior, images) in enumerate(plane.decoded.items(), start=1):
            _draw_strip(axes[row, column], images, plane.is_anomalous[prior])
            axes[row, column].set_title(f"decoded from {_NAMES.get(prior, prior)}", fontsize=8, loc="left", pad=2)
            data |= {f"decoded_{column}_{row}": images, f"is_anomalous_{column}_{row}": plane.is_anomalous[prior]}
    return figure, data


def _draw_plane(axes: Axes, plane: LatentPlane) -> None:
    colours = mpl.colormaps["tab10"]
    axes.scatter(*plane.latent.T, s=6, c=[colours(label) for label in plane.labels], linewidths=0, alpha=0.75)
    for digit in np.unique(plane.labels):
        x, y = np.median(plane.latent[plane.labels == digit], axis=0)
        font = {"color": colours(digit), "fontsize": 13, "weight": "bold"}
        text = axes.text(x, y, str(digit), font, ha="center", va="center")
        text.set_path_effects([withStroke(linewidth=2.5, foreground="white")])
    for radius, line in zip(_RADII, ("-", "--"), strict=True):
        axes.add_patch(Circle((0, 0), radius, fill=False, linestyle=line, linewidth=1.1, edgecolor="black", zorder=3))
    axes.plot([], [], "k-", linewidth=1.1, label="50 % of $N(0, I)$")
    axes.plot([], [], "k--", linewidth=1.1, label="95 %")
    axes.legend(loc="upper right", fontsize=8, handlelength=1.6, borderaxespad=0.1)
    axes.set(title=plane.title, xlabel="$z_1$", ylabel="$z_2$", aspect="equal", adjustable="datalim")


def _draw_strip(axes: Axes, images: np.ndarray, is_anomalous: np.ndarray) -> None:
    """Images side by side, a red frame around anomalous ones."""
    number, height, width = images.shape
    for place, (image, anomalous) in enumerate(zip(images, is_anomalous, strict=True)):
        left = place * (width + 1)
        axes.imshow(image, cmap="gray_r", vmin=0, vmax=1, extent=(left, left + width, 0, height))
        colour, line = (_ANOMALOUS, 1.6) if anomalous else ("0.75", 0.5)
        axes.add_patch(Rectangle((left, 0), width, height, fill=False, edgecolor=colour, linewidth=line))
    axes.set(xlim=(-0.5, number * (width + 1) - 0.5), ylim=(-0.5, height + 0.5))
    axes.set_axis_off()


_NUM_SHOWN = 10


def draw_digits(
    run: Run,
    plan: TrainingPlan,
    settings: Sequence[ModelSetting],
    states: Sequence[TrainState],
    digits: Digits,
) -> None:
    """Latents of autoencoder and VAE side by side, and decoded prior samples, anomalous ones framed."""
    planes = []
    for kl_weight in sorted({setting.kl_weight for setting in settings}):
        same = [pair for pair in zip(settings, states, strict=True) if pair[0].kl_weight == kl_weight]
        setting, state = min(same, key=lambda pair: float(pair[1].best.loss))
        latents = latents_of(plan, setting, state, digits, run.config.settings.num_prior_samples)
        images = {name: decoded(plan, state, latents.sources[name][:_NUM_SHOWN]) for name in (STANDARD, SCALED)}
        usual = distances_to_nearest(decoded(plan, state, latents.sources[HELD_OUT]), digits.train.images)
        limit = jnp.quantile(usual, 0.95)
        anomalous = {name: distances_to_nearest(shown, digits.train.images) > limit for name, shown in images.items()}
        kind = "VAE" if kl_weight else "autoencoder"
        title = rf"{kind}, $\lambda$ = {kl_weight:g}"
        planes.append(LatentPlane(title, *jax.device_get((latents.train, digits.train.labels, images, anomalous))))
    run.folder.save_figure("digits", *draw_latent_planes(planes))
