"""The answer of the energies of reconstructions."""

from lcpjax.report.answer import Answer, Summary, doubts_first, key_number, number, of_quantity

_DISTANCE, _ERROR, _FLOOR = "energies/wasserstein_epsilon", "energies/rmsd_sigma", "energies/floor_wasserstein_epsilon"
_RELATIVE = "energies/gaussian_fraction"


def answer(summary: Summary) -> Answer:
    """What an error of a reconstruction costs in raw energy; means over seeds, of posterior samples."""
    found = {name: value for name, value in of_quantity(summary, _DISTANCE).items() if name.endswith("/sample")}
    best, worst = min(found, key=found.__getitem__), max(found, key=found.__getitem__)
    floor = summary[_FLOOR]
    parts = [
        f"{number(found[name])} epsilon from the fluid's at an RMSD of {number(summary[f'{_ERROR}/{name}'])} sigma "
        f"({name.removesuffix('/sample').replace('_', ' ')})"
        for name in dict.fromkeys((best, worst))
    ]
    sentence = (
        f"the raw pair energies of reconstructions are {', and '.join(parts)}; two halves of the fluid itself are "
        f"{number(floor)} apart (Wasserstein distances, means over seeds, of posterior samples)"
    )
    numbers = key_number(summary, f"{_DISTANCE}/{best}", floor, "two halves of the fluid")
    numbers += key_number(summary, f"{_DISTANCE}/{worst}", floor, "two halves of the fluid") if worst != best else ()
    numbers += key_number(summary, f"{_RELATIVE}/{best}", 1.0, "independent Gaussian error")
    return Answer(doubts_first(summary, sentence), numbers)
