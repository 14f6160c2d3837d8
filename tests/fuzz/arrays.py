"""Arrays that a function may be given: as it takes them with something changed, or any at all."""

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

DTYPES = [np.float32, np.float64, np.float16, np.int32, np.int64, np.uint8, np.bool_, np.complex64]
NUMBERS = st.floats(allow_nan=True, allow_infinity=True, width=32) | st.sampled_from([0.0, -0.0, 1e-30, 3e38, -1.0])


@st.composite
def near_to(draw, array):
    """An array as the function takes it, with some entries, its axes or its dtype changed."""
    changed = np.array(array)
    is_real = changed.dtype.kind == "f"
    for index in draw(st.lists(st.integers(0, changed.size - 1), max_size=3)):
        changed.flat[index] = draw(NUMBERS if is_real else st.integers(0, 3))
    if changed.ndim and draw(st.booleans()):
        axis = draw(st.integers(0, changed.ndim - 1))
        changed = np.take(changed, range(draw(st.integers(0, 2))), axis=axis, mode="wrap")
    if draw(st.booleans()):
        changed = changed[None]
    with np.errstate(all="ignore"):
        return changed.astype(draw(st.sampled_from([array.dtype, *DTYPES[:4]])))


ANY = st.sampled_from(DTYPES).flatmap(
    lambda dtype: hnp.arrays(dtype, hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=3))
)
