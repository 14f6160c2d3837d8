"""Configurations of the test set as the page has them: in the model's order, with their codes and their plane."""

from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np
from jaxtyping import Float, Int

from lcpjax.evaluation.latents.latent_axes import PrincipalAxes, principal_axes
from lcpjax.model.posterior import Posterior, kl_per_latent
from lcpjax.report.explorer.numbers import Weights, in_steps
from lcpjax.trained_model import TrainedModel

_MOST_SLIDERS = 8


class RealConfigurations(NamedTuple):
    """Configurations that no model learned from."""

    positions: Float[np.ndarray, "configurations particles 2"]
    """In sigma, in any order of the particles."""
    gamma_index: Int[np.ndarray, " configurations"]
    """Of each configuration, in ``gammas``."""
    gammas: tuple[float, ...]
    """Rising; m g sigma / epsilon."""


def described(real: RealConfigurations, model: TrainedModel, weights: Weights) -> dict[str, Any]:
    """The configurations, their codes, the plane of the codes' two principal components, and the relevant latents.

    Args:
        weights: get the codes and the axes.

    Raises:
        InputError: fewer than two configurations, or codes that are all the same.
    """
    ordered = model.representation.order(jnp.asarray(real.positions))
    posterior = model.posterior(ordered)
    codes = np.asarray(posterior.mean)
    plane = _plane(codes)
    return {
        "positions": in_steps(np.asarray(ordered), model.system.box_side),
        "codes": weights.add(codes),
        "gamma_index": real.gamma_index.tolist(),
        "gammas": list(real.gammas),
        "plane": {
            "mean": weights.add(plane.mean),
            "axes": weights.add(plane.axes[:, :2].T),
            "explained": [float(share) for share in (plane.variances / plane.variances.sum())[:2]],
        },
        "sliders": _relevant_latents(model, posterior),
    }


def _plane(codes: Float[np.ndarray, "configurations latent"]) -> PrincipalAxes:
    axes = principal_axes(codes)
    if codes.shape[1] > 1:
        return axes
    # A single latent: the plane's second axis is empty.
    return PrincipalAxes(axes.mean, np.append(axes.axes, [[0.0]], axis=1), np.append(axes.variances, 0.0))


def _relevant_latents(model: TrainedModel, posterior: Posterior) -> dict[str, Any]:
    """Latents with the most nats, or with the most variance where a latent has no rate."""
    means = np.asarray(posterior.mean)
    has_rates = model.has_latent_rates
    values = np.mean(np.asarray(kl_per_latent(posterior)), axis=0) if has_rates else np.var(means, axis=0)
    chosen = np.argsort(-values, kind="stable")[:_MOST_SLIDERS]
    return {
        "unit": "nats" if has_rates else "variance",
        "latents": [
            {"index": int(index), "relevance": float(values[index]), "reach": float(np.abs(means[:, index]).max())}
            for index in chosen
        ],
    }
