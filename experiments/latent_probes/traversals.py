"""Traversals of the most relevant latents: around zero, as in the study, and around codes of configurations."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from lcpjax.pipeline.latent_codes import Codes, GroundTruth, relevances
from lcpjax.pipeline.summary import grouped_means

from .decoding import Decoded, decoded

_ZERO_METRICS = {
    "to_mean": "latents/zero_to_mean_fraction",
    "to_nearest": "latents/zero_to_nearest_ratio",
    "smallest_distance": "latents/zero_smallest_distance_sigma",
}

_FEW_METRICS = {
    "spread": "latents/decoded_spread_fraction",
    "pair_energy_wasserstein": "latents/decoded_pair_energy_wasserstein_epsilon",
    "radius_of_gyration_wasserstein": "latents/decoded_radius_of_gyration_wasserstein_sd",
    "mean_height_wasserstein": "latents/decoded_mean_height_wasserstein_sd",
}

_RANKING_METRICS = {
    "kl_nats_and_variance": "latents/num_in_first_five_by_kl_and_variance",
    "kl_nats_and_relevance": "latents/num_in_first_five_by_kl_and_relevance",
    "variance_and_relevance": "latents/num_in_first_five_by_variance_and_relevance",
}

_RANGE_METRICS = {
    "mean_height_range": "latents/path_mean_height_range_sigma",
    "radius_of_gyration_range": "latents/path_radius_of_gyration_range_sigma",
    "smallest_distance_range": "latents/path_smallest_distance_range_sigma",
}


NUM_LATENTS = 5
"""The study's number of most relevant dimensions."""
ZERO = "zero"
_LENGTHS = ("radius_of_gyration", "smallest_distance")

STEPS = np.linspace(-3.0, 3.0, 7)
"""In standard deviations of the latent means."""


class LatentPath(NamedTuple):
    """One latent changed around one centre."""

    centre: str
    """Zero, or gamma of the configuration whose code it is."""
    ranking: str
    """The ranking by which the latent was chosen."""
    latent: int
    rank: int
    """In that ranking, from 0."""
    result: Decoded
    """Of each step."""


RELEVANCE, VARIANCE, KL = "relevance", "variance", "kl_nats"
"""Rankings of latents: contribution to the decoder's output, to first order; variance; KL."""


def most_relevant(codes: Codes, ranking: str = RELEVANCE, number: int = NUM_LATENTS) -> np.ndarray:
    """Indices of the latents that come first in a ranking, the first one first."""
    return np.argsort(-relevances(codes)[ranking], kind="stable")[:number]


def rankings_of(codes: Codes) -> tuple[str, ...]:
    """The rankings of its latents: those without a KL to N(0, I) have none by KL."""
    return (RELEVANCE, VARIANCE, KL) if codes.model.has_latent_rates else (RELEVANCE, VARIANCE)


def relevance_rows(codes: Sequence[Codes]) -> list[dict[str, Any]]:
    """A row for each model: agreement of the rankings of latents.

    Columns: variant, seed; for each two of kl_nats, variance and relevance (the decoder's gain times the variance): how
    many of the first five latents they share. Nan without a KL to N(0, I).
    """
    rows = []
    for each in codes:
        named = {ranking: set(most_relevant(each, ranking).tolist()) for ranking in rankings_of(each)}
        pairs = (KL, VARIANCE), (KL, RELEVANCE), (VARIANCE, RELEVANCE)
        shared = {
            f"{first}_and_{second}": len(named[first] & named[second]) if first in named else float("nan")
            for first, second in pairs
        }
        rows.append(each.model.ids | shared)
    return rows


def paths(ground_truth: GroundTruth, codes: Codes, ranking: str = RELEVANCE) -> list[LatentPath]:
    """Each of the first latents of a ranking changed around zero and around a code of each gamma."""
    centres = {ZERO: np.zeros(codes.latent_dim)}
    for index, gamma in enumerate(ground_truth.gammas):
        centres[f"gamma {gamma:.3g}"] = codes.test[np.flatnonzero(ground_truth.test.gamma_index == index)[0]]
    deviations, relevant, traversed = codes.test.std(axis=0), most_relevant(codes, ranking), []
    for name, centre in centres.items():
        for rank, latent in enumerate(relevant):
            latents = np.repeat(centre[None], STEPS.size, axis=0)
            latents[:, latent] += STEPS * deviations[latent]
            traversed.append(LatentPath(name, ranking, int(latent), rank, decoded(codes.model, latents)))
    return traversed


def traversal_rows(ground_truth: GroundTruth, codes: Sequence[Codes]) -> list[dict[str, Any]]:
    """A row for each step along each path of each model.

    Columns: variant, seed; ranking of the latents; centre: zero, or gamma of the test configuration; rank
    (from 0) and latent; step in standard deviations of the latent's means; pair_energy (clipped at 100 epsilon),
    far_pair_energy (at 1e12), mean_height, radius_of_gyration and smallest_distance in sigma.
    """
    rows = []
    for each in codes:
        for path in [path for ranking in rankings_of(each) for path in paths(ground_truth, each, ranking)]:
            ids = {**each.model.ids, "ranking": path.ranking, "centre": path.centre}
            ids |= {"rank": path.rank, "latent": path.latent}
            columns = path.result.columns.items()
            rows += [
                {**ids, "step": float(step), **{name: float(values[index]) for name, values in columns}}
                for index, step in enumerate(STEPS)
            ]
    return rows


def path_rows(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """A row for each model, ranking and kind of centre: range of observables along single latents.

    Columns: variant, seed, ranking; centre: zero or codes; for each observable the mean over paths of its range along a
    path, in its unit: mean_height_range, radius_of_gyration_range, smallest_distance_range; and
    magnitude_range of sign(U) log10(1 + |U| / epsilon), for energies range over many powers of ten.
    """
    groups: dict[tuple[Any, ...], list[Mapping[str, Any]]] = {}
    for row in rows:
        kind = ZERO if row["centre"] == ZERO else "codes"
        groups.setdefault((row["variant"], row["seed"], row["ranking"], kind), []).append(row)
    summary = []
    for (variant, seed, ranking, kind), own in groups.items():
        columns = {name: [row[name] for row in own] for name in ("mean_height", *_LENGTHS)}
        energies = np.array([row["far_pair_energy"] for row in own])
        columns["magnitude"] = (np.sign(energies) * np.log10(1.0 + np.abs(energies))).tolist()
        ranges = {f"{name}_range": _mean_range(values) for name, values in columns.items()}
        summary.append({"variant": variant, "seed": seed, "ranking": ranking, "centre": kind} | ranges)
    return summary


def _mean_range(values: Sequence[float]) -> float:
    return float(np.mean(np.ptp(np.reshape(values, (-1, STEPS.size)), axis=1)))


def probe_summary(
    zero: Sequence[Mapping[str, Any]],
    few: Sequence[Mapping[str, Any]],
    rankings: Sequence[Mapping[str, Any]],
    ranges: Sequence[Mapping[str, Any]],
) -> dict[str, float]:
    """Means over seeds of what zero, a few latents, and steps along single ones decode to."""
    return {
        **grouped_means(zero, _ZERO_METRICS),
        **grouped_means(few, _FEW_METRICS, ("variant", "source")),
        **grouped_means(rankings, _RANKING_METRICS),
        **grouped_means(ranges, _RANGE_METRICS, ("variant", "ranking", "centre")),
    }
