"""The answer of anomalies."""

from lcpjax.report.answer import Answer, KeyNumber, Summary, doubts_first, of_quantity, percent

_CHOSEN, _ANY = "anomalies/chosen_fraction_of_exact_margin", "anomalies/fraction_of_exact_margin"
_NEAR = 0.9


def answer(summary: Summary) -> Answer:
    """On which sets a model's score comes near the exact likelihood ratio, beside the plain energy."""
    of_energy = {
        name.removesuffix("/physics/energy"): value
        for name, value in of_quantity(summary, _ANY).items()
        if name.endswith("/physics/energy")
    }
    quantity = _CHOSEN if of_quantity(summary, _CHOSEN) else _ANY
    best = {name: _best(summary, quantity, name) for name in of_energy}
    values = {name: summary[metric] for name, metric in best.items() if metric}
    near = sum(value >= _NEAR for value in values.values())
    above = sum(value > of_energy[name] for name, value in values.items())
    worst = min(values, key=values.__getitem__)
    how = "chosen beforehand" if quantity == _CHOSEN else "chosen on the test sets themselves"
    sentence = (
        f"on {near} of {len(values)} kinds of anomalies the best score of a model ({how}) reaches "
        f"{percent(_NEAR)} of the exact likelihood ratio's margin over chance, and on {above} it is above the plain "
        "energy; worst is "
        f"{worst.replace('_', ' ')}, where it has {percent(values[worst])} and the energy {percent(of_energy[worst])}"
        f"{' (less than chance)' if of_energy[worst] < 0 else ''} (means over seeds)"
    )
    ranked = sorted(values, key=values.__getitem__)
    shown = dict.fromkeys((ranked[-1], ranked[len(ranked) // 2], ranked[0]))
    return Answer(
        doubts_first(summary, sentence),
        tuple(KeyNumber(best[name], values[name], bound=1.0, bound_name="exact ratio") for name in shown),
    )


def _best(summary: Summary, quantity: str, name: str) -> str:
    """The metric with the highest score of a model, not of physics alone; "" without one."""
    found = {
        metric: value
        for metric, value in of_quantity(summary, f"{quantity}/{name}").items()
        if "physics/" not in metric
    }
    return f"{quantity}/{name}/{max(found, key=found.__getitem__)}" if found else ""
