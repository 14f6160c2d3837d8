"""The answer of the sampler's verification."""

from lcpjax.report.answer import Answer, Summary, key_number, number

LARGEST_Z, SMALLEST_P = 4.3, 1e-4
"""Limits of a single check and of all jointly, as the sampler's checks have them."""


def answer(summary: Summary) -> Answer:
    """Whether the sampler agrees with all that is known exactly."""
    largest, p_value = summary["verification/largest_z"], summary["verification/joint_p_value"]
    holds = largest < LARGEST_Z and p_value > SMALLEST_P
    sentence = (
        f"{'Yes' if holds else 'No'}: of {summary['verification/num_checks']:g} checks against exact results the "
        f"largest deviation is {number(largest)} standard errors (allowed {LARGEST_Z:g}), and jointly p = "
        f"{number(p_value)} (allowed {SMALLEST_P:g})."
    )
    numbers = key_number(summary, "verification/largest_z", LARGEST_Z, "allowed")
    numbers += key_number(summary, "verification/joint_p_value", SMALLEST_P, "at least")
    return Answer(sentence, numbers)
