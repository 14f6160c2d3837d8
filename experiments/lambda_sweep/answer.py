"""The answer of a sweep over lambda."""

from lcpjax.report.answer import Answer, Summary, doubts_first, key_number, number, of_quantity, with_error

_ERROR, _SPREAD = "reconstruction/mse_test_sigma2", "reconstruction/mse_test_sd_sigma2"
_ABOVE, _ABOVE_SPREAD = "rate/least_mean_above_shannon_nats", "rate/least_mean_above_shannon_sd_nats"


def answer(summary: Summary) -> Answer:
    """How the error depends on lambda, beside linear PCA, and how far the best code is from Shannon's bound.

    ± is the standard deviation over seeds.
    """
    errors = of_quantity(summary, _ERROR)
    by_weight = sorted(errors, key=lambda name: float(name.partition("=")[2]))
    shown = {name: with_error(errors[name], summary.get(f"{_SPREAD}/{name}", float("nan"))) for name in by_weight}
    linear, mean = summary["reconstruction/linear_pca_mse_sigma2"], summary["reconstruction/mean_mse_sigma2"]
    low, high = by_weight[0], by_weight[-1]
    found = f"at lambda = {float(low.partition('=')[2]):g} the test MSE is {shown[low]} sigma²"
    if low != high:
        found += f", and at lambda = {float(high.partition('=')[2]):g} it is {shown[high]}"
    sentence = (
        f"{found}; linear PCA with as many latents has {number(linear)}, the mean of the training set {number(mean)}"
    )
    above = of_quantity(summary, _ABOVE)
    if above:
        nearest = min(above, key=above.__getitem__)
        gap = with_error(above[nearest], summary.get(f"{_ABOVE_SPREAD}/{nearest}", float("nan")))
        sentence += f"; the best code ({nearest}) is {gap} nats above Shannon's bound"
    best = min(errors, key=errors.__getitem__)
    numbers = key_number(summary, f"{_ERROR}/{best}", linear, "linear PCA", error=f"{_SPREAD}/{best}")
    if above:
        numbers += key_number(
            summary, f"{_ABOVE}/{nearest}", 0.0, "the best possible code", error=f"{_ABOVE_SPREAD}/{nearest}"
        )
    return Answer(doubts_first(summary, sentence, "standard deviation over seeds"), numbers)
