"""Convergence of the models of a run: judged once they are trained, and said wherever they are used."""

import dataclasses
import shutil
from collections.abc import Sequence
from typing import Any

from lcpjax.pipeline.fit_group import TrainingData, fit_group, loss_unit
from lcpjax.pipeline.run import Run
from lcpjax.report import RunFolder
from lcpjax.training import ComparedLengths, ModelSetting, TrainingPlan, TrainState, has_failed, judge_convergence

_NATS = ("nats", "weighed_nats")


def check_convergence(
    run: Run,
    plan: TrainingPlan,
    settings: Sequence[ModelSetting],
    states: Sequence[TrainState],
    data: TrainingData,
    group: str,
) -> None:
    """Judge the models of a group: into the table ``convergence``, and a warning if some have not converged.

    Where the config asks for it, one seed of each setting is trained once more with half of the steps.

    Args:
        states: after the last epoch.
    """
    known = run.folder.info().get("convergence", {})
    if group not in known:
        compared = _compared_lengths(run, plan, settings, states, data, group)
        known[group] = [
            setting._asdict() | _row(run.folder, plan, setting, state, data, group, compared)
            for setting, state in zip(settings, states, strict=True)
        ]
        run.folder.add_info(convergence=known)
    run.folder.save_table("convergence", [{"group": name} | row for name, rows in known.items() for row in rows])
    if run.config.training.half_length_check:
        _warn(run.folder, group, known[group])


def convergence_columns(folder: RunFolder, group: str, setting: ModelSetting) -> dict[str, Any]:
    """Columns ``is_converged`` and ``fall_by_doubling`` of one model's row in a table; see ``Convergence``."""
    rows = folder.info().get("convergence", {}).get(group, [])
    row = next((row for row in rows if setting._asdict().items() <= row.items()), {})
    return {name: row.get(name) for name in ("is_converged", "fall_by_doubling") if name in row}


def _compared_lengths(
    run: Run,
    plan: TrainingPlan,
    settings: Sequence[ModelSetting],
    states: Sequence[TrainState],
    data: TrainingData,
    group: str,
) -> dict[ModelSetting, ComparedLengths]:
    """Both lengths of the first seed of each setting, by the setting with seed 0; those that failed are missing."""
    if not run.config.training.half_length_check or plan.num_epochs < 2:
        return {}
    half = dataclasses.replace(plan, num_epochs=plan.num_epochs // 2)
    first = {_of_all_seeds(setting): index for index, setting in reversed(list(enumerate(settings)))}
    folder = run.folder.path / "half_length" / group
    chosen = [settings[index] for index in first.values()]
    of_half = fit_group(run, half, chosen, data, f"{group}, half length", folder, is_mirrored=False)
    shutil.rmtree(folder.parent, ignore_errors=True)
    return {
        setting: ComparedLengths(float(state.best.loss), float(states[index].best.loss))
        for (setting, index), state in zip(first.items(), of_half, strict=True)
        if not has_failed(state) and not has_failed(states[index])
    }


def _of_all_seeds(setting: ModelSetting) -> ModelSetting:
    return setting._replace(seed=0)


def _row(
    folder: RunFolder,
    plan: TrainingPlan,
    setting: ModelSetting,
    state: TrainState,
    data: TrainingData,
    group: str,
    compared: dict[ModelSetting, ComparedLengths],
) -> dict[str, Any]:
    unit = loss_unit(plan, data)
    records = folder.records({"stage": "training", "group": group, "model": setting.label})
    losses = [record[f"training/validation_loss_{unit}"] for record in records]
    num_steps = plan.num_epochs * plan.steps_per_epoch(len(data.train))
    lengths = compared.get(_of_all_seeds(setting))
    verdict = judge_convergence(losses, lengths, num_steps, in_nats=unit in _NATS, has_failed=has_failed(state))
    return {"num_steps": num_steps, "validation_loss": float(state.best.loss), "unit": unit} | verdict._asdict()


def _warn(folder: RunFolder, group: str, rows: Sequence[dict[str, Any]]) -> None:
    """A warning if some models of a group have not converged, with the worst one's reason."""
    if unconverged := [row for row in rows if not row["is_converged"]]:
        # nan, of what could not be compared, is no fall that is larger than others.
        worst = max(unconverged, key=lambda row: row["fall_by_doubling"] if row["fall_by_doubling"] > 0 else 0.0)
        folder.warn(
            f"{group}: {len(unconverged)} of {len(rows)} models have NOT CONVERGED, and their numbers may be about an "
            f"unfinished training: {worst['reason']} (kl_weight={worst['kl_weight']:g}, "
            f"latent_dim={worst['latent_dim']}); raise training.num_epochs"
        )
