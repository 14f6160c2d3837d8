"""The words of names, and what they are called in the field; a name of other words has no label yet."""

PHRASES = {
    "kl_weight": "lambda",
    "latent_dim": "latents",
    "kl_nats": "KL",
    "kl": "KL",
    "mse_test": "test MSE",
    "mse": "MSE",
    "rmsd_of_mean": "RMSD, latent mean",
    "rmsd_of_sample": "RMSD, posterior sample",
    "rmsd": "RMSD",
    "rmse": "RMSE",
    "distance_mse": "distance MSE",
    "linear_pca": "linear PCA:",
    "linear": "linear PCA:",
    "above_entropy": "above the entropy",
    "tighter_above_entropy": "above the entropy, importance-weighted",
    "tighter": "above the entropy, importance-weighted",
    "above_shannon": "rate above Shannon's bound",
    "excess_over_shannon": "rate above Shannon's bound",
    "excess": "rate above Shannon's bound",
    "crps_excess": "CRPS above the exact posterior's",
    "crps_above_exact": "CRPS above the exact posterior's",
    "least_mean_above_shannon": "least rate above Shannon's bound",
    "least_mean_excess_over_shannon": "least rate above Shannon's bound",
    "auroc": "AUROC",
    "chosen_fraction_of_exact_margin": "fraction of the exact margin",
    "gamma_accuracy": "gamma read rightly, fraction",
    "gamma_fraction_of_exact_nats": "information about gamma, fraction of the exact",
    "variance_of_two_axes_fraction": "fraction of variance in two axes",
    "decoded_spread_fraction": "scatter decoded, fraction of the fluid's",
    "zero_smallest_distance": "smallest distance that zero decodes to",
    "zero_to_mean_fraction": "distance of what zero decodes to from the mean, fraction of the scatter",
    "aupr": "average precision",
    "crps": "CRPS",
    "f1": "F1",
    "mmd": "MMD",
    "mmd_squared": "MMD²",
    "nested_rhat": "nested R-hat",
    "rhat": "R-hat",
    "split_rhat": "split R-hat",
    "share": "fraction",
    "num": "number of",
    "is_converged": "converged",
    "is_equilibrated": "in equilibrium",
    "is_ideal": "ideal",
    "z": "deviation in standard errors",
    "largest_z": "largest deviation in standard errors",
    "joint_p_value": "joint p-value",
    "r_squared": "R²",
    "cpp": "C++",
    "fast_cpp": "fast C++",
    "b1": "beta1",
    "b2": "beta2",
    "wasserstein": "Wasserstein distance",
    "kolmogorov_smirnov": "Kolmogorov-Smirnov distance",
    "law": "distribution",
    "strange": "anomalous",
    "laid_on_truth": "aligned to the truth",
    "aligned_to_truth": "aligned to the truth",
    "above_energy": "above the plain energy",
    "is_fixed": "the one score of the question",
    "is_identity": "identity",
    "rms": "root-mean-square",
    "sum_y": "sum of heights",
    "sd": "sd",
    "wall_time": "wall time",
    "wall": "wall time",
    "elbo": "ELBO",
    "rank_two": "rank-two",
    "adjusted_rand_index": "adjusted Rand index",
    "false_positive_rate_at_95": "false-positive rate at 95 % found",
    "false_positive_rate": "false-positive rate",
    "one_gaussian_per_gamma": "one Gaussian per gamma:",
    "one_gaussian_a_gamma": "one Gaussian per gamma:",
    "one_gaussian": "one Gaussian:",
    "gaussian_wasserstein": "Wasserstein distance of a Gaussian error of this size",
    "gaussian_energy_rise": "energy rise by a Gaussian error of this size",
    "gaussian_fraction": "energy rise relative to a Gaussian error of this size",
    "gaussian_share": "energy rise relative to a Gaussian error of this size",
    "draws_wasserstein": "Wasserstein distance of other posterior samples",
    "cut_wasserstein": "Wasserstein distance, cut potential",
    "cut_median": "median energy, cut potential",
    "cut_kolmogorov_smirnov": "Kolmogorov-Smirnov distance, cut potential",
    "floor_wasserstein": "Wasserstein distance, noise floor",
    "floor_kolmogorov_smirnov": "Kolmogorov-Smirnov distance, noise floor",
    "fluid_median": "median energy of the fluid",
    "mmd_floor": "MMD², noise floor",
    "mmd_squared_number": "MMD²",
    "silhouette_number": "silhouette",
    "coverage_of_90": "coverage of 90 % intervals",
    "orientation_within_10_degrees": "angle right within 10 degrees,",
    "explained_by": "explained by",
    "argon": "argon's",
    "argon_gamma": "gamma of argon",
    "fit": "fitted",
    "floor": "Wasserstein distance, noise floor",
    "close": "pairs closer than 0.9 sigma,",
    "orbit_mean": "mean over all poses:",
    "fraction_of_2": "fraction of variance in two axes",
    "share_of_2": "fraction of variance in two axes",
    "fraction_of_3": "fraction of variance in three axes",
    "share_of_3": "fraction of variance in three axes",
    "isotropic_2": "the same of isotropic latents, two axes",
    "isotropic_3": "the same of isotropic latents, three axes",
    "isotropic_sample_2": "the same of an isotropic sample, two axes",
    "agreement_2": "adjusted Rand index, two axes",
    "silhouette_2": "silhouette, two axes",
    "agreement": "adjusted Rand index",
    "fraction_of_nats": "fraction of the exact information",
    "share_of_nats": "fraction of the exact information",
    "to_mean": "distance to the mean, of the spread",
    "to_nearest": "distance to the nearest configuration, relative",
    "information_about_gamma": "information about gamma",
    "largest_drift": "largest drift",
    "kl_nats_and_relevance": "shared by KL and relevance",
    "kl_nats_and_variance": "shared by KL and variance",
    "variance_and_relevance": "shared by variance and relevance",
    "gsd": "GSD",
    "extxyz": "extended XYZ",
    "lammps": "LAMMPS dump",
}
"""What words, or several in a row, are replaced by; the longest are tried first."""

