"""Objects from the config, made before anything is written: every name is looked up and every size is checked."""

from .models import build_coordinate_network as build_coordinate_network
from .models import build_model as build_model
from .models import build_representation as build_representation
from .models import build_system as build_system
from .plans import build_image_plan as build_image_plan
from .plans import build_plan as build_plan
from .plans import build_sampling_plan as build_sampling_plan
from .plans import check as check
from .plans import num_all_chains as num_all_chains
from .plans import num_kept_chains as num_kept_chains
from .plans import num_per_epoch as num_per_epoch
from .plans import num_training_chains as num_training_chains
from .plans import num_training_configurations as num_training_configurations
