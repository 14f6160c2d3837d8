"""Input matrices, reconstructions and residuals."""

import numpy as np
from matplotlib.figure import Figure

from lcpjax.report.figures.style import panels, styled
from lcpjax.report.quantities import axis_label


@styled
def draw_reconstructions(
    inputs: np.ndarray, outputs: np.ndarray, gamma: np.ndarray
) -> tuple[Figure, dict[str, np.ndarray]]:
    """Input, reconstruction and residual of some distance matrices, a row for each, and the data shown.

    Args:
        inputs: (examples, particles, particles), in sigma.
        outputs: the same, from the model.
        gamma: (examples,).
    """
    residuals = outputs - inputs
    longest, largest = float(inputs.max()), float(np.abs(residuals).max())
    figure, axes = panels(len(inputs), 3, 2.2, 2.2)
    for row, line in enumerate(axes):
        for panel, matrix in zip(line[:2], (inputs[row], outputs[row]), strict=True):
            distances = panel.imshow(matrix, cmap="viridis", vmin=0.0, vmax=longest)
        differences = line[2].imshow(residuals[row], cmap="RdBu_r", vmin=-largest, vmax=largest)
        for panel in line:
            panel.set(xticks=[], yticks=[])
        error = _power_of_ten(float(np.mean(residuals[row] ** 2)))
        line[0].set_ylabel(rf"$\gamma = {gamma[row]:.3g}$")
        line[2].set_title(rf"MSE {error} $\sigma^2$", fontsize=9)
    for panel, title in zip(axes[0], ("input distances", "reconstruction"), strict=False):
        panel.set_title(title)
    axes[0][2].set_title(f"residual\n{axes[0][2].get_title()}", fontsize=9)
    first, last = [panel for line in axes for panel in line[:2]], [line[2] for line in axes]
    figure.colorbar(distances, ax=first, location="bottom", shrink=0.5, aspect=25, label=axis_label("distance"))
    bar = figure.colorbar(differences, ax=last, location="bottom", shrink=0.9, aspect=25, label=r"residual ($\sigma$)")
    bar.set_ticks([-largest, 0.0, largest], labels=[f"-{_power_of_ten(largest)}", "0", _power_of_ten(largest)])
    return figure, {"inputs": inputs, "outputs": outputs, "gamma": gamma}


def _power_of_ten(number: float) -> str:
    """Two digits, with a power of ten where they would be far from the point."""
    if number == 0 or 1e-3 <= number < 1e3:
        return f"{number:.2g}"
    digits, power = f"{number:.1e}".split("e")
    return rf"${digits} \times 10^{{{int(power)}}}$"
