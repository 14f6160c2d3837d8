"""Colours of ordered values."""

import numpy as np
import pytest

from lcpjax.report.figures.style import label_decades, ordered_colours, panels


def _luminance(colour):
    """Relative, of a colour in sRGB (WCAG 2.1)."""
    values = np.asarray(colour[:3])
    linear = np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


@pytest.mark.parametrize("number", [1, 2, 4, 6])
def test_ordered_colours_grow_lighter_and_the_lightest_can_be_seen_on_white(number):
    luminances = [_luminance(colour) for colour in ordered_colours(number)]
    assert luminances == sorted(set(luminances))
    # The least contrast of graphics in WCAG 2.1, 3 to 1.
    assert 1.05 / (max(luminances) + 0.05) >= 3.0


@pytest.mark.parametrize("number", [1, 2, 4, 6])
def test_on_a_dark_background_they_grow_lighter_and_the_darkest_can_be_seen(number):
    luminances = [_luminance(colour) for colour in ordered_colours(number, on_dark=True)]
    assert luminances == sorted(set(luminances))
    # The panels of the explorer, #1f2226.
    background = _luminance([0x1F / 255, 0x22 / 255, 0x26 / 255])
    assert (min(luminances) + 0.05) / (background + 0.05) >= 3.0


@pytest.mark.parametrize(
    ("limits", "labels"), [((0.15, 3.0), ["0.2", "0.5", "1", "2"]), ((1e-3, 2.0), ["0.001", "0.01", "0.1", "1"])]
)
def test_a_logarithmic_axis_is_labelled_with_few_plain_numbers(limits, labels):
    figure, ((axes,),) = panels(1, 1, 3.0, 2.0)
    axes.set(xscale="log", xlim=limits)
    label_decades(axes)
    figure.canvas.draw()
    shown = [(place, tick.get_text()) for place, tick in zip(axes.get_xticks(), axes.get_xticklabels(), strict=True)]
    assert [text for place, text in shown if limits[0] <= place <= limits[1]] == labels
    assert not any(tick.get_text() for tick in axes.get_xticklabels(minor=True))
