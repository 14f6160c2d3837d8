"""The answer of images of occupied cells."""

from lcpjax.report.answer import Answer, Summary, doubts_first, key_number, number, of_quantity

_F1 = "occupancy/f1"


def answer(summary: Summary) -> Answer:
    """How many cells each route gets right; means over seeds, decoded from latent means."""
    scores = of_quantity(summary, _F1)
    # The grid of the remedies; where the route alone was trained, the last of its grids.
    of_route = [name.split("/")[1] for name in scores if name.startswith("slides/")]
    cells = next((name.split("/")[1] for name in scores if name.startswith("slides_local/")), of_route[-1])
    route, local = scores[f"slides/{cells}/mean"], scores.get(f"slides_local/{cells}/mean")
    guess = scores[f"mean_image_of_gamma/{cells}"]
    sentence = (
        f"on {cells} x {cells} cells the study's route has F1 {number(route)} (the mean image of each gamma, which "
        f"knows no configuration: {number(guess)}), where 1 is perfect (means over seeds, from latent means)"
    )
    if local is not None:
        sentence += f"; with local latents and nothing else changed it has {local:.4g}"
    numbers = key_number(summary, f"{_F1}/slides/{cells}/mean", guess, "mean image of each gamma")
    numbers += key_number(summary, f"{_F1}/slides_local/{cells}/mean", 1.0, "perfect")
    above = f"occupancy/above_shannon_nats/slides_local/{cells}/sample"
    return Answer(doubts_first(summary, sentence), numbers + key_number(summary, above, 0.0, "the best possible code"))
