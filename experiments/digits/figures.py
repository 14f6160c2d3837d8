"""The figure of both latent planes: of each kind, the model with the lowest validation loss."""

import math
from collections.abc import Sequence

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

from .images import Digits
from .latents import AUTOENCODER, HELD_OUT, SCALED, STANDARD, LatentPlane

# Radii of circles in a plane that hold half of N(0, I), and 95 % of it.
_RADII = tuple(math.sqrt(-2 * math.log(1 - fraction)) for fraction in (0.5, 0.95))
_ANOMALOUS = "#c1272d"
_NUM_SHOWN = 10
_NAMES = {STANDARD: "$N(0, I)$", SCALED: "$N(0, I)$ scaled to the latents; framed: anomalous"}


@styled
def draw_latent_planes(planes: Sequence[LatentPlane], digits: Digits) -> tuple[Figure, dict[str, np.ndarray]]:
    """Latent means coloured by digit over the circles of N(0, I), decoded prior samples below, and the data shown.

    All planes have one scale.

    Samples are anomalous, and framed, farther from all training images than 95 % of decoded test images are.
    """
    figure = Figure(figsize=(4.6 * len(planes), 4.6 + 0.62 * len(_NAMES)))
    heights = [4.3, *[0.5] * len(_NAMES)]
    axes = figure.subplots(1 + len(_NAMES), len(planes), squeeze=False, height_ratios=heights)
    data, labels = {}, np.asarray(digits.train.labels)
    reach = 1.05 * max(float(np.abs(plane.train).max()) for plane in planes)
    for column, plane in enumerate(planes):
        _draw_plane(axes[0, column], plane, labels)
        # One scale for both: by it the latents differ most.
        axes[0, column].set(xlim=(-reach, reach), ylim=(-reach, reach))
        data |= {f"latent_{column}": np.asarray(plane.train), f"labels_{column}": labels}
        usual = distances_to_nearest(plane.decode(plane.sources[HELD_OUT]), digits.train.images)
        for row, (prior, name) in enumerate(_NAMES.items(), start=1):
            images = plane.decode(plane.sources[prior][:_NUM_SHOWN])
            is_anomalous = distances_to_nearest(images, digits.train.images) > jnp.quantile(usual, 0.95)
            shown, framed = jax.device_get((images, is_anomalous))
            _draw_strip(axes[row, column], shown, framed)
            axes[row, column].set_title(f"decoded from {name}", fontsize=8, loc="left", pad=2)
            data |= {f"decoded_{column}_{row}": shown, f"is_anomalous_{column}_{row}": framed}
    return figure, data


def _draw_plane(axes: Axes, plane: LatentPlane, labels: np.ndarray) -> None:
    colours = mpl.colormaps["tab10"]
    latent = np.asarray(plane.train)
    axes.scatter(*latent.T, s=6, c=[colours(label) for label in labels], linewidths=0, alpha=0.75)
    for digit in np.unique(labels):
        x, y = np.median(latent[labels == digit], axis=0)
        font = {"color": colours(digit), "fontsize": 11, "weight": "bold"}
        text = axes.text(x, y, str(digit), font, ha="center", va="center")
        text.set_path_effects([withStroke(linewidth=2.5, foreground="white")])
    for radius, line in zip(_RADII, ("-", "--"), strict=True):
        axes.add_patch(Circle((0, 0), radius, fill=False, linestyle=line, linewidth=1.1, edgecolor="black", zorder=3))
    axes.plot([], [], "k-", linewidth=1.1, label="50 % of $N(0, I)$")
    axes.plot([], [], "k--", linewidth=1.1, label="95 %")
    axes.legend(loc="upper right", fontsize=8, handlelength=1.6, borderaxespad=0.1)
    kind = "autoencoder" if plane.kind == AUTOENCODER else "VAE"
    axes.set(title=rf"{kind}, $\lambda$ = {plane.setting.kl_weight:g}")
    axes.set(xlabel="$z_1$", ylabel="$z_2$", aspect="equal")


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


def draw_digits(run: Run, planes: Sequence[LatentPlane], digits: Digits) -> None:
    """Latents of autoencoder and VAE side by side, each of the lowest validation loss, and decoded prior samples."""
    best = [
        min((each for each in planes if each.setting.kl_weight == kl_weight), key=lambda each: float(each.best.loss))
        for kl_weight in sorted({each.setting.kl_weight for each in planes})
    ]
    run.folder.save_figure(
        "digits",
        *draw_latent_planes(best, digits),
        caption=(
            "Codes of handwritten digits in the plane of an autoencoder and of a VAE, coloured by digit, on one "
            "scale. Circles hold 50 % and 95 % of the prior N(0, I). Below: decoded prior samples; framed ones "
            "are farther from every training image than 95 % of decoded test images."
        ),
    )
