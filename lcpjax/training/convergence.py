"""Convergence of a training: whether more steps would still lower the validation loss."""

import math
from collections.abc import Sequence
from typing import NamedTuple

LARGEST_RELATIVE_FALL = 0.02
"""From half of the steps to all of them, of the validation loss, where that is a squared error."""
LARGEST_FALL_NATS = 0.1
"""The same where the loss is in nats, which have no zero to be relative to."""
FEWEST_STEPS = 1000
"""Fewer say nothing: both lengths may end on the plateau that a network leaves only later."""
_LAST_EPOCHS = 0.2


class Convergence(NamedTuple):
    """Verdict on one model's training, and what it rests on."""

    is_converged: bool
    reason: str
    fall_by_doubling: float
    """By how much the lowest validation loss of a training of half the steps, under a schedule of its own, is higher:
    a fraction of that of all steps, or in nats; nan where no such training was made."""
    fall_in_last_fifth: float
    """Fall of the validation loss over the last fifth of the epochs, where the schedule ends; the same unit."""


class ComparedLengths(NamedTuple):
    """Lowest validation losses of two trainings of one model."""

    half: float
    """With half of the steps."""
    whole: float


def judge_convergence(
    losses: Sequence[float],
    compared: ComparedLengths | None,
    num_steps: int,
    *,
    in_nats: bool,
    has_failed: bool = False,
) -> Convergence:
    """Verdict on a training.

    A curve that flattens shows little: it flattens wherever the learning rate's schedule ends. So the loss is
    compared with that of a training of half as many steps. A plateau that both reach, and that many more steps
    would leave, is not seen.

    Args:
        losses: validation loss after each epoch.
        compared: the same seed's trainings of both lengths; None if there was none of half the length. Seeds differ,
            so that another seed's would say nothing; but what it says is said of all seeds.
        num_steps: gradient steps of the training.
        in_nats: whether they are in nats; else squared errors.
        has_failed: whether the training was ended by a loss that is not finite.

    >>> judge_convergence([3.0, 2.0, 1.6, 1.5, 1.5], ComparedLengths(1.8, 1.5), 5000, in_nats=False).reason
    'half of its 5000 steps end 20 % higher, more than 2 %'
    >>> judge_convergence([3.0, 1.5, 1.5], ComparedLengths(5.4, 1.5), 5000, in_nats=False).reason
    'half of its 5000 steps end 260 % higher, more than 2 %'
    """

    def fall(before: float, after: float) -> float:
        return before - after if in_nats else (before - after) / abs(after)

    def amount(fall: float) -> str:
        value, unit = (fall, "nats") if in_nats else (100.0 * fall, "%")
        return f"{value:.0f} {unit}" if value >= 99.5 else f"{value:.2g} {unit}"

    lowest = min((loss for loss in losses if math.isfinite(loss)), default=math.nan)
    first_of_last = len(losses) - max(round(_LAST_EPOCHS * len(losses)), 1) - 1
    in_last = fall(losses[first_of_last], lowest) if first_of_last >= 0 else math.nan
    by_doubling = math.nan if compared is None else fall(*compared)
    limit = LARGEST_FALL_NATS if in_nats else LARGEST_RELATIVE_FALL
    is_converged = by_doubling <= limit and num_steps >= FEWEST_STEPS and not has_failed
    if has_failed:
        reason = "its loss or gradient was not finite"
    elif math.isnan(by_doubling):
        reason = "no training of half its length to compare with"
    elif by_doubling <= limit and num_steps < FEWEST_STEPS:
        reason = f"its {num_steps} steps are too few to tell, fewer than {FEWEST_STEPS}"
    else:
        size = f"{amount(max(by_doubling, 0.0))} higher, {'at most' if is_converged else 'more than'} {amount(limit)}"
        reason = f"half of its {num_steps} steps end {size}"
    return Convergence(is_converged, reason, by_doubling, in_last)
