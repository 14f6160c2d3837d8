"""What a dashboard shows: sections of metrics and figures, by the names that runs give them."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from lcpjax.errors import InputError
from lcpjax.report.quantities import title_of_stage
from lcpjax.runtime.files import read_json


class Section(NamedTuple):
    """A heading, a sentence, and what is shown below; metrics in one tuple share a panel."""

    title: str
    about: str = ""
    curves: tuple[tuple[str, ...], ...] = ()
    """Metrics over the epochs of training."""
    patterns: tuple[str, ...] = ()
    """Metrics over the epochs of each model of a sweep, by the name that their names begin with."""
    planes: tuple[tuple[str, str], ...] = ()
    """A point for each finished run: on the x axis a metric or a key of the config, on the y axis a metric."""
    bars: tuple[tuple[str, ...], ...] = ()
    """A bar for each finished run."""
    figures: tuple[str, ...] = ()


_PANELS = ("curves", "patterns", "planes", "bars", "figures")

SECTIONS = (
    Section(
        "Sampling",
        "How the chains moved, and whether they forgot their starts: then the largest nested R-hat is near 1, and the "
        "drift a few standard errors at most.",
        bars=(
            ("sampler/is_equilibrated",),
            ("sampler/largest_nested_rhat",),
            ("sampler/largest_drift_standard_errors",),
            ("sampler/acceptance",),
            ("sampler/step_size_sigma",),
            ("sampler/nonlocal_fraction",),
            ("sampler/mean_height_sigma",),
            ("sampler/moves_per_second",),
        ),
        figures=("configurations", "verification"),
    ),
    Section(
        "Training",
        "Error and KL over the epochs, and how many models have not converged: their other numbers are upper ends.",
        curves=(
            ("training/mse_sigma2", "training/validation_mse_sigma2"),
            ("training/kl_nats", "training/validation_kl_nats"),
            ("training/loss_sigma2", "training/validation_loss_sigma2"),
            ("training/loss_nats", "training/validation_loss_nats"),
            ("training/epoch_wall_seconds",),
        ),
        patterns=("training/validation_mse_sigma2", "training/validation_kl_nats"),
        bars=(
            ("training/best_epoch",),
            ("training/num_models", "training/num_unconverged_models", "training/num_failed_models"),
        ),
        figures=("learning_curves",),
    ),
    Section(
        "Reconstruction",
        "How far decoded configurations are from the true ones, beside linear PCA with as many components.",
        planes=(
            ("training.kl_weight", "reconstruction/rmsd_of_sample_sigma"),
            ("model.latent_dim", "reconstruction/rmsd_of_mean_sigma"),
        ),
        bars=(
            ("reconstruction/rmsd_of_mean_sigma", "reconstruction/rmsd_of_sample_sigma"),
            ("reconstruction/distance_mse_sigma2",),
            ("reconstruction/mse_test_sigma2", "reconstruction/linear_pca_mse_sigma2"),
            ("reconstruction/triangle_violations_fraction",),
            ("reconstruction/rank_two_fraction",),
        ),
        figures=("reconstructions", "lambda_curve", "latent_dim_curve"),
    ),
    Section(
        "Rate and density",
        "How many nats the latents take, above Shannon's bound of the fluid's entropy, and how far the model's density "
        "is above that entropy: 0 is a perfect model.",
        planes=(
            ("rate/kl_nats", "reconstruction/rmsd_of_sample_sigma"),
            ("training.kl_weight", "rate/above_shannon_nats"),
        ),
        bars=(
            ("rate/kl_nats",),
            ("rate/num_active_latents",),
            ("rate/above_shannon_nats",),
            ("rate/above_entropy_nats", "rate/prior_above_entropy_nats"),
            ("rate/one_gaussian_above_entropy_nats", "rate/one_gaussian_per_gamma_above_entropy_nats"),
            ("rate/log_partition_function_error_nats",),
        ),
        figures=("rate_distortion",),
    ),
    Section(
        "Verification",
        "The sampler against exact laws.",
        bars=(("verification/largest_z",), ("verification/joint_p_value",), ("verification/num_checks",)),
    ),
)
"""What every dashboard shows."""


def sections_of_run(folder: Path) -> list[Section]:
    """Further sections, for what one finished run has and SECTIONS do not show: a bar panel for each quantity.

    Raises:
        InputError: no finished run there.
    """
    summary = read_json(folder / "summary.json")
    if summary is None:
        raise InputError(f"{folder}: no finished run there, it has no summary.json")
    shown = {name for section in SECTIONS for panel in section.bars for name in panel}
    further = _by_stage(name for name in summary if name not in shown)
    figures = sorted(path.stem for path in (folder / "figures").glob("*.png"))
    further |= {"Figures": Section("Figures", figures=tuple(figures))} if figures else {}
    return list(further.values())


def joined(sections: Sequence[Section]) -> list[Section]:
    """Sections of one title as one, in the place of the first; a panel that is there already is left out."""
    by_title: dict[str, Section] = {}
    for section in sections:
        before = by_title.get(section.title, Section(section.title, section.about))
        panels: dict[str, Any] = {
            name: tuple(dict.fromkeys(getattr(before, name) + getattr(section, name))) for name in _PANELS
        }
        by_title[section.title] = before._replace(**panels)
    return list(by_title.values())


def _by_stage(names: Iterable[str]) -> dict[str, Section]:
    """A section for each stage; what a quantity is of, after the second slash, shares its panel."""
    panels: dict[str, dict[str, list[str]]] = {}
    for name in names:
        quantity = "/".join(name.split("/")[:2])
        panels.setdefault(title_of_stage(name), {}).setdefault(quantity, []).append(name)
    return {title: Section(title, bars=tuple(map(tuple, of_stage.values()))) for title, of_stage in panels.items()}
