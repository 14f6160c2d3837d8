import pytest

from lcpjax.pipeline import sampling
from lcpjax.pipeline.model_zoo import announce_models, model_variants
from tests.smoke_runs import composed

TWO = "sweep.models=[seed_conv,best]"


def epochs_of(*overrides):
    variants = model_variants(composed("latent_clusters", TWO, *overrides))
    return {variant.name: variant.changes.get("training.num_epochs") for variant in variants}


def test_densities_have_epochs_of_their_own_and_other_models_those_of_the_training():
    assert epochs_of("sweep.density_epochs=3") == {"seed_conv": None, "best": 3}
    assert epochs_of("sweep.density_epochs=null") == {"seed_conv": None, "best": None}
    # Hours otherwise.
    assert epochs_of("+scale=reference")["best"] < composed("train", "+scale=reference").training.num_epochs


def test_the_announced_time_counts_the_epochs_of_densities(monkeypatch):
    announced = []
    monkeypatch.setattr(sampling, "print_estimate", lambda _, work: announced.append(work))
    for epochs in ("41", "7", "null"):
        announce_models(composed("latent_clusters", TWO, "+scale=reference", f"sweep.density_epochs={epochs}"))
    shown = [work["configurations of a density"] for work in announced]
    assert shown[0] == shown[2] == pytest.approx(41 / 7 * shown[1])
    assert len({work["configurations"] for work in announced}) == 1
