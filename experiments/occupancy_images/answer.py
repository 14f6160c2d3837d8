"""The answer of images of occupied cells."""

from lcpjax.report.answer import Answer, Summary, doubts_first, key_number, number, of_quantity

_F1 = "occupancy/f1"


def answer(summary: Summary) -> Answer:
    """How many cells each route gets right; means over seeds, decoded from latent means."""
    scores = of_quantity(summary, _F1)
    cells = next(name.split("/")[1] for name in scores if name.startswith("slides_local/"))
    route, local = scores[f"slides/{cells}/mean"], scores[f"slides_local/{cells}/mean"]
    guess = scores[f"mean_image_of_gamma/{cells}"]
    sentence = (
        f"on {cells} x {cells} cells the study's route has F1 {number(route)} (the mean image of each gamma, which "
        f"knows no configuration: {number(guess)}); with local latents and nothing else changed it has {local:.4g}, "
        "where 1 is perfect (means over seeds, from latent means)"
    )
    numbers = key_number(summary, f"{_F1}/slides/{cells}/mean", guess, "mean image of each gamma")
    numbers += key_number(summary, f"{_F1}/slides_local/{cells}/mean", 1.0, "perfect")
    above = f"occupancy/above_shannon_nats/slides_local/{cells}/sample"
    return Answer(doubts_first(summary, sentence), numbers + key_number(summary, above, 0.0, "Shannon's bound"))
