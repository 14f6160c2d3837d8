"""Panels of Weights & Biases, with titles and axes from the names of metrics."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

import wandb_workspaces.reports.v2 as wr

from lcpjax.report.dashboard.sections import Section
from lcpjax.report.quantities import Quantity, quantity_of_metric


def panels_of(section: Section) -> list[Any]:
    """A section's panels, in the order of its fields."""
    return [
        *map(_curves, section.curves),
        *map(_curves_of_a_sweep, section.patterns),
        *(_plane(x, y) for x, y in section.planes),
        *map(_bars, section.bars),
        *_figures(section.figures),
    ]


def _curves(names: Sequence[str]) -> wr.LinePlot:
    title = _shared(names).with_unit
    return wr.LinePlot(title=title, x="epoch", y=list(names), title_x="epoch", title_y=title)


def _curves_of_a_sweep(name: str) -> wr.LinePlot:
    quantity = quantity_of_metric(name)
    return wr.LinePlot(
        title=f"{quantity.with_unit}, each model of a sweep",
        x="epoch",
        metric_regex=f"^{re.escape(name)}/.*",
        title_x="epoch",
        title_y=quantity.with_unit,
    )


def _plane(x: str, y: str) -> wr.ScatterPlot:
    is_metric = "/" in x
    label = quantity_of_metric(x if is_metric else x.rpartition(".")[2])
    return wr.ScatterPlot(
        title=f"{quantity_of_metric(y).with_unit} against {label.with_unit}",
        x=wr.SummaryMetric(x) if is_metric else wr.Config(x),
        y=wr.SummaryMetric(y),
        # lambda and the number of latents are swept in powers.
        log_x=not is_metric,
    )


def _bars(names: Sequence[str]) -> wr.BarPlot:
    quantity = _shared(names)
    return wr.BarPlot(title=quantity.with_unit, metrics=list(names), title_x=quantity.with_unit)


def _figures(names: Sequence[str]) -> Iterator[wr.MediaBrowser]:
    for name in names:
        yield wr.MediaBrowser(title=name.replace("_", " "), media_keys=[f"figures/{name}"])


def _shared(names: Sequence[str]) -> Quantity:
    """What several metrics have in common: the quantity that they are of, else the labels of all."""
    quantities = [quantity_of_metric(name) for name in names]
    stems = {"/".join(name.split("/")[:2]) for name in names}
    if len(stems) == 1:
        return quantity_of_metric(stems.pop())
    return quantities[0]._replace(label="; ".join(quantity.label for quantity in quantities))
