"""What a model is worth, beside what is possible."""

from lcpjax.evaluation.latent_coherence import neighbour_accuracy, silhouette
from lcpjax.evaluation.linear_code import LinearCode, learn_linear_code, linear_code_error
from lcpjax.evaluation.mean_discrepancy import (
    DiscrepancyError,
    median_distance,
    mmd_squared,
    split_half_floor,
)
from lcpjax.evaluation.neighbours import distances_to_nearest, share_beyond
from lcpjax.evaluation.reference_programs import (
    NumbaProgram,
    ReferenceRun,
    compile_numba_reference,
    compile_reference,
    run_numba_reference,
    run_reference,
)
from lcpjax.evaluation.structure import (
    HeightProfile,
    PairCorrelation,
    StructureError,
    height_profile,
    pair_correlation,
)

__all__ = [
    "DiscrepancyError",
    "median_distance",
    "mmd_squared",
    "split_half_floor",
    "distances_to_nearest",
    "share_beyond",
    "neighbour_accuracy",
    "silhouette",
    "HeightProfile",
    "LinearCode",
    "NumbaProgram",
    "PairCorrelation",
    "ReferenceRun",
    "StructureError",
    "compile_numba_reference",
    "compile_reference",
    "height_profile",
    "learn_linear_code",
    "linear_code_error",
    "pair_correlation",
    "run_numba_reference",
    "run_reference",
]
