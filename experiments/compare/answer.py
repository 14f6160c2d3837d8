"""The answer of a comparison."""

from lcpjax.report.answer import Answer, Summary, number
from lcpjax.report.quantities import quantity_of_metric


def answer(summary: Summary) -> Answer:
    """Between what the first metric of the figure lies."""
    runs, unconverged = summary["compare/num_runs"], summary["compare/num_unconverged_models"]
    metric = next(name.removeprefix("compare/least/") for name in summary if name.startswith("compare/least/"))
    low, high = (summary[f"compare/{end}/{metric}"] for end in ("least", "largest"))
    quantity = quantity_of_metric(metric)
    sentence = (
        f"in {runs:g} runs {quantity.label} lies between {number(low)} and {number(high)} {quantity.unit}".rstrip()
    )
    doubt = f"not converged ({unconverged:g} models): " if unconverged else ""
    text = f"{doubt}{sentence}"
    return Answer(f"{text[:1].upper()}{text[1:]}.")
