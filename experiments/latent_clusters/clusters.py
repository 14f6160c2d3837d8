"""Geometry of codes in the latent space: variance along the first axes, and separation of gammas."""

import math
from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from lcpjax.evaluation.latents.active_units import active_by_kl, active_by_variance, kl_of_each_latent
from lcpjax.evaluation.latents.latent_axes import (
    PrincipalAxes,
    decoded_axes,
    decoder_gain,
    principal_axes,
    root_of_gain,
)
from lcpjax.evaluation.latents.latent_coherence import cluster_agreement, silhouette
from lcpjax.pipeline.latent_codes import NUM_GAINS, Codes, GroundTruth
from lcpjax.pipeline.model_zoo import first_of_each
from lcpjax.report import RunFolder
from lcpjax.sampler.streams import Seed

from .figures import LatentCloud, draw_latent_clouds, draw_latent_kl

# Of clusters and distances between classes: more configurations cost much and change little.
_MOST_POINTS = 2000


def cluster_rows(ground_truth: GroundTruth, codes: Sequence[Codes]) -> list[dict[str, Any]]:
    """A row for each model: geometry of the latent means of the test set.

    - variant, seed, kl_weight, latent_dim; kl_nats: mean KL to N(0, I), nan where the prior is learned or absent.
    - active_by_kl: latents with a KL above 0.01 nats; active_by_variance: whose mean varies by more than 0.01.
    - fraction_of_2, fraction_of_3: of the variance of latent means, along the first two and three principal axes;
      isotropic_2, isotropic_3: 2 / d and 3 / d, of an isotropic cloud; isotropic_sample_2: of as many draws from
      N(0, I), which is more.
    - decoded_fraction_of_2: of the variance of the decoder's output, to first order, along the first two axes of it.
    - silhouette_2, agreement_2: of gamma in the first two axes: silhouette (-1 to 1), and the adjusted Rand index of
      as many clusters by k-means (0 by chance); silhouette, agreement: in all latents.
    """
    return [_row(ground_truth, each) for each in codes]


def _row(ground_truth: GroundTruth, codes: Codes) -> dict[str, Any]:
    means, labels = codes.test, ground_truth.test.gamma_index
    axes, decoded = principal_axes(means), _decoded(codes)[1]
    has_rate, posterior, size = codes.model.has_latent_rates, codes.posterior, codes.latent_dim
    isotropic = np.random.default_rng(Seed.EVALUATION).standard_normal(means.shape)
    some = slice(None, _MOST_POINTS)
    first, every = axes.coordinates(means, 2)[some], np.asarray(means)[some]
    return {
        "variant": codes.name,
        **codes.model.setting._asdict(),
        "kl_nats": float(jnp.sum(kl_of_each_latent(posterior))) if has_rate else math.nan,
        "active_by_kl": int(active_by_kl(posterior).sum()) if has_rate else math.nan,
        "active_by_variance": int(active_by_variance(posterior).sum()),
        "fraction_of_2": axes.explained_fraction(2),
        "isotropic_2": min(2 / size, 1.0),
        "isotropic_sample_2": principal_axes(isotropic).explained_fraction(2),
        "fraction_of_3": axes.explained_fraction(3),
        "isotropic_3": min(3 / size, 1.0),
        "decoded_fraction_of_2": decoded.explained_fraction(2),
        "silhouette_2": silhouette(first, labels[some]),
        "agreement_2": cluster_agreement(first, labels[some]),
        "silhouette": silhouette(every, labels[some]),
        "agreement": cluster_agreement(every, labels[some]),
    }


def _decoded(codes: Codes) -> tuple[np.ndarray, PrincipalAxes]:
    """The root of the decoder's gain, and the axes of codes transformed by it."""
    model, means = codes.model, codes.test
    gain = jax.device_get(decoder_gain(model.model, model.variables, jnp.asarray(means[:NUM_GAINS])))
    return root_of_gain(gain), decoded_axes(means, gain)


def draw_clusters(
    ground_truth: GroundTruth, codes: Sequence[Codes], rows: Sequence[dict[str, Any]], run_folder: RunFolder
) -> None:
    """Two figures: latent means along principal axes by each variant's first seed, coloured by gamma; KLs by latent."""
    clouds = [_cloud(each) for each in first_of_each(codes)]
    gamma = ground_truth.gammas[ground_truth.test.gamma_index][:_MOST_POINTS]
    run_folder.save_figure(
        "latent_clusters",
        *draw_latent_clouds(clouds, gamma),
        caption=(
            "Codes of the test set along their principal axes, coloured by gamma, a column for each model. Titles"
            " give the variance in two axes beside 2/d, the part they would hold in a cloud without any "
            "structure."
        ),
    )
    if rows:
        run_folder.save_figure(
            "kl_per_latent",
            *draw_latent_kl(rows),
            caption=(
                "KL divergence of each latent, largest first, a line for each seed. A latent below the dotted line "
                "carries nothing."
            ),
        )


def _cloud(codes: Codes) -> LatentCloud:
    axes, number = principal_axes(codes.test), min(3, codes.latent_dim)
    root, decoded = _decoded(codes)
    return LatentCloud(
        codes.name,
        axes.coordinates(codes.test, number)[:_MOST_POINTS],
        axes.variances[:number] / axes.variances.sum(),
        decoded.coordinates(codes.test @ root, 2)[:_MOST_POINTS],
        decoded.variances[:2] / decoded.variances.sum(),
        codes.latent_dim,
        codes.model.setting.seed,
    )
