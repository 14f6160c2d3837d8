"""The answer of sampled configurations."""

from lcpjax.report.answer import Answer, Summary, doubts_first, key_number, number

_RHAT, _DRIFT = "sampler/largest_nested_rhat", "sampler/largest_drift_standard_errors"


def answer(summary: Summary) -> Answer:
    """What the sampled configurations are like, over all gammas."""
    height, energy = summary["sampler/mean_height_sigma"], summary["sampler/energy_epsilon"]
    spread, nearest = summary["sampler/energy_standard_deviation_epsilon"], summary["sampler/minimum_distance_sigma"]
    sentence = (
        f"{summary['sampler/num_configurations']:.0f} configurations, mean height {number(height)} sigma, mean energy "
        f"{number(energy)} epsilon (standard deviation {number(spread)}), nearest pair of all {number(nearest)} sigma"
    )
    numbers = key_number(summary, _RHAT, 1.0, "in equilibrium") + key_number(summary, _DRIFT, 4.3, "allowed")
    return Answer(doubts_first(summary, sentence), numbers + key_number(summary, "sampler/minimum_distance_sigma"))
