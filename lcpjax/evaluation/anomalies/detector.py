"""A trained model as a detector of anomalies: fit to normal data, score, predict."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import jax
import numpy as np
from jaxtyping import Array, Bool, Float, Float64
from scipy import stats

from lcpjax.array_arguments import takes_arrays
from lcpjax.array_types import Configurations2D
from lcpjax.dataset.perturbed_sets import Displacement
from lcpjax.errors import InputError, did_you_mean
from lcpjax.evaluation.anomalies.extremes import far_outside, most_anomalous_where_undefined
from lcpjax.evaluation.anomalies.likelihood_regret import likelihood_regret
from lcpjax.evaluation.anomalies.scores import LatentDistribution, learn_latent_distribution, model_scores
from lcpjax.evaluation.anomalies.suspects import score_of_suspect
from lcpjax.evaluation.anomalies.unusual_gravity import HeightReading, learn_heights
from lcpjax.evaluation.reconstruction.energies import pair_energies
from lcpjax.runtime.files import read_arrays, write_arrays
from lcpjax.runtime.jax_settings import entry_point, key_of_seed
from lcpjax.sampler.streams import Seed
from lcpjax.system import System
from lcpjax.system.positions_in_box import refuse_what_is_no_position
from lcpjax.trained_model import TrainedModel
from lcpjax.training import ModelSetting

LATENT_DISTANCE, LATENT_HEIGHT, REGRET = "latent_mahalanobis", "latent_height", "likelihood_regret"
ENERGY, SUM_Y = "energy", "sum_y"

HeldOut = Float[Array, "held_out particles 2"]
PerConfigurationScore = Float64[np.ndarray, " configurations"]


class Threshold(NamedTuple):
    """Above which a configuration counts as an anomaly."""

    value: float
    low: float
    """Of its interval of 95 %: from the ranks of a quantile of so many scores, whatever their distribution."""
    high: float


class NormalReference(NamedTuple):
    """Codes and scores of normal configurations."""

    distribution: LatentDistribution
    heights: HeightReading
    held_out: dict[str, Float64[np.ndarray, " held_out"]]
    """Scores, rising, of held-out configurations."""
    num_samples: int
    """Of the posterior, in these scores; other scores compare only with as many."""
    regret_steps: int

    def save(self, path: Path) -> None:
        """Write it as a .npz, with plain arrays."""
        # The prefix is that of earlier versions, whose folders are still read.
        arrays = {f"law_{name}": value for name, value in self.distribution._asdict().items()}
        arrays |= {f"heights_{name}": np.asarray(value) for name, value in self.heights._asdict().items()}
        arrays |= {f"held_out_{name}": value for name, value in self.held_out.items()}
        arrays |= {"num_samples": np.asarray(self.num_samples), "regret_steps": np.asarray(self.regret_steps)}
        write_arrays(path, arrays)

    @classmethod
    def load(cls, path: Path) -> "NormalReference":
        """Read what ``save`` wrote.

        Raises:
            InputError: a file that cannot be read, or is no reference.
        """
        held = read_arrays(path)
        try:
            return cls._of_arrays({name: np.asarray(each, np.float64) for name, each in held.items()})
        except (KeyError, TypeError, ValueError) as error:
            raise InputError(f"{path}: no reference of normal data ({error} is missing or of another shape)") from None

    @classmethod
    def _of_arrays(cls, arrays: Mapping[str, np.ndarray]) -> "NormalReference":
        distribution = LatentDistribution(*(arrays[f"law_{name}"] for name in LatentDistribution._fields))
        heights = HeightReading(arrays["heights_weights"], float(arrays["heights_offset"]), arrays["heights_normal"])
        marker = "held_out_"
        held_out = {name[len(marker) :]: each for name, each in arrays.items() if name.startswith(marker)}
        return cls(distribution, heights, held_out, int(arrays["num_samples"]), int(arrays["regret_steps"]))


@dataclass(frozen=True)
class AnomalyDetector:
    """Scores of one model, and thresholds from normal data.

    Args:
        trained: the model; its fluid is that of the scores without a model.
        num_samples: of the posterior, for kl and elbo.
        regret_steps: of the likelihood regret; 0: without.
        reference: of normal data; None: not fit.
    """

    trained: TrainedModel
    num_samples: int = 8
    regret_steps: int = 0
    reference: NormalReference | None = None

    @classmethod
    def of_reference(cls, trained: TrainedModel, reference: NormalReference) -> "AnomalyDetector":
        """Detector that scores as the reference was scored."""
        return cls(trained, reference.num_samples, reference.regret_steps, reference)

    @entry_point
    def score(
        self, positions: Configurations2D, suspect: str | Displacement | None = None
    ) -> dict[str, PerConfigurationScore]:
        """Scores by name, (configurations,), larger for more anomalous ones.

        - reconstruction, kl, elbo: ``model_scores``; likelihood_regret where asked for.
        - energy, sum_y: ``physics_scores``.
        - latent_mahalanobis, latent_height: where fit: squared distance of the code from normal ones, and how far out
          among them its reading of sum y is.
        - displacement_by_model: where some particles are suspected to be displaced, ``score_of_suspect``.

        Never nan: +inf is a score that overflows, and every score of a configuration of which a particle is farther
        outside the box than a whole side.

        Args:
            positions: (configurations, particles, 2), in sigma, in any order.
            suspect: a name in ``SUSPECTS``, or a ``Displacement``: one more score, of that alone; 121 densities of each
                configuration of 30 particles. None: no suspicion.

        Raises:
            InputError: coordinates that are not finite, or a suspect that is unknown or not for this model.
        """
        suspected = {} if suspect is None else score_of_suspect(self.trained, positions, suspect)
        scores, codes = model_scores(self.trained, positions, self._key(0), self.num_samples)
        if self.regret_steps and self.trained.has_latent_rates:
            scores[REGRET] = likelihood_regret(self.trained, positions, self._key(2), self.regret_steps)
        scores |= physics_scores(positions, self.trained.system)
        if self.reference is not None:
            scores[LATENT_DISTANCE] = self.reference.distribution.squared_distance(codes)
            scores[LATENT_HEIGHT] = self.reference.heights.anomaly_score(codes)
        scores |= suspected
        is_far = far_outside(positions, self.trained.system.box_side)
        return {name: np.where(is_far, np.inf, most_anomalous_where_undefined(each)) for name, each in scores.items()}

    @entry_point
    def fit(self, learned: Configurations2D, held_out: HeldOut) -> "AnomalyDetector":
        """This detector with a reference: the distribution of normal codes, and scores of held-out configurations.

        Args:
            learned: normal configurations, those a model was trained on or others.
            held_out: other normal ones, from which thresholds are taken.

        Raises:
            InputError: coordinates that are not finite, or nothing held out.
        """
        for argument, positions in (("learned", learned), ("held_out", held_out)):
            refuse_what_is_no_position(argument, positions)
        if not len(held_out):
            raise InputError("held_out: no configurations; thresholds need at least 1")
        codes = model_scores(self.trained, learned, self._key(1), 0)[1]
        sums = np.asarray(learned[..., 1], np.float64).sum(axis=1)
        distribution, heights = learn_latent_distribution(codes), learn_heights(codes, sums)
        reference = NormalReference(distribution, heights, {}, self.num_samples, self.regret_steps)
        fitted = dataclasses.replace(self, reference=reference)
        usual = {name: np.sort(values) for name, values in fitted.score(held_out).items()}
        return dataclasses.replace(self, reference=reference._replace(held_out=usual))

    def thresholds(self, quantile: float = 0.95) -> dict[str, Threshold]:
        """Threshold of each score: its quantile over held-out normal configurations.

        Raises:
            InputError: not fit, no quantile, or one that is not finite.
        """
        if self.reference is None:
            raise InputError("fit: this model knows no normal data yet; call fit(learned, held_out)")
        if not 0 < quantile < 1:
            raise InputError(f"quantile = {quantile}: must lie between 0 and 1")
        thresholds = {}
        for name, values in self.reference.held_out.items():
            thresholds[name] = threshold_of(values, quantile)
            # Nothing lies above it: no anomaly would ever be found.
            if not np.isfinite(thresholds[name].value):
                raise InputError(
                    f"held_out: {name} of {int((~np.isfinite(values)).sum())} of {len(values)} normal configurations "
                    f"is not finite, so that there is no threshold at quantile = {quantile}"
                )
        return thresholds

    @entry_point
    def predict(
        self, positions: Configurations2D, quantile: float = 0.95, thresholds: Mapping[str, float] | None = None
    ) -> dict[str, Bool[np.ndarray, " configurations"]]:
        """Whether each configuration is anomalous by each score, that is above its threshold.

        Args:
            positions: (configurations, particles, 2), in sigma, in any order.
            quantile: of held-out normal configurations, below their threshold.
            thresholds: by name of score, in place of those.

        Raises:
            InputError: not fit, or a threshold that is no number or of an unknown score.
        """
        limits = {name: each.value for name, each in self.thresholds(quantile).items()}
        for name, value in (thresholds or {}).items():
            if name not in limits:
                raise InputError(f"thresholds = {name}: {did_you_mean(name, limits)}")
            if np.isnan(value):
                raise InputError(f"thresholds = {name}: {value}; must be a number, or inf for none")
            limits[name] = value
        scores = self.score(positions)
        return {name: scores[name] > limits[name] for name in limits}

    def _key(self, purpose: int) -> jax.Array:
        # Always the same, and the same for every configuration: equal ones have equal scores.
        return jax.random.fold_in(key_of_seed(Seed.ANOMALY_DETECTOR), purpose)


@takes_arrays
def physics_scores(positions: Configurations2D, system: System) -> dict[str, PerConfigurationScore]:
    """Scores without any model: the pair energy in epsilon, and minus the sum of heights in sigma."""
    energies = np.asarray(pair_energies(positions, system), np.float64)
    return {ENERGY: energies, SUM_Y: -np.asarray(positions[..., 1], np.float64).sum(axis=1)}


def normal_path(folder: Path, group: str, setting: ModelSetting) -> Path:
    """Path in a run folder of the ``NormalReference`` of one of its models."""
    return folder / "normal" / group / f"{setting.label.replace(', ', '-')}.npz"


@takes_arrays
def threshold_of(scores: Float64[np.ndarray, " held_out"], quantile: float) -> Threshold:
    """The quantile of scores and its interval, from order statistics.

    Raises:
        InputError: no scores, or some that are not numbers; +-inf is allowed.

    >>> threshold_of(np.arange(1001.0), 0.95).value
    950.0
    """
    if not len(scores) or np.isnan(scores).any():
        raise InputError(f"scores: {len(scores)}, of which {int(np.isnan(scores).sum())} are not numbers")
    rising, number = np.sort(scores), len(scores)
    ranks = stats.binom.ppf((0.025, 0.975), number, quantile).astype(int)
    low, high = (float(rising[min(max(rank, 0), number - 1)]) for rank in ranks)
    with np.errstate(invalid="ignore"):
        value = float(np.quantile(rising, quantile))
    # Between two infinities there is nothing to interpolate.
    return Threshold(float(rising[-1]) if np.isnan(value) else value, low, high)
