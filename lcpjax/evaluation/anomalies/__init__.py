"""Anomalies: scores, detectors, and exact likelihood ratios."""

from .detection import Detection as Detection
from .detection import Quality as Quality
from .detection import detect as detect
from .detector import ENERGY as ENERGY
from .detector import SUM_Y as SUM_Y
from .detector import AnomalyDetector as AnomalyDetector
from .detector import NormalReference as NormalReference
from .detector import Threshold as Threshold
from .detector import normal_path as normal_path
from .detector import physics_scores as physics_scores
from .detector import threshold_of as threshold_of
from .displacement_ratio import Displacement as Displacement
from .displacement_ratio import DisplacementRatio as DisplacementRatio
from .displacement_ratio import displacement_ratio as displacement_ratio
from .likelihood_regret import likelihood_regret as likelihood_regret
from .other_fluid import log_fluid_ratio as log_fluid_ratio
from .other_fluid import relative_log_partition as relative_log_partition
from .scores import LatentDistribution as LatentDistribution
from .scores import learn_latent_distribution as learn_latent_distribution
from .scores import model_scores as model_scores
from .unusual_gravity import HeightReading as HeightReading
from .unusual_gravity import learn_heights as learn_heights
