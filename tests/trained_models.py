"""Trained models made by hand."""

from lcpjax.system import System
from lcpjax.trained_model import TrainedModel
from lcpjax.training import ModelSetting


def trained(plan, variables, setting=None, system=None, name="by hand"):
    """A model as training with this plan would leave it, with these variables."""
    setting = setting or ModelSetting(kl_weight=1.0, latent_dim=4, seed=0)
    system = system or System(num_particles=plan.model.sample_shape[0])
    size = plan.evaluation_batch_size
    return TrainedModel(name, plan.model, plan.representation, variables, setting, system, size, plan.masks)
