"""Joint verdict of many checks."""

import itertools
import math
from collections.abc import Sequence

from scipy.special import chdtrc

from lcpjax.sampler.verification.check import SMALLEST_EFFECTIVE_SAMPLE_SIZE, Check
from lcpjax.system import System

SMALLEST_JOINT_P_VALUE = 1e-4


def joint_p_value(checks: Sequence[Check]) -> float:
    """p-value of the deviations if every distribution is exact; never too small, whatever their dependence.

    Checks of one subject share their chains, so only the largest deviate of each
    subject counts, with the p-value that Sidak's inequality bounds for any
    correlation of normal deviates (J. Am. Stat. Assoc. 62, 626 (1967)). Subjects
    share no random number, so Fisher's -2 sum of log p is chi squared with two
    degrees of freedom for each, or smaller.
    """
    by_subject = sorted(checks, key=lambda check: str(check.subject))
    p_values = [
        _sidak([check.z for check in group]) for _, group in itertools.groupby(by_subject, lambda check: check.subject)
    ]
    if min(p_values) == 0.0:
        return 0.0
    return float(chdtrc(2 * len(p_values), -2.0 * sum(map(math.log, p_values))))


def _sidak(deviates: list[float]) -> float:
    """p-value of the largest of some normal deviates, dependent or not; 0 if one is not a number."""
    if not all(map(math.isfinite, deviates)):
        return 0.0
    smallest = math.erfc(max(map(abs, deviates)) / math.sqrt(2.0))
    return -math.expm1(len(deviates) * math.log1p(-smallest)) if smallest < 1.0 else 1.0


def largest_deviate(checks: Sequence[Check]) -> float:
    """Largest absolute z; nan if one is not a number."""
    deviates = [abs(check.z) for check in checks]
    return math.nan if any(map(math.isnan, deviates)) else max(deviates)


def failures_of(checks: Sequence[Check]) -> list[str]:
    """Faults, one line for each kind; empty for a correct sampler."""
    failed = [check for check in checks if check.has_failed]
    few = [check for check in failed if _has_too_few_chains(check)]
    off = [check for check in failed if not _has_too_few_chains(check)]
    lines = []
    if few:
        fewest = min(few, key=lambda check: check.effective_sample_size)
        lines.append(_among(few, "cannot be decided, e.g.") + _complaint(fewest))
    if off:
        lines.append(_among(off, "failed, the farthest off:") + _complaint(max(off, key=_distance)))
    if _fail_together(checks):
        p_value = joint_p_value(checks)
        lines.append(f"all checks together: p = {p_value:.2g}, must be above {SMALLEST_JOINT_P_VALUE:g}")
    return lines


def num_failures(checks: Sequence[Check]) -> int:
    """Number of failed checks, plus one if they fail jointly."""
    return sum(check.has_failed for check in checks) + _fail_together(checks)


def _fail_together(checks: Sequence[Check]) -> bool:
    return not joint_p_value(checks) > SMALLEST_JOINT_P_VALUE


def _has_too_few_chains(check: Check) -> bool:
    return check.effective_sample_size < SMALLEST_EFFECTIVE_SAMPLE_SIZE


def _distance(check: Check) -> float:
    """Absolute z; infinite if not a number."""
    return math.inf if math.isnan(check.z) else abs(check.z)


def _among(failed: Sequence[Check], how: str) -> str:
    return f"{len(failed)} checks {how} " if len(failed) > 1 else ""


def _complaint(check: Check) -> str:
    chains = f"{system_label(check)}; {check.subject.sampler_name}, {check.subject.kind}"
    what = f"{check.name} at gamma {check.gamma} ({chains})"
    if _has_too_few_chains(check):
        few = f"{check.effective_sample_size} independent chains"
        return f"{what}: {few}, at least {SMALLEST_EFFECTIVE_SAMPLE_SIZE} are needed"
    return f"{what}: {check.measured:.6g} against {check.exact:.6g}, {check.z:+.1f} standard errors"


def system_label(check: Check) -> str:
    """System of a check, in words."""
    return words_of_system(check.subject.system)


def words_of_system(system: System) -> str:
    """N, L in sigma, T in epsilon / k_B and the pair potential if there are pairs."""
    pairs = f" {system.pair_potential}" if system.num_particles > 1 else ""
    return f"N={system.num_particles} L={system.box_side:g} T={system.temperature:g}{pairs}"
