"""Networks as lists of operations, each a dictionary with its weights, which a page can carry out."""

from collections.abc import Mapping, Sequence
from typing import Any

import flax.linen as nn

from lcpjax.errors import InputError
from lcpjax.model.convolutional import ConvolutionalDecoder, ConvolutionalEncoder, padded_side
from lcpjax.model.linear_skip import LinearSkipDecoder, LinearSkipEncoder
from lcpjax.model.perceptron import Perceptron, PerceptronDecoder, PerceptronEncoder, ResidualPerceptron
from lcpjax.model.point_decoder import PointDecoder
from lcpjax.report.explorer.numbers import Weights

Operations = list[dict[str, Any]]
Params = Mapping[str, Any]

_CAN_SHOW = (
    "an explorer shows convolutional and perceptron networks, residual ones too, with a linear skip or points first"
)
# Flax's own.
_LAYER_NORM_EPSILON = 1e-6


class ExplorerError(InputError):
    """A model that a page cannot show."""


def encoder_operations(network: nn.Module, params: Params, sample_shape: Sequence[int], weights: Weights) -> Operations:
    """From samples in the network's units to the latent mean.

    Args:
        params: of the network.
        sample_shape: of one sample.
        weights: get those of the network.

    Raises:
        ExplorerError: a kind of network that a page cannot show.
    """
    if isinstance(network, LinearSkipEncoder):
        inner = encoder_operations(network.network, params["network"], sample_shape, weights)
        return [_beside_linear(params, inner, weights)]
    if isinstance(network, PerceptronEncoder):
        return [*_features(network.body, params["body"], weights), _dense(params["mean"], weights)]
    if isinstance(network, ConvolutionalEncoder):
        return [*_levels_down(network, params, sample_shape[0], weights), _dense(params["mean"], weights)]
    raise _refusal("encoder", network)


def decoder_operations(network: nn.Module, params: Params, weights: Weights) -> Operations:
    """From a latent to what the network gives, in its units; of a point decoder the points, in sigma.

    Args:
        params: of the network.
        weights: get those of the network.

    Raises:
        ExplorerError: a kind of network that a page cannot show.
    """
    if isinstance(network, LinearSkipDecoder):
        return [_beside_linear(params, decoder_operations(network.network, params["network"], weights), weights)]
    if isinstance(network, PointDecoder):
        spread = {"kind": "restore", "mean": weights.add(params["places"]), "scale": network.layout.box_side / 12**0.5}
        return [*decoder_operations(network.network, params["network"], weights), spread]
    if isinstance(network, PerceptronDecoder):
        features = _features(network.body, params["body"], weights)
        return [*features, _dense(params["Dense_0"], weights), _reshape(network.sample_shape)]
    if isinstance(network, ConvolutionalDecoder):
        return _levels_up(network, params, weights)
    raise _refusal("decoder", network)


def _refusal(what: str, network: nn.Module) -> ExplorerError:
    name = type(getattr(network, "network", network)).__name__
    return ExplorerError(f"{what} {name}: {_CAN_SHOW}")


def _features(body: nn.Module, params: Params, weights: Weights) -> Operations:
    if isinstance(body, Perceptron):
        layers = [_dense(params[f"Dense_{number}"], weights) for number in range(body.depth)]
        return [operation for layer in layers for operation in (layer, {"kind": "silu"})]
    if isinstance(body, ResidualPerceptron):
        operations = [_dense(params["Dense_0"], weights)]
        for block in range(body.depth):
            first, second = (_dense(params[f"Dense_{2 * block + number}"], weights) for number in (1, 2))
            inner = [_layer_norm(params[f"LayerNorm_{block}"], weights), first, {"kind": "silu"}, second]
            operations.append({"kind": "residual", "inner": inner})
        return [*operations, _layer_norm(params[f"LayerNorm_{body.depth}"], weights), {"kind": "silu"}]
    raise _refusal("network", body)


def _levels_down(network: ConvolutionalEncoder, params: Params, side: int, weights: Weights) -> Operations:
    missing = padded_side(side, len(network.channels)) - side
    operations: Operations = [{"kind": "edge_pad", "before": missing // 2, "after": missing - missing // 2}]
    for level in range(len(network.channels)):
        operations.append(_convolution(params[f"Conv_{level}"], 2, weights))
        operations += _blocks(network.num_blocks, level, params, weights)
        operations.append({"kind": "silu"})
    return operations


def _levels_up(network: ConvolutionalDecoder, params: Params, weights: Weights) -> Operations:
    num_levels, side = len(network.channels), network.sample_shape[0]
    padded = padded_side(side, num_levels)
    coarsest = padded // 2**num_levels
    operations = [_dense(params["Dense_0"], weights), _reshape((coarsest, coarsest, network.channels[-1]))]
    for level in range(num_levels):
        operations += _blocks(network.num_blocks, level, params, weights)
        convolution = _convolution(params[f"Conv_{level}"], 1, weights)
        operations += [{"kind": "silu"}, convolution, {"kind": "depth_to_space"}]
    return [*operations, {"kind": "crop", "before": (padded - side) // 2, "side": side}, _reshape(network.sample_shape)]


def _blocks(number: int, level: int, params: Params, weights: Weights) -> Operations:
    blocks = [params[f"ResidualBlock_{level * number + block}"] for block in range(number)]
    silu = {"kind": "silu"}
    return [
        {
            "kind": "residual",
            "inner": [
                silu,
                _convolution(block["Conv_0"], 1, weights),
                silu,
                _convolution(block["Conv_1"], 1, weights),
            ],
        }
        for block in blocks
    ]


def _dense(params: Params, weights: Weights) -> dict[str, Any]:
    return {"kind": "dense", "kernel": weights.add(params["kernel"]), "bias": weights.add(params["bias"])}


def _convolution(params: Params, stride: int, weights: Weights) -> dict[str, Any]:
    return _dense(params, weights) | {"kind": "convolution", "stride": stride}


def _layer_norm(params: Params, weights: Weights) -> dict[str, Any]:
    scale, bias = weights.add(params["scale"]), weights.add(params["bias"])
    return {"kind": "layer_norm", "scale": scale, "bias": bias, "epsilon": _LAYER_NORM_EPSILON}


def _reshape(shape: Sequence[int]) -> dict[str, Any]:
    return {"kind": "reshape", "shape": list(shape)}


def _beside_linear(params: Params, inner: Operations, weights: Weights) -> dict[str, Any]:
    return _dense(params["linear"], weights) | {
        "kind": "beside_linear",
        "gate": float(params["gate"]),
        "inner": inner,
    }
