"""A sampler checked against exact results, in standard errors."""

from .check import LARGEST_Z as LARGEST_Z
from .check import SMALLEST_EFFECTIVE_SAMPLE_SIZE as SMALLEST_EFFECTIVE_SAMPLE_SIZE
from .check import Check as Check
from .check import Subject as Subject
from .detectable import detectable_errors as detectable_errors
from .detectable import skipped_law as skipped_law
from .reference_means import has_reference_means as has_reference_means
from .sampled_chains import Sampler as Sampler
from .trials import LADDER as LADDER
from .trials import NONLOCAL as NONLOCAL
from .trials import SAMPLERS as SAMPLERS
from .trials import IndependentChains as IndependentChains
from .trials import JointTest as JointTest
from .trials import SamplerVariant as SamplerVariant
from .trials import Trial as Trial
from .trials import full_system_trials as full_system_trials
from .trials import small_system_trials as small_system_trials
from .trials import verify as verify
from .verdict import SMALLEST_JOINT_P_VALUE as SMALLEST_JOINT_P_VALUE
from .verdict import failures_of as failures_of
from .verdict import joint_p_value as joint_p_value
from .verdict import largest_deviate as largest_deviate
from .verdict import num_failures as num_failures
from .verdict import system_label as system_label
