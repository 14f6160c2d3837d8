"""Matrices and residuals, with made-up errors."""

import numpy as np
import pytest

from lcpjax.report.figures.reconstructions import draw_reconstructions
from tests.drawn_figures import texts_of


@pytest.mark.parametrize(("error", "words"), [(0.5, "0.25"), (3e-5, r"$9.0 \times 10^{-10}$")])
def test_an_error_too_small_for_two_decimals_is_not_written_as_zero(error, words):
    inputs = np.full((2, 5, 5), 3.0)
    figure, _ = draw_reconstructions(inputs, inputs + error, np.array([0.1, 1.0]))
    assert [words in text for text in texts_of(figure) if "MSE" in text] == [True, True]
