"""Loss and rate over the epochs."""

from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from lcpjax.report.figures.convergence import draw_points, label_open_points
from lcpjax.report.figures.style import ordered_colours, panels, styled
from lcpjax.report.quantities import axis_label

_LOSS, _RATE = "training/validation_loss_nats", "training/validation_kl_nats"


@styled
def draw_learning_curves(
    records: Sequence[Mapping[str, Any]],
    unit: str = "sigma2",
    *,
    converged: Mapping[str, bool] | None = None,
    entropy: float | None = None,
) -> tuple[Figure, list[dict[str, Any]]]:
    """MSE and KL against epochs, one line per model, and the data shown; the loss where a variance is learned.

    The MSE says nothing of a model with a learned variance, whose loss is in nats. Colours are those of lambda; where
    all models share one, of the number of latents. An open circle ends the curve of a model that has not converged.

    Args:
        records: one line of metrics.jsonl per epoch and model.
        unit: of the MSE, as in the metrics' names.
        converged: verdicts by the models' names; models without one are not marked.
        entropy: of what the model is a density of, subtracted from losses in nats; only where lambda = 1, a loss that
            is a bound on -ln p.
    """
    by = "kl_weight" if len({record["kl_weight"] for record in records}) > 1 else "latent_dim"
    values = sorted({record[by] for record in records})
    colours = dict(zip(values, ordered_colours(len(values)), strict=True))
    figure, axes = panels(1, 2, 4.2, 3.4)
    losses, label = _shown_loss(records, unit, entropy)
    shift = entropy or 0.0 if _LOSS in losses else 0.0
    ends = []
    for model in dict.fromkeys(record["model"] for record in records):
        rows = sorted((r for r in records if r["model"] == model), key=lambda record: record["epoch"])
        epochs, colour = [row["epoch"] + 1 for row in rows], colours[rows[0][by]]
        for name, line in zip(losses, (":", "-"), strict=True):
            axes[0][0].plot(epochs, [row[name] - shift for row in rows], line, color=colour, linewidth=1.1)
        axes[0][1].plot(epochs, [row[_RATE] for row in rows], color=colour, linewidth=1.1)
        if converged is not None and model in converged:
            ends.append({"epoch": epochs[-1], "loss": rows[-1][losses[1]] - shift, "rate": rows[-1][_RATE]})
            ends[-1] |= {"is_converged": converged[model]}
            _mark_end(axes[0], ends[-1:], colour)
    for value in values:
        axes[0][1].plot([], [], color=colours[value], label=f"{axis_label(by)} = {value:g}")
    for name, line in (("training, sampled latent", ":"), ("validation, mean latent", "-")):
        axes[0][0].plot([], [], line, color="0.3", label=name)
    label_open_points(axes[0][1], ends)
    for each in axes[0]:
        # There are no halves of an epoch.
        each.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    axes[0][0].set(xlabel=axis_label("epoch"), ylabel=label)
    axes[0][1].set(xlabel=axis_label("epoch"), ylabel=axis_label(_RATE))
    rates = [record[_RATE] for record in records]
    # From a closed latent, at about 0, to an open one is orders of magnitude.
    if min(rates) < max(rates) / 10:
        axes[0][1].set_yscale("symlog")
    axes[0][0].legend(loc="lower left", bbox_to_anchor=(0.0, 1.0))
    axes[0][1].legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
    errors = (f"training/mse_{unit}", f"training/validation_mse_{unit}")
    columns = ("model", "kl_weight", "latent_dim", "epoch", *dict.fromkeys((*losses, *errors)), _RATE)
    return figure, [{key: record[key] for key in columns} for record in records]


def _shown_loss(records: Sequence[Mapping[str, Any]], unit: str, entropy: float | None) -> tuple[tuple[str, str], str]:
    """Names of the loss in training and validation, and the axis' label."""
    if any(_LOSS not in record for record in records):
        return (f"training/mse_{unit}", f"training/validation_mse_{unit}"), axis_label(f"training/mse_{unit}")
    of_training = _LOSS.replace("validation_", "")
    return (of_training, _LOSS), axis_label(of_training) if entropy is None else "loss (nats above the entropy)"


def _mark_end(axes: Sequence[Axes], end: Sequence[Mapping[str, Any]], colour: Any) -> None:
    if not end[0]["is_converged"]:
        for panel, quantity in zip(axes, ("loss", "rate"), strict=True):
            draw_points(panel, end, "epoch", quantity, "o", colour)
