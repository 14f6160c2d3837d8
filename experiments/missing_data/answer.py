"""The answer of missing distances."""

import re

from lcpjax.report.answer import Answer, Summary, doubts_first, key_number, number, of_quantity, percent

_SOLVED, _SCORE = "completion/solved_fraction", "imputation/crps_sigma"
_START, _EXACT = "with_restarts_in_space", "physics/exact_posterior"
_LOST = "1_particle_0_links"


def answer(summary: Summary) -> Answer:
    """Which masks are solved by geometry, and how near to the exact posterior networks come elsewhere."""
    masks = of_quantity(summary, "masks/globally_rigid_fraction")
    if not masks:
        raise KeyError("masks/globally_rigid_fraction")
    rigid = [name for name, value in masks.items() if value == 1]
    solved = {name: value for name, value in of_quantity(summary, _SOLVED).items() if name.endswith(f"/{_START}")}
    sentence, numbers = "no mask leaves every configuration rigid", ()
    if solved:
        hardest = min(solved, key=solved.__getitem__)
        sentence = (
            f"with {len(rigid)} masks everything missing is determined, and geometry with restarts finds it in "
            f"{percent(solved[hardest])} of the configurations or more"
        )
        numbers = key_number(summary, f"{_SOLVED}/{hardest}", 1.0, "rigid: all can be found")
    scores = of_quantity(summary, _SCORE)
    exact = {name.removesuffix(f"/{_EXACT}"): value for name, value in scores.items() if name.endswith(f"/{_EXACT}")}
    if exact:
        mask = _LOST if _LOST in exact else min(exact)
        learned = {
            name: value
            for name, value in scores.items()
            if name.startswith(f"{mask}/") and "/physics/" not in name and not name.endswith("frame_known")
        }
        best = min(learned, key=learned.__getitem__)
        sentence += (
            f"; with {_in_words(mask)} the CRPS of the exact posterior is {number(exact[mask])} sigma, of the "
            f"best network {number(learned[best])} (means over configurations and seeds)"
        )
        numbers += key_number(summary, f"{_SCORE}/{best}", exact[mask], "exact posterior")
        known = f"{_SCORE}/{mask}/best/density_frame_known"
        bound = scores.get(f"{mask}/physics/exact_frame_known", float("nan"))
        numbers += key_number(summary, known, bound, "exact posterior, frame known")
    return Answer(doubts_first(summary, sentence), numbers)


def _in_words(mask: str) -> str:
    """What a mask hides.

    >>> _in_words("1_particle_0_links"), _in_words("2_particles_1_link"), _in_words("diagonal_10_x_10")
    ('1 particle without any distance left', '2 particles with 1 distance left', 'diagonal 10 x 10')
    """
    found = re.fullmatch(r"(\d+)_particles?_(\d+)_links?", mask)
    if not found:
        return mask.replace("_", " ")
    particles, links = map(int, found.groups())
    left = f"with {links} distance{'s' if links > 1 else ''}" if links else "without any distance"
    return f"{particles} particle{'s' if particles > 1 else ''} {left} left"
