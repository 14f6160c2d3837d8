"""Checks that positions can lie in the box; a refusal names in one line what is wrong."""

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float

from lcpjax.errors import InputError
from lcpjax.system.smallest_distances import smallest_distances

HostPositions = Float[np.ndarray, "configurations particles 2"]
SomePositions = Float[np.ndarray | Array, "configurations particles 2"]

# Of a side: what a file format, a shift to the centre and back or single precision may round by.
_ROUNDING = 1e-5
# In sigma: in a fluid of such cores nobody comes nearer, and all of a set of configurations never do.
_NEVER = 0.5


def refuse_what_is_no_position(argument: str, positions: SomePositions) -> None:
    """Refuse configurations with coordinates that are nan or infinite.

    Raises:
        InputError: with the name of the argument, and which configuration is the first.
    """
    is_finite = np.asarray(np.all(np.isfinite(np.asarray(positions)), axis=(1, 2)))
    if not is_finite.all():
        number, first = int((~is_finite).sum()), int(np.argmin(is_finite))
        raise InputError(
            f"{argument}: {number} of {len(is_finite)} configurations have coordinates that are not finite, the first "
            f"is configuration {first}; all must be finite numbers, in sigma"
        )


def outside_the_box(positions: HostPositions, box_side: float) -> Bool[np.ndarray, " configurations"]:
    """Whether each configuration has a particle outside the box, by more than rounding.

    >>> outside_the_box(np.array([[[0.0, 10.0]], [[5.0, -0.1]]]), 10.0).tolist()
    [False, True]
    """
    rounding = _ROUNDING * box_side
    return np.asarray(np.any((positions < -rounding) | (positions > box_side + rounding), axis=(1, 2)))


def what_is_wrong(argument: str, positions: HostPositions, box_side: float) -> str | None:
    """One line on configurations that cannot be of the box: how many, where they lie, and the likely cause; or None.

    A likely cause is named where all of them together fit a box with another origin or in another unit.

    Args:
        argument: the name under which they were given.
        positions: finite.
    """
    if not positions.size:
        return None
    is_outside = outside_the_box(positions, box_side)
    low, high = float(positions.min()), float(positions.max())
    found = f"found {low:.6g} to {high:.6g}; the box is 0 to {box_side:g} sigma"
    if is_outside.any():
        count = f"{int(is_outside.sum())} of {len(positions)} configurations have particles outside the box"
        return f"{argument}: {count}, {found}{_likely_cause(positions, box_side)}"
    if _is_shrunken(positions, box_side):
        return f"{argument}: particles lie on top of each other in a part of the box, {found}; another unit than sigma?"
    return None


def _likely_cause(positions: HostPositions, box_side: float) -> str:
    # A few particles gone astray are neither.
    if outside_the_box(positions, box_side).mean() < 0.5:
        return ""
    low, high = positions.min(axis=(0, 1)), positions.max(axis=(0, 1))
    if (high - low <= box_side * (1.0 + 2.0 * _ROUNDING)).all():
        centred = (np.abs(positions) <= box_side * (0.5 + _ROUNDING)).all()
        return f"; {'a box centred on 0' if centred else 'another origin'}? its lower left corner must be (0, 0)"
    if len(positions) > 1 and low.min() >= -_ROUNDING * box_side:
        return "; another unit than sigma?"
    return ""


def _is_shrunken(positions: HostPositions, box_side: float) -> bool:
    """Whether all is in a quarter of the box and overlaps there, as lengths in units of several sigma do."""
    if positions.shape[1] < 2 or positions.max() > 0.5 * box_side:
        return False
    return bool(np.median(np.asarray(smallest_distances(jnp.asarray(positions)))) < _NEVER)
