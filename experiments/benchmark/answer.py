"""The answer of the benchmark."""

import math

from lcpjax.report.answer import Answer, Summary, key_number, number

_MOVES, _RATIO = "sampler/moves_per_second", "sampler/ratio_to_scalar_cpp_moves_per_second"
_EFFECTIVE = "sampler/mixed_effective_configurations_per_second"


def answer(summary: Summary) -> Answer:
    """Moves and effective configurations a second on this machine, beside other programs; medians over rounds."""
    sentence = f"the sampler makes {number(summary[_MOVES] / 1e6)} million particle moves a second here"
    if math.isfinite(ratio := summary.get(_RATIO, math.nan)):
        sentence += f", {number(ratio)} times a scalar C++ program on one core"
    if math.isfinite(effective := summary.get(_EFFECTIVE, math.nan)):
        sentence += f", and {number(effective)} effective configurations with mixed moves"
    if math.isfinite(steps := summary.get("training/steps_per_second", math.nan)):
        sentence += f"; the study's network makes {number(steps)} gradient steps a second"
    numbers = key_number(summary, _MOVES, summary.get("sampler/scalar_cpp_moves_per_second", math.nan), "scalar C++")
    local = summary.get("sampler/local_effective_configurations_per_second", math.nan)
    numbers += key_number(summary, _EFFECTIVE, local, "local moves")
    peak = "training/fraction_of_peak_operations_per_second"
    numbers += key_number(summary, peak, 1.0, "the machine")
    return Answer(f"{sentence[:1].upper()}{sentence[1:]} (medians over rounds).", numbers)
