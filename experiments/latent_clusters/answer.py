"""The answer of what codes know of gamma."""

from lcpjax.report.answer import Answer, Summary, doubts_first, key_number, number, of_quantity, percent

_ACCURACY, _EXACT = "latents/gamma_accuracy", "latents/exact_gamma_accuracy"
_AXES, _ISOTROPIC = "latents/variance_of_two_axes_fraction", "latents/isotropic_two_axes_fraction"


def answer(summary: Summary) -> Answer:
    """How often gamma is read from the codes beside the exact posterior, and what two axes hold; means over seeds."""
    accuracy, axes, exact = of_quantity(summary, _ACCURACY), of_quantity(summary, _AXES), summary[_EXACT]
    low, high = min(accuracy.values()), max(accuracy.values())
    first = next(iter(axes))
    isotropic = summary[f"{_ISOTROPIC}/{first}"]
    sentence = (
        f"codes give gamma rightly for {percent(low)} to {percent(high)} of the configurations, the exact posterior "
        f"for {percent(exact)}; two axes hold {percent(axes[first])} of the variance of {first.replace('_', ' ')}'s "
        f"codes, of an isotropic cloud {percent(isotropic)} (means over seeds)"
    )
    best = max(accuracy, key=accuracy.__getitem__)
    numbers = key_number(summary, f"{_ACCURACY}/{best}", exact, "exact posterior")
    fraction = "latents/gamma_fraction_of_exact_nats"
    numbers += key_number(summary, f"{fraction}/{best}", 1.0, "all that can be known")
    numbers += key_number(summary, f"{_AXES}/{first}", float(number(isotropic)), "isotropic cloud")
    return Answer(doubts_first(summary, sentence), numbers)
