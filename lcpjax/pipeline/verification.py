"""The sampler checked against exact distributions, with the config's system and sizes."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from lcpjax.build import build_sampling_plan, build_system
from lcpjax.pipeline.run import Run
from lcpjax.report import print_estimate, progress
from lcpjax.runtime.jax_settings import key_of_seed
from lcpjax.sampler.verification import (
    LADDER,
    NONLOCAL,
    SAMPLERS,
    Check,
    SamplerVariant,
    detectable_errors,
    failures_of,
    full_system_trials,
    has_reference_means,
    joint_p_value,
    largest_deviate,
    skipped_law,
    small_system_trials,
    system_label,
    verify,
)

_GATE_CHAINS, _DEFAULT_CHAINS = 512, 4000
"""Of each gamma: what the tests take, and `make verify`."""


class Verification(NamedTuple):
    """Outcome of all checks."""

    rows: list[dict[str, Any]]
    """A row for each check."""
    detectable: list[dict[str, Any]]
    """The smallest errors that each law finds."""
    metrics: dict[str, float]
    """The verdict by the names of metrics."""
    failures: list[str]
    """A line for each."""


def verify_sampler(run: Run) -> Verification:
    """The config's sampler against every exact law, with the errors that each law would find."""
    system, num_chains = build_system(run.config), run.config.dataset.chains_per_gamma
    gammas = sorted(set(run.config.system.gammas))
    sampler = run.config.sampler
    samplers, small = (with_kernel(each, sampler.kernel) for each in (SAMPLERS, SAMPLERS | NONLOCAL))
    # The fused kernel makes no ladders.
    ladder = LADDER if sampler.kernel == "portable" else None
    num_sweeps = build_sampling_plan(run.config).num_mixed_sweeps
    full = full_system_trials(system, gammas, num_chains, num_sweeps, samplers, sampler.step_size)
    # One and two particles cost next to nothing.
    partners = sum(trial.num_moves for trial in full) * (system.num_particles - 1)
    print_estimate(run.config.experiment, {"partners": partners})
    trials = [*small_system_trials(system, gammas, num_chains, small, ladder), *full]
    with run.folder.stage("verification"), progress("verifying", len(trials), "trials") as advance:
        checks = verify(key_of_seed(run.config.sampler.seed), trials, on_trial=advance)
    nums_chains = sorted({_GATE_CHAINS, _DEFAULT_CHAINS, num_chains})
    detectable = detectable_errors(checks, nums_chains)
    if not has_reference_means(system, gammas):
        note = "skipped: no reference means of this system at these gammas"
        detectable.append(skipped_law("means against the C++ program", system, note))
    return Verification(
        [check_row(check) for check in checks], detectable, verdict_metrics(checks), failures_of(checks)
    )


def with_kernel(samplers: Mapping[str, SamplerVariant], kernel: str) -> dict[str, SamplerVariant]:
    """The same samplers with this kernel."""
    return {name: variant.with_options(kernel=kernel) for name, variant in samplers.items()}


def verdict_metrics(checks: Sequence[Check]) -> dict[str, float]:
    """The verdict over all checks, by the names of metrics."""
    return {
        "verification/largest_z": largest_deviate(checks),
        "verification/joint_p_value": joint_p_value(checks),
        "verification/num_checks": len(checks),
    }


def check_row(check: Check) -> dict[str, Any]:
    """A line of tables/verification.csv."""
    return {
        "name": check.name,
        "system": system_label(check),
        "gamma": check.gamma,
        "order": check.subject.sampler_name,
        "kind": check.subject.kind,
        "measured": check.measured,
        "exact": check.exact,
        "standard_error": check.standard_error,
        "z": check.z,
        "chains": check.effective_sample_size,
    }
