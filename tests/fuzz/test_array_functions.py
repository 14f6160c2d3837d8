"""Public functions of arrays, given whatever arrays there are: a result, or one line that says what is allowed."""

import jax
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from tests.fuzz.trying import result_or_one_line, thoroughly
from tests.test_array_arguments import CASES

DTYPES = [np.float32, np.float64, np.float16, np.int32, np.int64, np.uint8, np.bool_, np.complex64]
NUMBERS = st.floats(allow_nan=True, allow_infinity=True, width=32) | st.sampled_from([0.0, -0.0, 1e-30, 3e38, -1.0])


@st.composite
def near_to(draw, array):
    """An array as the function takes it, with some entries, its axes or its dtype changed."""
    changed = np.array(array)
    for index in draw(st.lists(st.integers(0, changed.size - 1), max_size=3)):
        changed.flat[index] = draw(NUMBERS)
    for axis in draw(st.lists(st.integers(0, changed.ndim - 1), max_size=1)):
        changed = np.take(changed, range(draw(st.integers(0, 2))), axis=axis)
    if draw(st.booleans()):
        changed = changed[None]
    with np.errstate(all="ignore"):
        return changed.astype(draw(st.sampled_from(DTYPES[:4])))


ANY = st.sampled_from(DTYPES).flatmap(
    lambda dtype: hnp.arrays(dtype, hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=3))
)


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
@thoroughly
@given(data=st.data())
def test_a_function_gives_a_result_or_one_line(name, data):
    function, arrays, others = CASES[name]
    given_arrays = [data.draw(near_to(np.asarray(array)) | ANY) for array in arrays]
    result_or_one_line(lambda: jax.block_until_ready(function(*given_arrays, **others)))
