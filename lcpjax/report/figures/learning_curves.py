"""Error and rate over the epochs."""

from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.figure import Figure

from lcpjax.report.figures.style import ordered_colours, panels, styled

_NAMES = {"kl_weight": r"$\lambda$", "latent_dim": "latents"}
_UNITS = {"sigma2": r"$\sigma^2$", "grey2": "grey value$^2$"}


@styled
def draw_learning_curves(
    records: Sequence[Mapping[str, Any]], unit: str = "sigma2"
) -> tuple[Figure, list[dict[str, Any]]]:
    """MSE and KL against epochs, one line per model, and the data shown.

    Colours are those of lambda; where all models share one, of the number of latents.

    Args:
        records: one line of metrics.jsonl per epoch and model.
        unit: of the MSE, as in the metrics' names.
    """
    by = "kl_weight" if len({record["kl_weight"] for record in records}) > 1 else "latent_dim"
    values = sorted({record[by] for record in records})
    colours = dict(zip(values, ordered_colours(len(values)), strict=True))
    figure, axes = panels(1, 2, 4.2, 3.4)
    for model in dict.fromkeys(record["model"] for record in records):
        rows = sorted((r for r in records if r["model"] == model), key=lambda record: record["epoch"])
        epochs = [row["epoch"] + 1 for row in rows]
        colour = colours[rows[0][by]]
        for name, line in ((f"training/mse_{unit}", ":"), (f"training/validation_mse_{unit}", "-")):
            axes[0][0].plot(epochs, [row[name] for row in rows], line, color=colour, linewidth=1.1)
        axes[0][1].plot(epochs, [row["training/validation_kl_nats"] for row in rows], color=colour, linewidth=1.1)
    for value in values:
        axes[0][1].plot([], [], color=colours[value], label=f"{_NAMES[by]} = {value:g}")
    for name, line in (("training, sampled latent", ":"), ("validation, mean latent", "-")):
        axes[0][0].plot([], [], line, color="0.3", label=name)
    axes[0][0].set(xlabel="epoch", ylabel=f"MSE ({_UNITS[unit]})")
    axes[0][1].set(xlabel="epoch", ylabel="validation KL (nats)")
    rates = [record["training/validation_kl_nats"] for record in records]
    # From a closed latent, at about 0, to an open one is orders of magnitude.
    if min(rates) < max(rates) / 10:
        axes[0][1].set_yscale("symlog")
    axes[0][0].legend(loc="lower left", bbox_to_anchor=(0.0, 1.0))
    axes[0][1].legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
    shown = (
        "model",
        "kl_weight",
        "latent_dim",
        "epoch",
        f"training/mse_{unit}",
        f"training/validation_mse_{unit}",
        "training/validation_kl_nats",
    )
    return figure, [{key: record[key] for key in shown} for record in records]
