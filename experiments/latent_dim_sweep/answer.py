"""The answer of a sweep over the number of latents."""

from lcpjax.report.answer import Answer, Summary, doubts_first, key_number, number, of_quantity, with_error

_ERROR, _SPREAD = "reconstruction/mse_test_sigma2", "reconstruction/mse_test_sd_sigma2"
_LINEAR, _ABOVE = "reconstruction/linear_pca_mse_sigma2", "rate/least_mean_above_shannon_nats"


def answer(summary: Summary) -> Answer:
    """How the error depends on the number of latents, beside linear PCA. ± is the standard deviation over seeds."""
    errors = of_quantity(summary, _ERROR)
    by_size = sorted(errors, key=lambda name: int(name.partition("=")[2]))
    parts = []
    for name in dict.fromkeys((by_size[0], by_size[-1])):
        error = with_error(errors[name], summary.get(f"{_SPREAD}/{name}", float("nan")))
        linear = number(summary[f"{_LINEAR}/{name}"])
        parts.append(f"{error} sigma² with {name.partition('=')[2]} latents (linear PCA {linear})")
    mean = number(summary["reconstruction/mean_mse_sigma2"])
    sentence = f"the test MSE is {' and '.join(parts)}, where the mean of the training set has {mean}"
    last = by_size[-1]
    numbers = key_number(
        summary, f"{_ERROR}/{last}", summary[f"{_LINEAR}/{last}"], "linear PCA", error=f"{_SPREAD}/{last}"
    )
    if above := of_quantity(summary, _ABOVE):
        nearest = min(above, key=above.__getitem__)
        spread = f"rate/least_mean_above_shannon_sd_nats/{nearest}"
        gap = with_error(above[nearest], summary.get(spread, float("nan")))
        sentence += f"; the best code ({nearest}) is {gap} nats above Shannon's bound"
        numbers += key_number(summary, f"{_ABOVE}/{nearest}", 0.0, "the best possible code", error=spread)
    return Answer(doubts_first(summary, sentence, "standard deviation over seeds"), numbers)
