"""Public functions of arrays, given whatever arrays there are: a result, or one line that says what is allowed."""

import jax
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fuzz.array_cases import ALL_CASES
from tests.fuzz.arrays import ANY, near_to
from tests.fuzz.trying import result_or_one_line, thoroughly


@pytest.mark.slow
# Of numbers that are none NumPy says that there is no result, and gives none.
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("name", ALL_CASES)
@thoroughly
@given(data=st.data())
def test_a_function_gives_a_result_or_one_line(name, data):
    function, arrays, others = ALL_CASES[name]
    given_arrays = [data.draw(near_to(np.asarray(array)) | ANY) for array in arrays]
    result_or_one_line(lambda: jax.block_until_ready(function(*given_arrays, **others)))
