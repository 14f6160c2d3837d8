"""A sampler against what is known exactly: every comparison in standard errors."""

from lcpjax.sampler.verification.check import (
    LARGEST_Z,
    SMALLEST_EFFECTIVE_SAMPLE_SIZE,
    Check,
    Subject,
)
from lcpjax.sampler.verification.sampled_chains import Sampler
from lcpjax.sampler.verification.trials import (
    LADDER,
    SAMPLERS,
    IndependentChains,
    JointTest,
    full_system_trials,
    small_system_trials,
)
from lcpjax.sampler.verification.verdict import (
    SMALLEST_JOINT_P_VALUE,
    failures_of,
    joint_p_value,
    largest_deviate,
    num_failures,
    system_label,
)
from lcpjax.sampler.verification.verify import Trial, verify

__all__ = [
    "LADDER",
    "LARGEST_Z",
    "SAMPLERS",
    "SMALLEST_EFFECTIVE_SAMPLE_SIZE",
    "SMALLEST_JOINT_P_VALUE",
    "Check",
    "IndependentChains",
    "JointTest",
    "Sampler",
    "Subject",
    "Trial",
    "failures_of",
    "full_system_trials",
    "joint_p_value",
    "largest_deviate",
    "num_failures",
    "small_system_trials",
    "system_label",
    "verify",
]
