"""A trained model's own encoder and decoder, from and to reduced units, as a page carries them out."""

from typing import Any

from lcpjax.model.priors import StandardNormal
from lcpjax.model.sample_kinds import NORMALISED, VECTOR
from lcpjax.report.explorer.numbers import Weights
from lcpjax.report.explorer.operations import ExplorerError, decoder_operations, encoder_operations
from lcpjax.representation import Representation
from lcpjax.trained_model import TrainedModel

# Those that the page has too; others may be registered.
_REPRESENTATIONS = ("coordinates", "distance_matrix", "anchored_distances")
_ORDERINGS = ("none", "height", "lowest", "hilbert", "template")
_POTENTIALS = ("lennard_jones", "soft_power")


def networks_of(model: TrainedModel, weights: Weights, *, with_encoder: bool = True) -> dict[str, Any]:
    """Operations of ``encoder`` (None where a page has not its kind) and ``decoder``, both in reduced units.

    ``gives_points``: whether the decoder's end with coordinates, of which the representation is still to be made.

    Args:
        weights: get those of both networks.

    Raises:
        ExplorerError: a decoder, a prior, a representation or a potential that no page shows.
    """
    check_model(model)
    params, network = model.variables["params"], model.model.decoder
    decoder = decoder_operations(network, params["decoder"], weights)
    if network.gives == NORMALISED:
        decoder.append({"kind": "restore"} | _normalisation(model, weights))
    gives_points = model.model.decodes_coordinates
    return {
        "encoder": _encoder(model, weights) if with_encoder else None,
        "decoder": decoder,
        "gives_points": gives_points,
    }


def _encoder(model: TrainedModel, weights: Weights) -> list[dict[str, Any]] | None:
    network = model.model.encoder
    try:
        operations = encoder_operations(
            network, model.variables["params"]["encoder"], model.model.sample_shape, weights
        )
    except ExplorerError:
        return None
    if network.takes != NORMALISED:
        return operations
    return [{"kind": "normalise"} | _normalisation(model, weights), *operations]


def _normalisation(model: TrainedModel, weights: Weights) -> dict[str, Any]:
    learned = model.variables["normalisation"]
    return {"mean": weights.add(learned["mean"]), "scale": float(learned["scale"])}


def check_model(model: TrainedModel) -> None:
    """Refuse a model that no page shows, whatever its weights.

    Raises:
        ExplorerError: a decoder, a prior, a representation or a potential that no page has.
    """
    representation = model.representation
    if not isinstance(representation, Representation):
        raise ExplorerError("the model sees images; an explorer shows models of particles")
    if model.model.encoder.latents != VECTOR or not isinstance(model.model.prior, StandardNormal):
        raise ExplorerError(
            f"prior {type(model.model.prior).__name__} of {model.model.encoder.latents}: "
            "an explorer shows models whose latents are a vector with the prior N(0, I)"
        )
    for key, name, shown in (
        ("representation.name", representation.name, _REPRESENTATIONS),
        ("representation.ordering", representation.ordering, _ORDERINGS),
        ("system.pair_potential", model.system.pair_potential, _POTENTIALS),
    ):
        if name not in shown:
            raise ExplorerError(f"{key} = {name}: an explorer knows {', '.join(shown)}")
