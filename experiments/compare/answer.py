"""The answer of a comparison."""

from lcpjax.report.answer import Answer, Summary, doubts_first, key_number, number, of_quantity
from lcpjax.report.quantities import quantity_of_metric

_COUNTS = ("compare/", "training/", "sampler/")


def answer(summary: Summary) -> Answer:
    """Which runs have the least and the most of the first metric of the figure."""
    first = next(name for name in summary if not name.startswith(_COUNTS))
    metric = first[: first.rindex("/")]
    by_run, quantity = of_quantity(summary, metric), quantity_of_metric(metric)
    least, most = (end(by_run, key=by_run.__getitem__) for end in (min, max))
    sentence = (
        f"of {summary['compare/num_runs']:g} runs, {least} has the least {quantity.label}, "
        f"{number(by_run[least])} {quantity.unit}".rstrip()
        + f"; {most} has the most, {number(by_run[most])} {quantity.unit}".rstrip()
    )
    numbers = [each for run in (least, most) for each in key_number(summary, f"{metric}/{run}")]
    return Answer(doubts_first(summary, sentence), tuple(numbers))
