"""Tables of ln Z by every route, each against the reference."""

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from lcpjax.evaluation.density.partition_functions import LearnedRoute
from lcpjax.report import RunFolder
from lcpjax.sampler.coupling_integral import CouplingIntegral
from lcpjax.sampler.diagnostics import LARGEST_Z
from lcpjax.sampler.thermodynamic_integration import NUM_NODES, FreeEnergy

ALONG, INTEGRAL, BENNETT, TOGETHER = (
    "acceptance ratios along the coupling",
    "integral over the coupling",
    "acceptance ratio with the learned density",
    "acceptance ratios with the learned density, all gammas together",
)
"""The first is the reference; the last two have nothing in common with it but the fluid."""

_FEWEST_EFFECTIVE = 100
"""Draws at a gamma, of which asymptotic standard errors are to be trusted."""


class Route(NamedTuple):
    """Ln Z at each gamma by one route."""

    name: str
    nodes: float
    """Couplings between none and full; nan without a coupling."""
    values: np.ndarray
    errors: np.ndarray
    difference_errors: np.ndarray
    """(gammas,): standard error of the difference from the reference."""
    mean_error: float
    """Standard error of the mean over gammas; nan where it was not estimated."""
    mean_difference_error: float
    effective_number: np.ndarray
    """(gammas,): effective sample size of draws; nan without draws."""


def all_routes(
    fluid: FreeEnergy, integrals: Mapping[int, CouplingIntegral], learned: LearnedRoute | None
) -> list[Route]:
    """Every route to ln Z, the reference first."""
    reference = fluid.log_partition_function_error
    none = np.full(len(fluid.gamma), math.nan)
    routes = [
        Route(ALONG, NUM_NODES, fluid.log_partition_function, reference, none, _of_mean(reference), math.nan, none),
        # Of the same chains as the reference.
        Route(
            INTEGRAL,
            NUM_NODES,
            fluid.quadrature_log_partition_function,
            fluid.quadrature_log_partition_function_error,
            fluid.quadrature_difference_error,
            _of_mean(fluid.quadrature_log_partition_function_error),
            _of_mean(fluid.quadrature_difference_error),
            none,
        ),
    ]

    def add(name: str, nodes: float, values: np.ndarray, errors: np.ndarray, mean_error: float) -> None:
        difference = np.hypot(errors, reference), math.hypot(mean_error, _of_mean(reference))
        number = none if learned is None or not math.isnan(nodes) else learned.effective_number
        routes.append(Route(name, nodes, values, errors, difference[0], mean_error, difference[1], number))

    for nodes, (values, errors) in integrals.items():
        add(INTEGRAL, nodes, values, errors, _of_mean(errors))
    if learned is not None:
        # Those of two gammas share their draws.
        add(BENNETT, math.nan, learned.bennett, learned.bennett_error, math.nan)
        add(TOGETHER, math.nan, learned.multistate, learned.multistate_error, learned.mean_error)
    return routes


def route_rows(fluid: FreeEnergy, routes: Sequence[Route]) -> list[dict[str, Any]]:
    """A row for each route and gamma.

    Columns: route, nodes: couplings between none and full, nan without; gamma; log_partition_function, of labelled
    coordinates in units of sigma, and its standard_error, from independent chains and draws; difference from the
    reference, the first route, with its standard error, and z, their ratio; effective_number of draws.
    """
    rows = []
    for route in routes:
        differences = route.values - fluid.log_partition_function
        for index, gamma in enumerate(fluid.gamma):
            rows.append(
                {
                    "route": route.name,
                    "nodes": route.nodes,
                    "gamma": float(gamma),
                    "log_partition_function": float(route.values[index]),
                    "standard_error": float(route.errors[index]),
                    "difference": float(differences[index]),
                    "difference_error": float(route.difference_errors[index]),
                    "z": _ratio(differences[index], route.difference_errors[index]),
                    "effective_number": float(route.effective_number[index]),
                }
            )
    return rows


def mixture_rows(fluid: FreeEnergy, routes: Sequence[Route], num_particles: int) -> list[dict[str, Any]]:
    """A row for each route: what its ln Z say of all gammas equally often.

    Columns: route, nodes; mean_log_partition_function over gammas and its standard error; difference from the reference
    with its standard error and z; ordered_mixture_nats: the entropy of ordered coordinates with these ln Z, and its
    standard error (at most: as if U and sum y of a chain deviated together). Mean energies are the reference's.
    """
    energies = _of_mean(fluid.pair_energy_error + fluid.gamma * fluid.sum_of_heights_error)
    rows = []
    for route in routes:
        if math.isnan(route.mean_error):
            continue
        difference = float((route.values - fluid.log_partition_function).mean())
        own = math.hypot(route.mean_error, energies, fluid.information_error)
        rows.append(
            {
                "route": route.name,
                "nodes": route.nodes,
                "mean_log_partition_function": float(route.values.mean()),
                "standard_error": route.mean_error,
                "difference": difference,
                "difference_error": route.mean_difference_error,
                "z": _ratio(difference, route.mean_difference_error),
                "ordered_mixture_nats": fluid.mixture_entropy + difference - math.lgamma(num_particles + 1),
                "ordered_mixture_error_nats": fluid.mixture_entropy_error if route.name == ALONG else own,
            }
        )
    return rows


def route_summary(mixture: Sequence[Mapping[str, Any]], rows: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """Metrics of the routes: the largest z of any, and ln Z and entropy by the learned density."""
    others = [row for row in rows if row["route"] != ALONG]
    summary = {"entropy/largest_route_z": max((abs(row["z"]) for row in others), default=math.nan)}
    for row in mixture:
        if row["route"] == TOGETHER:
            summary |= {
                "entropy/learned_log_partition_difference_nats": row["difference"],
                "entropy/learned_log_partition_standard_error_nats": row["standard_error"],
                "entropy/learned_ordered_mixture_nats": row["ordered_mixture_nats"],
                "entropy/learned_ordered_mixture_standard_error_nats": row["ordered_mixture_error_nats"],
            }
    numbers = [row["effective_number"] for row in rows if math.isfinite(row["effective_number"])]
    if numbers:
        summary["entropy/smallest_effective_number_of_draws"] = min(numbers)
    return {name: value for name, value in summary.items() if math.isfinite(value)}


def warn_of_routes(rows: Sequence[Mapping[str, Any]], run_folder: RunFolder) -> None:
    """Warn of routes that differ from the reference, and of draws too few for a standard error."""
    fewest = min((row["effective_number"] for row in rows if row["effective_number"] >= 0), default=math.inf)
    if fewest < _FEWEST_EFFECTIVE:
        run_folder.warn(
            f"ln Z by the learned density: only {fewest:.0f} effective draws at one gamma, its standard error may be "
            "too small; raise settings.draws_per_configuration or train for longer"
        )
    for row in rows:
        if abs(row["z"]) > LARGEST_Z and not row["effective_number"] < _FEWEST_EFFECTIVE:
            run_folder.warn(
                f"the entropy may be WRONG: ln Z at gamma {row['gamma']:g} by {row['route']} differs by {row['z']:+.1f}"
                " standard errors from the reference"
            )


def _of_mean(errors: np.ndarray) -> float:
    """Standard error of the mean over gammas with chains of their own."""
    return float(np.linalg.norm(errors)) / len(errors)


def _ratio(difference: float, error: float) -> float:
    return float(difference / error) if error > 0 else math.nan
