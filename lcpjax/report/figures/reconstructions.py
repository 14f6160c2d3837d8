"""Input matrices, reconstructions and residuals."""

import numpy as np
from matplotlib.figure import Figure

from lcpjax.report.figures.style import panels, styled


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
    figure, axes = panels(len(inputs), 3, 2.6, 2.3)
    for row, values in enumerate(zip(inputs, outputs, residuals, strict=True)):
        for column, matrix in enumerate(values):
            signed = column == 2
            image = axes[row][column].imshow(
                matrix,
                cmap="RdBu_r" if signed else "viridis",
                vmin=-largest if signed else 0.0,
                vmax=largest if signed else longest,
            )
            axes[row][column].set(xticks=[], yticks=[])
            if column > 0:
                figure.colorbar(image, ax=axes[row][column], shrink=0.85, label=r"$\sigma$")
        error = float(np.mean(residuals[row] ** 2))
        axes[row][0].set_ylabel(rf"$\gamma = {gamma[row]:.3g}$")
        axes[row][2].set_title(rf"residual, MSE {error:.2g} $\sigma^2$")
    axes[0][0].set_title("input distances")
    axes[0][1].set_title("reconstruction")
    return figure, {"inputs": inputs, "outputs": outputs, "gamma": gamma}
