"""One law at several gammas together: chains of different gammas are independent, and a fault moves all of them."""

import math
from collections.abc import Sequence

from lcpjax.sampler.verification.check import Check
from lcpjax.sampler.verification.sensitivity import of_weighted_mean


def across_gammas(checks: Sequence[Check], weights: Sequence[float]) -> Check:
    """The weighted mean of what was measured at each gamma against that of the exact values.

    Args:
        checks: of one law, a gamma each.
        weights: not all 0.
    """
    total = sum(weights)
    shares = [weight / total for weight in weights] if total > 0 else [math.nan for _ in weights]
    measured = sum(share * check.measured for share, check in zip(shares, checks, strict=True))
    exact = sum(share * check.exact for share, check in zip(shares, checks, strict=True))
    error = math.hypot(*(share * check.standard_error for share, check in zip(shares, checks, strict=True)))
    z = (measured - exact) / error if error > 0 else math.nan
    first, last = checks[0], checks[-1]
    known = [check.sensitivity for check in checks if check.sensitivity is not None]
    sensitivity = of_weighted_mean(known, shares) if len(known) == len(checks) else None
    label = f"{first.gamma} to {last.gamma}" if len(checks) > 1 else f"{first.gamma} alone"
    size = min(check.effective_sample_size for check in checks)
    return Check(first.subject, first.name, label, measured, exact, error, size, z, sensitivity)


def inverse_variances(checks: Sequence[Check]) -> list[float]:
    """Weights of the mean with the smallest error, the best ones where a fault moves all by the same."""
    return [0.0 if math.isnan(check.standard_error) else check.standard_error**-2 for check in checks]
