"""The sampler held to its exact laws, as the config's system and sizes say."""

from typing import Any

import jax

from lcpjax.build import build_system
from lcpjax.config import Config
from lcpjax.report import RunFolder, progress
from lcpjax.sampler.verification import (
    Check,
    failures_of,
    full_system_trials,
    joint_p_value,
    largest_deviate,
    small_system_trials,
    system_label,
    verify,
)


def verify_sampler(config: Config, run_folder: RunFolder) -> tuple[list[dict[str, Any]], dict[str, float], list[str]]:
    """A row for each check, the verdict in numbers, and what failed, a line each."""
    system, num_chains = build_system(config), config.dataset.chains_per_gamma
    gammas = sorted(set(config.system.gammas))
    trials = [
        *small_system_trials(system, gammas, num_chains),
        *full_system_trials(system, gammas, num_chains, config.sampler.num_sweeps, step_size=config.sampler.step_size),
    ]
    with run_folder.stage("verification"), progress("verifying", len(trials), "trials") as advance:
        checks = verify(jax.random.key(config.sampler.seed), trials, on_trial=advance)
    verdict = {
        "verification/largest_z": largest_deviate(checks),
        "verification/joint_p_value": joint_p_value(checks),
        "verification/num_checks": len(checks),
    }
    return [check_row(check) for check in checks], verdict, failures_of(checks)


def check_row(check: Check) -> dict[str, Any]:
    """A line of tables/verification.csv."""
    return {
        "name": check.name,
        "system": system_label(check),
        "gamma": check.gamma,
        "order": check.subject.order,
        "kind": check.subject.kind,
        "measured": check.measured,
        "exact": check.exact,
        "standard_error": check.standard_error,
        "z": check.z,
        "chains": check.effective_sample_size,
    }
