"""Along the most relevant latents: around zero, as the study did, and around codes of real configurations."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from lcpjax.report import RunFolder
from lcpjax.report.figures import Traversal, draw_traversal_readouts, draw_traversals
from lcpjax.road.case_models import first_of_each
from lcpjax.road.latents.clusters import relevances
from lcpjax.road.latents.codes import Codes, Facts
from lcpjax.road.latents.decoding import Decoded, decoded

NUM_LATENTS = 5
"""The study's number of most relevant dimensions."""
ZERO = "zero"

# In standard deviations of the latent means.
_STEPS = np.linspace(-3.0, 3.0, 7)


class Path(NamedTuple):
    """One latent changed around one centre."""

    centre: str
    """Zero, or gamma of the configuration whose code it is."""
    latent: int
    rank: int
    """Among the latents by relevance, from 0."""
    found: Decoded
    """Of each step."""


def most_relevant(codes: Codes, number: int = NUM_LATENTS) -> np.ndarray:
    """Indices of the latents that account for most of what is decoded, to first order, the first one first."""
    return np.argsort(-relevances(codes)["relevance"], kind="stable")[:number]


def relevance_rows(codes: Sequence[Codes]) -> list[dict[str, Any]]:
    """A row for each model: how far rankings of latents agree.

    Columns: case, seed; for each two of kl_nats, variance and relevance (the decoder's gain times the variance): how
    many of the five first latents both name. Nan where there is no KL to N(0, I).
    """
    rows = []
    for each in codes:
        columns = relevances(each)
        named = {name: set(np.argsort(-columns[name], kind="stable")[:NUM_LATENTS].tolist()) for name in columns}
        pairs = (("kl_nats", "variance"), ("kl_nats", "relevance"), ("variance", "relevance"))
        has_rate = each.model.setting.kl_weight > 0 and not each.model.plan.model.has_learned_prior
        rows.append(
            {"case": each.case, "seed": each.model.setting.seed}
            | {
                f"{first}_and_{second}": len(named[first] & named[second])
                if has_rate or first != "kl_nats"
                else float("nan")
                for first, second in pairs
            }
        )
    return rows


def paths(facts: Facts, codes: Codes) -> list[Path]:
    """Every one of the most relevant latents changed around zero and around a code of each gamma."""
    centres = {ZERO: np.zeros(codes.latent_dim)}
    for index, gamma in enumerate(facts.gammas):
        centres[f"gamma {gamma:.3g}"] = codes.test[np.flatnonzero(facts.test.gamma_index == index)[0]]
    deviations, relevant, found = codes.test.std(axis=0), most_relevant(codes), []
    for name, centre in centres.items():
        for rank, latent in enumerate(relevant):
            latents = np.repeat(centre[None], _STEPS.size, axis=0)
            latents[:, latent] += _STEPS * deviations[latent]
            found.append(Path(name, int(latent), rank, decoded(codes.model, latents, facts.system)))
    return found


def traversal_rows(facts: Facts, codes: Sequence[Codes]) -> list[dict[str, Any]]:
    """A row for each step along each path of each model.

    Columns: case, seed; centre: zero, or gamma of the test configuration; rank (from 0, by relevance) and latent;
    step in standard deviations of the latent's means; pair_energy (clipped at 100 epsilon), mean_height,
    radius_of_gyration and smallest_distance in sigma.
    """
    rows = []
    for each in codes:
        for path in paths(facts, each):
            about = {"case": each.case, "seed": each.model.setting.seed, "centre": path.centre}
            about |= {"rank": path.rank, "latent": path.latent}
            rows += [
                about
                | {"step": float(step)}
                | {name: float(values[index]) for name, values in path.found.columns.items()}
                for index, step in enumerate(_STEPS)
            ]
    return rows


def draw_paths(facts: Facts, codes: Sequence[Codes], rows: Sequence[dict[str, Any]], run_folder: RunFolder) -> None:
    """Of each case's first model the decoded steps around zero and around a code of the largest gamma; and readouts."""
    for each in first_of_each(codes):
        last = f"gamma {facts.gammas[-1]:.3g}"
        shown = [
            Traversal(path.centre, path.latent, path.found.outputs, path.found.positions)
            for path in paths(facts, each)
            if path.centre in (ZERO, last)
        ]
        side = facts.system.box_side
        is_in_box = each.model.knows_frame
        run_folder.save_figure(f"traversals_{each.case}", *draw_traversals(shown, _STEPS, side, is_in_box=is_in_box))
    run_folder.save_figure("traversal_readouts", *draw_traversal_readouts(rows))
