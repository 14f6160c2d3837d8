"""The smallest errors of temperature and pair energy that each check finds."""

import math
from collections.abc import Sequence
from typing import Any

from lcpjax.sampler.verification.check import Check
from lcpjax.sampler.verification.verdict import system_label, words_of_system
from lcpjax.system import System

_COLUMNS = "name", "system", "gamma", "chains", "temperature_percent", "pair_energy_percent", "note"


def detectable_errors(checks: Sequence[Check], nums_chains: Sequence[int]) -> list[dict[str, Any]]:
    """A row for each law of each system and each number of chains, from the first sampler that was tried.

    An error is found if it moves the measured value by the limit and 1.645 standard errors: then the check
    fails with 95 % probability. Empty where no error of this kind moves the check visibly.

    Args:
        nums_chains: of each gamma.
    """
    rows: dict[tuple[str, str, str, int], dict[str, Any]] = {}
    for check in checks:
        if check.sensitivity is None:
            continue
        for num_chains in nums_chains:
            errors = (
                100.0 * check.sensitivity.smallest_error(change, num_chains)
                for change in (check.sensitivity.temperature, check.sensitivity.strength)
            )
            key = check.name, system_label(check), check.gamma, num_chains
            words = ("" if math.isnan(percent) else percent for percent in errors)
            rows.setdefault(key, dict(zip(_COLUMNS, (*key, *words, ""), strict=True)))
    return list(rows.values())


def skipped_law(name: str, system: System, note: str) -> dict[str, Any]:
    """A row for a law that was not tried, and why."""
    return dict.fromkeys(_COLUMNS, "") | {"name": name, "system": words_of_system(system), "note": note}
