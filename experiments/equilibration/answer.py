"""The answer of equilibration."""

import math

from lcpjax.report.answer import Answer, Summary, key_number, number, of_quantity

_COST, _RHAT = "sampler/moves_per_effective_configuration", "sampler/largest_nested_rhat"


def answer(summary: Summary) -> Answer:
    """Whether the sweeps are enough in each box, and what an independent configuration costs."""
    reached = of_quantity(summary, "sampler/is_equilibrated")
    parts = []
    for box, is_reached in reached.items():
        sweeps = summary.get(f"sampler/sweeps_needed/{box}", math.nan)
        enough = f"{sweeps:g} sweeps are enough" if math.isfinite(sweeps) else "the sweeps are enough"
        not_shown = f"not shown to be in equilibrium (nested R-hat {number(summary[f'{_RHAT}/{box}'])})"
        parts.append(f"L = {box.partition('=')[2]}: {enough if is_reached else not_shown}")
    sentence = "; ".join(parts)
    first = next(iter(reached))
    local, mixed = (summary.get(f"{_COST}/{moves}/{first}", math.nan) for moves in ("local", "mixed"))
    if math.isfinite(local) and math.isfinite(mixed):
        sentence += (
            f"; an independent configuration costs {number(mixed)} moves with mixed moves and {number(local)} with "
            "local ones (the slowest gamma and quantity of the first box)"
        )
    numbers = key_number(summary, f"{_RHAT}/{first}", 1.0, "in equilibrium")
    numbers += key_number(summary, f"{_COST}/mixed/{first}", local, "local moves")
    numbers += key_number(summary, "verification/largest_z", 4.3, "allowed")
    return Answer(f"{sentence[:1].upper()}{sentence[1:]}.", numbers)
