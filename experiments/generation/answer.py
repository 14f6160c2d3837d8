"""The answer of configurations drawn from the latent space."""

from lcpjax.report.answer import Answer, Summary, doubts_first, key_number, of_quantity, percent, with_error

_STRUCTURE, _GAP, _GAP_ERROR = (
    "generation/pair_correlation_distance",
    "rate/above_entropy_nats",
    "rate/above_entropy_error_nats",
)
_RAW, _FLUID = "/sweeps_0", "equilibrium/other_chains/sweeps_0"


def answer(summary: Summary) -> Answer:
    """How near draws of the best prior are to the fluid with no Metropolis move. ± is the test set's standard error."""
    structure, gaps = of_quantity(summary, _STRUCTURE), of_quantity(summary, _GAP)
    best = min(gaps, key=gaps.__getitem__)
    floor, own = structure[_FLUID], structure[f"{best}{_RAW}"]
    gap = with_error(gaps[best], summary.get(f"{_GAP_ERROR}/{best}", float("nan")))
    model, source = (part.replace("_", " ") for part in best.split("/"))
    sentence = (
        f"draws of {model} ({source}) have a g(r) {percent(own)} from the fluid's with no Metropolis move, where other "
        f"chains of the fluid are {percent(floor)} away, and a density {gap} nats above the entropy"
    )
    if (naive := structure.get(f"{best.split('/')[0]}/n0_i{_RAW}")) is not None:
        sentence += f"; draws of N(0, I) are {percent(naive)} away"
    numbers = key_number(summary, f"{_STRUCTURE}/{best}{_RAW}", floor, "other chains of the fluid")
    numbers += key_number(summary, f"{_GAP}/{best}", 0.0, "a perfect density", error=f"{_GAP_ERROR}/{best}")
    numbers += key_number(summary, f"generation/effective_fraction/{best}", 1.0, "independent draws")
    return Answer(doubts_first(summary, sentence, "standard error of the test set"), numbers)