_FIELD = """
continued fitted from identity normal observed plain prior question raw scored slower truth verdict
2 256 a acceleration acceptance accuracy active aligned and angle anomalous assigned asymmetry at average
axes base batch before below best bound box broken burn by bytes case cell cells centre chain chains chance
change chapters check checks chosen clipped components configuration configurations converge cores correlation
coverage data decoded density depth deviation device diameter difference disagreement displaced displacement
distance diversity doubling down draws effective end energy entropy epoch equilibrium exact factors failed
fall far features fifth first five fluid found fraction frame frames function gain gamma generated globally
group guess gyration height heights highest ideal image images in input interval isotropic judged kernel
kind largest last latent latents leak learned learning least less local log long loop loss lowest magnitude
margin masks mass mean measured median memory method minimum mirror missed missing mixed mixture model
models most move moves name nats needed negative neighbour network new nodes nonlocal note novelty numba
number observable of one operations optimizer oracle order ordered ordering orientation output outside over
overlap pair part particle particles partition passes path peak per precision profile program quadrature
quantity radius rank ranking rate ratio reason relevance representation restarts reweighted rigid rise round
route rows rungs runs sample samples sampling saved scalar scale schedule score second seconds seed seeds seen
set shared sharing shortens side silhouette size smallest solved source spread standard start step steps
strategy strength stress study sum sweep sweeping sweeps system temperature tempered tempering test the
thinning threshold to training triangle triangles true turned two typical unconverged unit upside validation
variance variant violations vmap warmup way weight well what width with worst x zero
"""
WORDS = frozenset(_FIELD.split())
"""Words that are already those of the field."""
