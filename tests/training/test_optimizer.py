"""Directions and lengths of the optimizer's steps."""

import jax
import jax.numpy as jnp
import numpy as np

from lcpjax.training.optimizer import build_optimizer


def steps(name, gradients):
    optimizer = build_optimizer(name, jnp.float32(0.1), "constant", 10, 0.0, 1.0, gradient_clip=1e9)
    state = optimizer.init(jnp.zeros(()))
    made = []
    for gradient in gradients:
        with jax.numpy_dtype_promotion("standard"):
            step, state = optimizer.update(jnp.float32(gradient), state)
        made.append(float(step))
    return made


def dozat(gradients, first=0.95, second=0.99):
    """NAdam's steps from the formulas of the paper, with a constant momentum schedule, in double precision."""
    mean, square, made = 0.0, 0.0, []
    for number, gradient in enumerate(gradients, start=1):
        mean = first * mean + (1 - first) * gradient
        square = second * square + (1 - second) * gradient**2
        ahead = first * mean / (1 - first ** (number + 1)) + (1 - first) * gradient / (1 - first**number)
        made.append(-0.1 * ahead / (np.sqrt(square / (1 - second**number)) + 1e-8))
    return made


def test_nadam_takes_the_steps_of_its_paper():
    gradients = [1.0, -0.5, 2.0, 0.1, -3.0]
    # Rounding: a few operations in single precision each.
    np.testing.assert_allclose(steps("nadam", gradients), dozat(gradients), rtol=1e-4)
    assert not np.allclose(steps("adam", gradients), dozat(gradients), rtol=1e-2)


def test_both_begin_with_a_step_of_about_the_learning_rate_whatever_the_gradient():
    for gradient in (1e-3, 1.0, 50.0):
        np.testing.assert_allclose(steps("adam", [gradient]), [-0.1], rtol=1e-4)
        np.testing.assert_allclose(steps("nadam", [gradient]), dozat([gradient]), rtol=1e-4)
