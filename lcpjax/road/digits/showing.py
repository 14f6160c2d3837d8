"""The figure of both latent planes: of each kind the model with the lowest validation loss."""

from collections.abc import Sequence

import jax
import jax.numpy as jnp

from lcpjax.config import Config
from lcpjax.dataset import Digits
from lcpjax.evaluation import distances_to_nearest
from lcpjax.report import RunFolder
from lcpjax.report.figures import LatentPlane, draw_latent_planes
from lcpjax.road.digits.latents import HELD_OUT, SCALED, STANDARD, decoded, latents_of
from lcpjax.training import ModelSetting, TrainingPlan, TrainState

_NUM_SHOWN = 10


def draw_digits(
    config: Config,
    plan: TrainingPlan,
    settings: Sequence[ModelSetting],
    states: Sequence[TrainState],
    digits: Digits,
    run_folder: RunFolder,
) -> None:
    """Latents of autoencoder and VAE side by side, and prior samples that each decodes, the strange ones framed."""
    planes = []
    for kl_weight in sorted({setting.kl_weight for setting in settings}):
        same = [pair for pair in zip(settings, states, strict=True) if pair[0].kl_weight == kl_weight]
        setting, state = min(same, key=lambda pair: float(pair[1].best.loss))
        latents = latents_of(plan, setting, state, digits, config.evaluation.digits.num_prior_samples)
        images = {name: decoded(plan, state, latents.sources[name][:_NUM_SHOWN]) for name in (STANDARD, SCALED)}
        usual = distances_to_nearest(decoded(plan, state, latents.sources[HELD_OUT]), digits.train.images)
        limit = jnp.quantile(usual, 0.95)
        strange = {name: distances_to_nearest(shown, digits.train.images) > limit for name, shown in images.items()}
        kind = "VAE" if kl_weight else "autoencoder"
        about = rf"{kind}, $\lambda$ = {kl_weight:g}"
        planes.append(LatentPlane(about, *jax.device_get((latents.train, digits.train.labels, images, strange))))
    run_folder.save_figure("digits", *draw_latent_planes(planes))
