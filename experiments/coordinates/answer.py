"""The answer of the ways from distances to coordinates."""

from lcpjax.report.answer import Answer, Summary, doubts_first, key_number, number, of_quantity, percent

_SHAPE = "reconstruction/rmsd_aligned_sigma/true_distances/gram_centroid"
_ANGLE = "reconstruction/orientation_within_10_degrees_fraction/true_distances"
_LEARNED = "reconstruction/learned_rmsd_aligned_sigma"


def answer(summary: Summary) -> Answer:
    """What each step of the way back loses; means over the test set, and over seeds of what is learned."""
    tumbled, upright = (summary[f"{_ANGLE}/{route}"] for route in ("tumbled", "by_height_order"))
    sentence = (
        f"from true distances Gram's matrix gives the shape to {number(summary[_SHAPE])} sigma; the tumbler finds the "
        f"angle of {percent(tumbled)} of the configurations, the height order of {percent(upright)}"
    )
    numbers = key_number(summary, _SHAPE, 0.0, "exact route, but for rounding")
    numbers += key_number(summary, f"{_ANGLE}/tumbled", upright, "by the height order")
    if learned := of_quantity(summary, _LEARNED):
        best = min(learned, key=learned.__getitem__)
        name = best.replace("_", " ")
        sentence += f"; the best learned way ({name}) has an RMSD of {number(learned[best])} sigma (mean over seeds)"
        numbers += key_number(summary, f"{_LEARNED}/{best}", summary[_SHAPE], "Gram's matrix")
    return Answer(doubts_first(summary, sentence), numbers)
