"""Which configurations are not of the fluid that was learnt, and how well that can be told at all."""

from lcpjax.evaluation.anomalies.detection import Detection, Quality, detect
from lcpjax.evaluation.anomalies.detector import (
    ENERGY,
    SUM_Y,
    AnomalyDetector,
    NormalReference,
    Threshold,
    normal_path,
    physics_scores,
    threshold_of,
)
from lcpjax.evaluation.anomalies.displacement_by_model import DisplacementByModel, displacement_by_model
from lcpjax.evaluation.anomalies.displacement_ratio import Displacement, DisplacementRatio, displacement_ratio
from lcpjax.evaluation.anomalies.likelihood_regret import likelihood_regret
from lcpjax.evaluation.anomalies.novelty_baselines import BASELINES, novelty_baselines
from lcpjax.evaluation.anomalies.other_fluid import log_fluid_ratio, relative_log_partition
from lcpjax.evaluation.anomalies.scores import LatentDistribution, learn_latent_distribution, model_scores
from lcpjax.evaluation.anomalies.unusual_gravity import HeightReading, learn_heights

__all__ = [
    "BASELINES",
    "ENERGY",
    "SUM_Y",
    "AnomalyDetector",
    "Detection",
    "Displacement",
    "DisplacementByModel",
    "DisplacementRatio",
    "HeightReading",
    "LatentDistribution",
    "NormalReference",
    "Quality",
    "Threshold",
    "detect",
    "displacement_by_model",
    "displacement_ratio",
    "learn_heights",
    "learn_latent_distribution",
    "likelihood_regret",
    "log_fluid_ratio",
    "model_scores",
    "normal_path",
    "novelty_baselines",
    "physics_scores",
    "relative_log_partition",
    "threshold_of",
]
