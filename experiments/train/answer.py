"""The answer of one model's training."""

import math

from lcpjax.report.answer import Answer, Summary, doubts_first, key_number, number, with_error

_ERROR, _GAP = "reconstruction/mse_test_sigma2", "rate/above_entropy_nats"
_GAP_ERROR = "rate/above_entropy_error_nats"


def answer(summary: Summary) -> Answer:
    """The model's error beside linear PCA, and its density beside the entropy. ± is the test set's standard error."""
    linear, mean = summary["reconstruction/linear_pca_mse_sigma2"], summary["reconstruction/mean_mse_sigma2"]
    sentence = (
        f"test configurations come back with an MSE of {number(summary[_ERROR])} sigma² (linear PCA with as many "
        f"latents {number(linear)}, mean of the training set {number(mean)})"
    )
    if refined := summary.get("reconstruction/refined_mse_sigma2"):
        sentence += f"; with codes refined for the same decoder the MSE is {number(refined)}"
    numbers = key_number(summary, _ERROR, linear, "linear PCA")
    if math.isfinite(gap := summary.get(_GAP, math.nan)):
        shown = with_error(gap, summary.get(_GAP_ERROR, math.nan))
        sentence += f"; the density of the model is {shown} nats above the entropy, below which none can be"
        gaussian = summary.get("rate/one_gaussian_per_gamma_above_entropy_nats", math.nan)
        if math.isfinite(gaussian):
            sentence += f" (one Gaussian per gamma: {number(gaussian)})"
        numbers = key_number(summary, _GAP, 0.0, "a perfect density", error=_GAP_ERROR) + numbers
    above = "rate/above_shannon_nats"
    numbers += key_number(summary, above, 0.0, "the best possible code", error="rate/above_shannon_error_nats")
    return Answer(doubts_first(summary, sentence, "standard error of the test set"), numbers)
