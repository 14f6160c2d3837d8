"""What stands for missing distances: baselines, networks, densities, and the exact posterior."""

from lcpjax.evaluation.imputation.exact_posterior import ExactPosterior, exact_posterior
from lcpjax.evaluation.imputation.intervals import SHARE, ImputationQuality, energies_of_distances, quality_of, widening
from lcpjax.evaluation.imputation.lost_particle import LogDensity, LostParticle, place_lost_particle
from lcpjax.evaluation.imputation.mean_fill import mean_filled
from lcpjax.evaluation.imputation.networks import Imputations, importance_imputations, passed_through, pseudo_gibbs
from lcpjax.evaluation.imputation.rigid_moves import PiecesError, RigidMoves, rigid_moves

__all__ = [
    "SHARE",
    "ExactPosterior",
    "ImputationQuality",
    "Imputations",
    "LogDensity",
    "LostParticle",
    "PiecesError",
    "RigidMoves",
    "energies_of_distances",
    "exact_posterior",
    "importance_imputations",
    "mean_filled",
    "passed_through",
    "place_lost_particle",
    "pseudo_gibbs",
    "quality_of",
    "rigid_moves",
    "widening",
]
