"""Tables of ln Z by every route, and what is said of those that differ."""

import math
from unittest.mock import Mock

import numpy as np
import pytest

from lcpjax.evaluation.density.partition_functions import LearnedRoute
from lcpjax.experiments.entropy.figures import draw_routes
from lcpjax.experiments.entropy.routes import (
    ALONG,
    BENNETT,
    INTEGRAL,
    TOGETHER,
    all_routes,
    mixture_rows,
    route_rows,
    route_summary,
    warn_of_routes,
)
from lcpjax.report import RunFolder
from lcpjax.sampler.coupling_integral import CouplingIntegral
from lcpjax.sampler.thermodynamic_integration import FreeEnergy

PARTICLES = 3
LN_Z, ERRORS = np.array([8.0, 6.0]), np.array([0.03, 0.04])
FLUID = FreeEnergy(
    gamma=np.array([0.1, 1.0]),
    log_partition_function=LN_Z,
    log_partition_function_error=ERRORS,
    pair_energy=np.array([-1.0, -2.0]),
    pair_energy_error=np.array([0.01, 0.02]),
    sum_of_heights=np.array([5.0, 3.0]),
    sum_of_heights_error=np.array([0.1, 0.02]),
    entropy=LN_Z + np.array([-0.5, 1.0]),
    entropy_error=ERRORS,
    information=0.5,
    information_error=0.001,
    largest_drift=1.0,
    quadrature_log_partition_function=LN_Z + 0.02,
    quadrature_log_partition_function_error=2 * ERRORS,
    quadrature_difference_error=np.array([0.01, 0.02]),
)
INTEGRALS = {12: CouplingIntegral(LN_Z + 0.05, np.array([0.04, 0.03]))}


def learned(difference=0.1, effective=1000.0):
    covariance = np.array([[0.0016, 0.0008], [0.0008, 0.0009]])
    errors = np.array([0.08, 0.06])
    return LearnedRoute(LN_Z - 0.1, errors, LN_Z + difference, covariance, np.full(2, effective), 0.9)


def rows_of(route=None):
    return route_rows(FLUID, all_routes(FLUID, INTEGRALS, route))


def test_every_route_is_held_against_the_reference_with_the_error_of_their_difference():
    found = {(row["route"], row["nodes"]): row["z"] for row in rows_of(learned()) if row["gamma"] == 0.1}
    expected = {
        (INTEGRAL, 24): 0.02 / 0.01,  # Of the same chains: the error of the difference is known by itself.
        (INTEGRAL, 12): 0.05 / 0.05,  # 3, 4, 5.
        BENNETT: -0.1 / math.hypot(0.08, 0.03),
        TOGETHER: 0.1 / 0.05,
    }
    for name, value in expected.items():
        (z,) = (z for (route, nodes), z in found.items() if name in ((route, nodes), route))
        assert z == pytest.approx(value, rel=1e-9)
    assert math.isnan(found[(ALONG, 24)])


def test_the_mean_over_gammas_counts_draws_that_gammas_share():
    rows = {row["route"]: row for row in mixture_rows(FLUID, all_routes(FLUID, {}, learned()), PARTICLES)}
    # Independent errors of 0.04 and 0.03 would have a mean of 0.025.
    assert rows[TOGETHER]["standard_error"] == pytest.approx(math.sqrt(0.0041) / 2)
    assert rows[TOGETHER]["standard_error"] > 0.025
    assert rows[ALONG]["standard_error"] == pytest.approx(0.025)
    assert BENNETT not in rows


def test_the_entropy_of_a_route_differs_by_as_much_as_its_ln_z():
    rows = {row["route"]: row for row in mixture_rows(FLUID, all_routes(FLUID, {}, learned()), PARTICLES)}
    assert rows[ALONG]["ordered_mixture_nats"] == pytest.approx(7.25 + 0.5 - math.log(6))
    difference = rows[TOGETHER]["ordered_mixture_nats"] - rows[ALONG]["ordered_mixture_nats"]
    assert difference == pytest.approx(0.1)
    assert rows[ALONG]["ordered_mixture_error_nats"] == pytest.approx(FLUID.mixture_entropy_error)
    assert rows[TOGETHER]["ordered_mixture_error_nats"] > rows[TOGETHER]["standard_error"]


@pytest.mark.parametrize(
    ("difference", "effective", "warnings"),
    [(0.1, 1000.0, []), (0.5, 1000.0, ["WRONG", "WRONG"]), (0.5, 10.0, ["only 10 effective draws"])],
)
def test_routes_that_differ_are_reported_and_too_few_draws_too(difference, effective, warnings):
    run_folder = Mock(spec=RunFolder)
    warn_of_routes(rows_of(learned(difference, effective)), run_folder)
    said = [call.args[0] for call in run_folder.warn.call_args_list]
    assert [warning in line for warning, line in zip(warnings, said, strict=True)] == [True] * len(warnings)


def test_the_summary_has_the_largest_z_and_what_the_learned_density_says():
    rows, mixture = rows_of(learned()), mixture_rows(FLUID, all_routes(FLUID, INTEGRALS, learned()), PARTICLES)
    summary = route_summary(mixture, rows)
    assert summary["entropy/largest_route_z"] == pytest.approx(0.1 / 0.05)
    assert summary["entropy/learned_log_partition_difference_nats"] == pytest.approx(0.1)
    assert summary["entropy/smallest_effective_number_of_draws"] == 1000.0
    assert "entropy/learned_ordered_mixture_nats" not in route_summary(
        mixture_rows(FLUID, all_routes(FLUID, {}, None), PARTICLES), rows_of()
    )


def test_the_figure_shows_every_route_but_the_reference_at_every_gamma():
    figure, data = draw_routes(rows_of(learned()))
    assert len(figure.axes) == 2
    assert len(figure.axes[0].get_yticks()) == 4
    assert len(data) == 10
