"""What a model is worth, beside what is possible."""

from lcpjax.evaluation.active_units import active_by_kl, active_by_variance, kl_of_each_latent
from lcpjax.evaluation.distance_geometry import rank_two_share, share_of_triangle_violations
from lcpjax.evaluation.energies import (
    EnergyComparison,
    EnergyError,
    compare_energies,
    cut_pair_energies,
    noise_floor,
    pair_energies,
    smallest_distances,
    with_gaussian_error,
)
from lcpjax.evaluation.fluid_density import fluid_log_density
from lcpjax.evaluation.gaussian_codes import (
    Gaussian,
    GaussianCodeError,
    distortion_of_rate,
    fit_gaussian,
    gaussian_of_each_gamma,
    log_density_of_mixture,
    rate_of_distortion,
)
from lcpjax.evaluation.latent_coherence import neighbour_accuracy, silhouette
from lcpjax.evaluation.linear_code import (
    LinearCode,
    LinearCodeError,
    LinearErrors,
    learn_linear_code,
    linear_code_errors,
)
from lcpjax.evaluation.mean_discrepancy import (
    DiscrepancyError,
    median_distance,
    mmd_squared,
    split_half_floor,
)
from lcpjax.evaluation.model_errors import ModelErrors, errors_of_model
from lcpjax.evaluation.model_reconstructions import (
    ModelReconstructions,
    decoded_coordinates,
    reconstructions_of_model,
)
from lcpjax.evaluation.neighbours import distances_to_nearest, share_beyond
from lcpjax.evaluation.rate import excess, nats_above_entropy, ordered_entropy, shannon_lower_bound
from lcpjax.evaluation.reconstruction_error import (
    ReconstructionError,
    aligned_rmsd,
    distance_mse,
    error_per_coordinate,
    over_all,
    rmsd,
)
from lcpjax.evaluation.reference_programs import (
    NumbaProgram,
    ReferenceRun,
    TorchTraining,
    compile_numba_reference,
    compile_reference,
    is_written_for_torch,
    load_torch,
    run_numba_reference,
    run_reference,
    start_torch_training,
    torch_model,
)
from lcpjax.evaluation.structure import (
    HeightProfile,
    PairCorrelation,
    StructureError,
    height_profile,
    pair_correlation,
)

__all__ = [
    "EnergyComparison",
    "EnergyError",
    "ModelReconstructions",
    "compare_energies",
    "cut_pair_energies",
    "noise_floor",
    "pair_energies",
    "reconstructions_of_model",
    "smallest_distances",
    "with_gaussian_error",
    "Gaussian",
    "GaussianCodeError",
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
    "LinearCodeError",
    "LinearErrors",
    "ModelErrors",
    "NumbaProgram",
    "PairCorrelation",
    "ReconstructionError",
    "ReferenceRun",
    "StructureError",
    "TorchTraining",
    "active_by_kl",
    "active_by_variance",
    "aligned_rmsd",
    "compile_numba_reference",
    "compile_reference",
    "decoded_coordinates",
    "distance_mse",
    "distortion_of_rate",
    "error_per_coordinate",
    "errors_of_model",
    "excess",
    "fit_gaussian",
    "fluid_log_density",
    "gaussian_of_each_gamma",
    "height_profile",
    "kl_of_each_latent",
    "learn_linear_code",
    "linear_code_errors",
    "is_written_for_torch",
    "load_torch",
    "log_density_of_mixture",
    "nats_above_entropy",
    "ordered_entropy",
    "over_all",
    "pair_correlation",
    "rank_two_share",
    "rate_of_distortion",
    "rmsd",
    "run_numba_reference",
    "run_reference",
    "shannon_lower_bound",
    "share_of_triangle_violations",
    "start_torch_training",
    "torch_model",
]
