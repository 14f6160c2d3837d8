"""Densities on the line whose logarithm is linear between knots, with PyTorch."""

from typing import Any, no_type_check


@no_type_check
def log_density(torch: Any, values: Any, knots: Any, logits: Any, tail_rate: float) -> Any:
    """(batch, rows): of densities whose logarithm is linear between knots and falls at one rate beyond them.

    Args:
        torch: the package.
        values: (batch, rows).
        knots: (batch, rows, knots), or (knots,) where all rows share them.
        logits: (batch, rows, knots), up to a constant for each row.
        tail_rate: one over the unit of the knots.
    """
    widths, place = torch.diff(knots), values[..., None]
    cell = (torch.searchsorted(knots, place.contiguous()) - 1).clamp(0, knots.shape[-1] - 2)
    start, width = (part.expand_as(logits[..., : part.shape[-1]]).gather(-1, cell) for part in (knots, widths))
    share = ((place - start) / width).clamp(0, 1)
    inside = torch.lerp(logits.gather(-1, cell), logits.gather(-1, cell + 1), share)[..., 0]
    outside = (knots[..., 0] - values).clamp(min=0) + (values - knots[..., -1]).clamp(min=0)
    return inside - tail_rate * outside - _log_mass(torch, widths, logits, tail_rate)


@no_type_check
def _log_mass(torch: Any, widths: Any, logits: Any, tail_rate: float) -> Any:
    """(batch, rows): the logarithm of the whole integral."""
    highest = logits.detach().amax(-1, keepdim=True)
    ends = torch.exp(logits - highest)
    half_rise = 0.5 * torch.diff(logits)
    # The mean of exp over a cell is that of its ends times tanh(d / 2) / (d / 2), exact to rounding for small d too.
    flat = half_rise.abs() < 1e-4
    safe = half_rise.masked_fill(flat, 1.0)
    slimmer = torch.where(flat, 1.0, torch.tanh(safe) / safe)
    cells = 0.5 * (widths * (ends[..., 1:] + ends[..., :-1]) * slimmer).sum(-1)
    return torch.log(cells + (ends[..., 0] + ends[..., -1]) / tail_rate) + highest[..., 0]
