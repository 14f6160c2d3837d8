"""What trained models are worth on the test part, beside the linear row."""

import statistics
from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp

from lcpjax.config import Config
from lcpjax.dataset import Dataset
from lcpjax.evaluation import learn_linear_code, linear_code_error
from lcpjax.model import decode, encode
from lcpjax.report import RunFolder
from lcpjax.report.figures import draw_reconstructions
from lcpjax.training import ModelSetting, TrainingPlan, TrainState, evaluate, has_failed, with_latents


def measured_rows(
    plan: TrainingPlan, settings: Sequence[ModelSetting], states: Sequence[TrainState], dataset: Dataset
) -> list[dict[str, Any]]:
    """A row for each model: its setting, MSE (from the latent mean) and KL on the test part; nan where it failed."""
    ordered, rows = plan.representation.order(dataset.test.positions), []
    for setting, state in zip(settings, states, strict=True):
        own = with_latents(plan, setting.latent_dim)
        terms = evaluate(own, state.best.variables, jnp.float32(setting.kl_weight), ordered)
        mse, kl_nats = (float("nan") if has_failed(state) else float(x) for x in (terms.mse, terms.kl_nats))
        rows.append({**setting._asdict(), "mse_test": mse, "kl_nats": kl_nats})
    return rows


def linear_rows(plan: TrainingPlan, dataset: Dataset, latent_dims: Sequence[int]) -> list[dict[str, Any]]:
    """The linear-PCA row for each number of components, on the data the models saw; 0 components: the mean."""
    representation = plan.representation
    code = learn_linear_code(representation, dataset.train.positions)
    rows = []
    for dims in (0, *latent_dims):
        error = linear_code_error(code, representation, dataset.test.positions, dims)
        about = {"representation": representation.name, "ordering": representation.ordering}
        rows.append({**about, "latent_dim": dims, "mse": float(error)})
    return rows


def draw_examples(
    config: Config, plan: TrainingPlan, state: TrainState, dataset: Dataset, run_folder: RunFolder
) -> None:
    """The figure of some test matrices, their reconstructions from the latent mean, and the residuals."""
    # Consecutive chains differ in gamma, so the first of each of the first ones show different gammas.
    shown = slice(0, config.report.num_examples * config.sampler.samples_per_chain, config.sampler.samples_per_chain)
    samples = plan.representation.of(dataset.test.positions[shown])
    outputs = decode(plan.model, state.best.variables, encode(plan.model, state.best.variables, samples).mean)
    distances = (plan.representation.distances(each) for each in (samples, outputs))
    examples = jax.device_get((*distances, dataset.test.gamma[shown]))
    run_folder.save_figure("reconstructions", *draw_reconstructions(*examples))


def summary_of_stages(run_folder: RunFolder) -> dict[str, float]:
    """The sampler's and the training's own figures, from metrics.jsonl, so that a resumed run has them too."""
    (sampled,) = run_folder.records({"stage": "sampler"})
    trained = run_folder.records({"stage": "training"})
    walls = {record["epoch"]: record["training/epoch_wall_seconds"] for record in trained}
    return {
        **{name: value for name, value in sampled.items() if "/" in name},
        "training/epoch_wall_seconds": statistics.median(walls.values()),
    }
