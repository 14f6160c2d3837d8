"""PyTorch layers with the parameters of Flax layers."""

from typing import Any, TypeAlias, no_type_check

import numpy as np

Params: TypeAlias = dict[str, Any]
"""Of a module of Flax: numpy arrays by name, in dictionaries of its own modules."""


@no_type_check
def dense(torch: Any, params: Params) -> Any:
    """A dense layer."""
    kernel = torch.tensor(params["kernel"].T.copy())
    layer = torch.nn.Linear(kernel.shape[1], kernel.shape[0])
    return _filled(torch, layer, kernel, params["bias"])


@no_type_check
def convolution(torch: Any, params: Params, **options: int) -> Any:
    """A convolution of images with their channels first.

    Args:
        options: stride and padding of PyTorch's.
    """
    kernel = torch.tensor(params["kernel"].transpose(3, 2, 0, 1).copy())
    layer = torch.nn.Conv2d(kernel.shape[1], kernel.shape[0], kernel.shape[2:], **options)
    return _filled(torch, layer, kernel, params["bias"])


@no_type_check
def _filled(torch: Any, layer: Any, weight: Any, bias: np.ndarray) -> Any:
    with torch.no_grad():
        layer.weight.copy_(weight)
        layer.bias.copy_(torch.tensor(bias))
    return layer
