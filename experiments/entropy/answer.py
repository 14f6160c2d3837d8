"""The answer of the fluid's entropy."""

from lcpjax.report.answer import Answer, Summary, key_number, number, with_error

_ORDERED, _ERROR = "entropy/ordered_mixture_nats", "entropy/mixture_standard_error_nats"
_ROUTE, _INFORMATION = "entropy/largest_route_z", "entropy/information_about_gamma_nats"


def answer(summary: Summary) -> Answer:
    """The least mean -ln p that any density of the fluid can have. ± is the standard error."""
    error = summary[_ERROR]
    information = with_error(summary[_INFORMATION], summary["entropy/information_about_gamma_standard_error_nats"])
    sentence = (
        f"No density of ordered coordinates has a mean -ln p below {with_error(summary[_ORDERED], error)} nats, nor "
        f"one of unordered ones below {with_error(summary['entropy/mixture_nats'], error)}; a configuration holds "
        f"{information} nats about gamma (± standard error)"
    )
    if _ROUTE in summary:
        sentence += f"; other routes to ln Z differ by at most {number(summary[_ROUTE])} standard errors"
    numbers = key_number(summary, _ORDERED, error=_ERROR)
    numbers += key_number(summary, _INFORMATION, error="entropy/information_about_gamma_standard_error_nats")
    numbers += key_number(summary, _ROUTE, 4.3, "allowed")
    return Answer(f"{sentence}.", numbers)
