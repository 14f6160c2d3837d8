"""A latent token a particle, its decoder and its objective in nats, for PyTorch with the parameters of ours."""

import math
from typing import Any, no_type_check

from lcpjax.model import VAE, Variables
from lcpjax.model.likelihood import SHARED
from lcpjax.model.particle_tokens import FARTHEST, ParticleTokenDecoder, ParticleTokenEncoder
from lcpjax.model.priors import AutoregressivePrior
from lcpjax.model.radial_basis import NUM_FUNCTIONS

from .torch_autoregressive import torch_autoregressive
from .torch_layers import Params, as_arrays, dense


def is_of_particle_tokens(model: VAE) -> bool:
    """Whether a model has a token a particle, a prior that knows Lennard-Jones energies, and one learned variance."""
    prior = model.prior
    return (
        isinstance(model.encoder, ParticleTokenEncoder)
        and isinstance(model.decoder, ParticleTokenDecoder)
        and isinstance(prior, AutoregressivePrior)
        and prior.knows_energies
        and prior.system.pair_potential == "lennard_jones"
        and model.likelihood.variance == SHARED
    )


@no_type_check
def torch_particle_tokens(torch: Any, model: VAE, variables: Variables, kl_weight: float) -> Any:
    """The module: from positions and standard normal deviations to the means of loss, squared error and KL.

    Args:
        torch: the package.
        model: one that ``is_of_particle_tokens``.
        variables: of Flax; copied.
        kl_weight: lambda.
    """
    params, num_entries = as_arrays(variables["params"]), model.encoder.latent_dim
    noise, min_scale = model.encoder.scale, model.likelihood.min_scale
    # The normalisation's scale would be in it and in the prior's density, and cancels.
    entropy = num_entries * (math.log(noise) + 0.5 * math.log(2 * math.pi * math.e))

    class ParticleTokens(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.log_scale = torch.nn.Parameter(torch.tensor(params["log_scale"]))
            self.neighbourhood = _neighbourhood(torch, params["decoder"]["Neighbourhood_0"])
            self.prior = torch_autoregressive(torch, model.prior, params["prior"])

        def forward(self, positions, deviations):
            tokens = positions + noise * deviations.view_as(positions)
            mse = torch.nn.functional.mse_loss(tokens + self.neighbourhood(tokens), positions)
            variance = (min_scale + self.log_scale.exp()).square()
            term = 0.5 * num_entries * (mse / variance + torch.log(2 * math.pi * variance))
            kl_nats = -entropy - self.prior(tokens).mean()
            return term + kl_weight * kl_nats, mse, kl_nats

    return ParticleTokens()


@no_type_check
def _neighbourhood(torch: Any, params: Params) -> Any:
    """From positions to a displacement of each particle along the lines to the others."""
    nn = torch.nn
    spacing = math.log1p(FARTHEST) / (NUM_FUNCTIONS - 1)

    class Neighbourhood(nn.Module):
        def __init__(self):
            super().__init__()
            layers = dense(torch, params["Dense_0"]), nn.SiLU(), dense(torch, params["Dense_1"])
            self.strengths = nn.Sequential(*layers)
            self.register_buffer("functions", torch.arange(NUM_FUNCTIONS) * 1.0)

        def forward(self, positions):
            # Each pair once: what pushes one of it pulls the other.
            first, second = torch.triu_indices(*positions.shape[1:2] * 2, 1, device=positions.device)
            lines = positions[:, first] - positions[:, second]
            distances = lines.square().sum(-1, keepdim=True).clamp(min=1e-12).sqrt()
            basis = torch.exp(-0.5 * (torch.log1p(distances) / spacing - self.functions).square())
            envelope = 0.5 + 0.5 * torch.cos(torch.pi * (distances / FARTHEST).clamp(max=1))
            pushes = self.strengths(basis) * (envelope / distances * lines)
            return torch.zeros_like(positions).index_add(1, first, pushes).index_add(1, second, pushes, alpha=-1)

    return Neighbourhood()
