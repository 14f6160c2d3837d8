"""The answer of two latent planes of digits."""

from lcpjax.report.answer import Answer, Summary, doubts_first, key_number, of_quantity, percent

_ANOMALOUS = "latent/anomalous_samples_fraction"
_BOUND = "decoded test images"


def answer(summary: Summary) -> Answer:
    """How many prior samples decode to something unlike the data; means over seeds."""
    found = {name: percent(value) for name, value in of_quantity(summary, _ANOMALOUS).items()}
    held_out = summary[f"{_ANOMALOUS}/vae_held_out"]
    sentence = (
        f"of the samples of N(0, I), {found['autoencoder']} decode to something unlike any digit by the autoencoder "
        f"and {found['vae']} by the VAE; with N(0, I) scaled to the autoencoder's codes it is "
        f"{found['autoencoder_scaled']}, and {percent(held_out)} of decoded test images by definition "
        "(means over seeds)"
    )
    names = ("autoencoder", "autoencoder_scaled", "vae")
    numbers = tuple(each for name in names for each in key_number(summary, f"{_ANOMALOUS}/{name}", held_out, _BOUND))
    return Answer(doubts_first(summary, sentence), numbers)
