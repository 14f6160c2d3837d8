"""Convolutions written as others compute the same numbers."""

import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from lcpjax.model.convolutional import depth_to_space, initial_kernel
from lcpjax.model.few_channels import ConvOfSquares, convolve_one_channel


def numbers(seed, *shape):
    return jax.random.normal(jax.random.key(seed), shape)


@pytest.mark.parametrize("size", [1, 3, 5, 7])
def test_a_convolution_of_squares_is_that_of_the_image_they_make(size):
    squares = numbers(0, 2, 5, 4, 12)
    ours, plain = ConvOfSquares(2, size, initial_kernel), nn.Conv(2, (size, size), kernel_init=initial_kernel)
    params = {"kernel": numbers(1, size, size, 3, 2), "bias": numbers(2, 2)}
    expected = plain.apply({"params": params}, depth_to_space(squares))
    np.testing.assert_allclose(depth_to_space(ours.apply({"params": params}, squares)), expected, atol=2e-5)


def test_a_convolution_of_squares_begins_as_that_of_the_image():
    squares = jnp.zeros((1, 4, 4, 12))
    ours = ConvOfSquares(2, 3, initial_kernel).init(jax.random.key(0), squares)
    plain = nn.Conv(2, (3, 3), kernel_init=initial_kernel).init(jax.random.key(0), depth_to_space(squares))
    assert jax.tree.all(jax.tree.map(lambda one, other: bool((one == other).all()), ours, plain))


@pytest.mark.parametrize(("size", "side"), [(1, 8), (3, 8), (5, 8), (3, 7)])
def test_a_convolution_of_one_channel_is_that_of_any(size, side):
    images = numbers(0, 2, side, side, 1)
    kernel = numbers(1, size, size, 1, 4)
    arguments = (images, kernel, (2, 2), "SAME")
    options = {"dimension_numbers": ("NHWC", "HWIO", "NHWC")}
    expected = jax.lax.conv_general_dilated(*arguments, **options)
    np.testing.assert_allclose(convolve_one_channel(*arguments, **options), expected, atol=1e-5)
