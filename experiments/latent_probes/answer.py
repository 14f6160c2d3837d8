"""The answer of what zero and single latents decode to."""

from lcpjax.report.answer import Answer, Summary, doubts_first, key_number, number, of_quantity, percent

_TO_MEAN, _PAIR = "latents/zero_to_mean_fraction", "latents/zero_smallest_distance_sigma"
_SPREAD = "latents/decoded_spread_fraction"
_FIVE, _ALL = "five_latents_of_codes_others_0", "gaussian_of_the_codes"


def answer(summary: Summary) -> Answer:
    """What zero decodes to, and how much of the fluid's scatter a few latents bring back; means over seeds."""
    first = next(iter(of_quantity(summary, _TO_MEAN)))
    model = first.replace("_", " ")
    to_mean, pair = summary[f"{_TO_MEAN}/{first}"], summary[f"{_PAIR}/{first}"]
    five, every = (summary[f"{_SPREAD}/{first}/{source}"] for source in (_FIVE, _ALL))
    sentence = (
        f"what zero decodes to is {percent(to_mean)} of the scatter away from the mean matrix ({model}), and is no "
        f"configuration: its nearest pair is {number(pair)} sigma apart; five latents with the others at 0 bring back "
        f"{percent(five)} of the fluid's scatter, all of them together {percent(every)} (means over seeds)"
    )
    numbers = key_number(summary, f"{_PAIR}/{first}")
    for source in (_FIVE, _ALL):
        numbers += key_number(summary, f"{_SPREAD}/{first}/{source}", 1.0, "the fluid")
    return Answer(doubts_first(summary, sentence), numbers)
