"""The boxes' chains checked against exact distributions, a small version of +experiment=verification."""

from collections.abc import Sequence
from typing import Any

import jax

from lcpjax.pipeline.verification import check_row, verdict_metrics, with_kernel
from lcpjax.report import RunFolder, progress
from lcpjax.sampler.streams import Stream
from lcpjax.sampler.verification import (
    SAMPLERS,
    Check,
    IndependentChains,
    SamplerVariant,
    failures_of,
    full_system_trials,
    num_failures,
    small_system_trials,
)

from .boxes import Box
from .burn_in import BurnInStudy


def check_exact_distributions(
    studies: Sequence[BurnInStudy], run_folder: RunFolder
) -> tuple[list[dict[str, Any]], dict[str, float], list[str]]:
    """A row for each check, the verdict in numbers, and the failures of the sampler, a line for each kind.

    One and two particles, the first box in every sweep order, the others in the first; at the config's temperature.
    Too few sweeps fail checks too: of a box out of equilibrium no failure is reported.
    """
    main, *others = boxes = [study.box for study in studies]
    out_of_equilibrium = [
        box.plan.system for box, study in zip(boxes, studies, strict=True) if not study.verdict.is_equilibrated
    ]
    samplers = with_kernel(SAMPLERS, main.config.sampler.kernel)
    trials = [(main, trial) for trial in _trials(main, samplers, is_main=True)]
    first = dict(list(samplers.items())[:1])
    trials += [(box, trial) for box in others for trial in _trials(box, first, is_main=False)]
    rows: list[dict[str, Any]] = []
    checks: list[Check] = []
    blamed: list[Check] = []
    with run_folder.stage("verification"), progress("checking distributions", len(trials), "trials") as advance:
        for index, (box, trial) in enumerate(trials):
            results = trial.run(jax.random.fold_in(main.key(Stream.EXACT_CHECKS), index))
            checks += results
            blamed += [] if trial.subject.system in out_of_equilibrium else results
            of_box = "" if box is main else f", L = {box.config.system.box_side:g}"
            rows += [row | {"name": row["name"] + of_box} for row in map(check_row, results)]
            advance(1)
    metrics = verdict_metrics(checks) | {"verification/num_failed_checks": num_failures(checks)}
    return rows, metrics, failures_of(blamed)


def _trials(box: Box, samplers: dict[str, SamplerVariant], *, is_main: bool) -> list[IndependentChains]:
    """Independent chains of the system itself; of the main box also with one and two particles."""
    system, settings = box.plan.system, box.config.settings
    num_chains = min(box.config.dataset.chains_per_gamma, settings.verification_chains)
    gammas = sorted(set(box.gammas))
    full = full_system_trials(
        system, gammas, num_chains, box.num_sweeps, samplers, step_size=box.config.sampler.step_size
    )
    small = small_system_trials(system, gammas, num_chains, dict(list(samplers.items())[:1]), ladder=None)
    return [
        trial
        for trial in [*(small if is_main else []), *full]
        if isinstance(trial, IndependentChains)
        and trial.subject.system.temperature == system.temperature
        and trial.subject.system.pair_potential == system.pair_potential
    ]
