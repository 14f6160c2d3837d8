"""Moves a second against numbers of particles and chains."""

import functools
import math
from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter

from lcpjax.report.figures.style import distinct_colours, panels, styled
from lcpjax.report.quantities import axis_label

_MARKERS = "osD^vP"
_RATE = "moves_per_second"
_SHOWN = ("program", "device", "cores", "precision", "num_particles", "num_chains", _RATE)
_RANGE = (f"lowest_{_RATE}", f"highest_{_RATE}")


@styled
def draw_sampler_benchmark(
    medians: Sequence[Mapping[str, Any]], num_particles: int, num_chains: int
) -> tuple[Figure, list[dict[str, Any]]]:
    """Median rates with their range, against particles and against chains, a line for each program; the data shown.

    A program with a single number of chains makes them one after the other: its
    rate is a level in the right panel.

    Args:
        medians: rows of tables/sampler_medians.csv.
        num_chains: which of several numbers of chains the left panel shows.
    """
    figure, axes = panels(1, 2, 3.8, 3.2)
    against_particles, against_chains = axes[0]
    programs = sorted({row["program"] for row in medians}, key=lambda program: -_best(medians, program))
    for program, colour, marker in zip(programs, distinct_colours(len(programs)), _MARKERS, strict=False):
        own = [row for row in medians if row["program"] == program]
        right = [row for row in own if row["num_particles"] == num_particles]
        left = [row for row in own if row not in right or len(right) == 1 or row["num_chains"] == num_chains]
        draw = functools.partial(_draw, label=_name(own[0]), colour=colour, marker=marker)
        draw(against_particles, left, "num_particles")
        if len(right) == 1:
            against_chains.axhline(right[0][_RATE], color=colour, linestyle="--", linewidth=1.2)
        else:
            draw(against_chains, right, "num_chains")
    _lay_out(figure, against_particles, against_chains, medians)
    against_chains.set(xlabel=f"chains ($N = {num_particles}$)")
    return figure, [{name: row[name] for name in (*_SHOWN, *_RANGE)} for row in medians]


def _draw(
    axes: Axes,
    rows: list[Mapping[str, Any]],
    quantity: str,
    label: str,
    colour: str,
    marker: str,
) -> None:
    rows = sorted(rows, key=lambda row: row[quantity])
    x, rates = [row[quantity] for row in rows], [row[_RATE] for row in rows]
    axes.plot(x, rates, color=colour, marker=marker, label=label)
    lowest, highest = ([row[name] for row in rows] for name in _RANGE)
    axes.vlines(x, lowest, highest, color=colour, linewidth=1.2)


def _lay_out(figure: Figure, left: Axes, right: Axes, medians: Sequence[Mapping[str, Any]]) -> None:
    """Whole decades of rates in both panels, and one legend above them."""
    low, high = min(row[_RANGE[0]] for row in medians), max(row[_RANGE[1]] for row in medians)
    for axes in (left, right):
        axes.set(xscale="log", yscale="log")
        axes.set_ylim(10 ** math.floor(math.log10(low)), 10 ** math.ceil(math.log10(high)))
        axes.xaxis.set_minor_formatter(NullFormatter())
        axes.margins(x=0.08)
    right.tick_params(labelleft=False)
    numbers = sorted({row["num_particles"] for row in medians})
    left.set_xticks(numbers, [str(number) for number in numbers])
    left.set(xlabel="particles $N$", ylabel=axis_label(_RATE))
    figure.legend(*left.get_legend_handles_labels(), loc="outside upper center", ncols=2)


def _best(medians: Sequence[Mapping[str, Any]], program: str) -> float:
    return max(row[_RATE] for row in medians if row["program"] == program)


def _name(row: Mapping[str, Any]) -> str:
    cores = "one core" if row["cores"] == 1 else f"{row['cores']} cores"
    return f"{row['program']} ({row['precision']}, {cores if row['device'] == 'cpu' else row['device']})"
