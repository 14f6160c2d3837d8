"""How much of a model's error is the encoder's: the same decoder with better codes."""

from typing import Any

import numpy as np

from lcpjax.dataset import Dataset
from lcpjax.evaluation.latents.active_units import kl_of_each_latent
from lcpjax.evaluation.reconstruction.reconstruction_error import aligned_rmsd, over_all, rmsd
from lcpjax.evaluation.reconstruction.refined_codes import refine_codes
from lcpjax.model import Posterior
from lcpjax.trained_model import TrainedModel


def refined_rows(model: TrainedModel, dataset: Dataset, num_steps: int) -> list[dict[str, Any]]:
    """Errors on the test set of the encoder's codes, and of the same after so many steps of ``refine_codes``.

    Columns: steps; mse of the representation, in its units squared; rmsd in sigma, aligned where there is no frame;
    kl_nats to the prior of the posterior with its mean at the code, where its latents have rates of their own.
    """
    ordered = model.representation.order(dataset.test.positions)
    log_variance, rows = model.posterior(ordered).log_variance, []
    for steps in (0, num_steps):
        latent = refine_codes(model, ordered, steps)
        outputs, positions = model.decode_with_coordinates(latent)
        difference = np.asarray(outputs, np.float64) - np.asarray(model.representation.represent(ordered), np.float64)
        deviation = rmsd if model.knows_frame else aligned_rmsd
        row = {"steps": steps, "mse": float(np.mean(difference**2)), "rmsd": over_all(deviation(ordered, positions))}
        if model.has_latent_rates:
            row["kl_nats"] = float(np.sum(kl_of_each_latent(Posterior(latent, log_variance))))
        rows.append({name: float(value) if name != "steps" else value for name, value in row.items()})
    return rows


def refined_metrics(rows: list[dict[str, Any]]) -> dict[str, float]:
    """Errors of the refined codes by names of metrics."""
    names = {
        "mse": "reconstruction/refined_mse_sigma2",
        "rmsd": "reconstruction/refined_rmsd_sigma",
        "kl_nats": "rate/refined_kl_nats",
    }
    return {name: row[column] for row in rows[1:] for column, name in names.items() if column in row}
