"""The prior over particles, one after the other in height order, written for PyTorch with the parameters of ours."""

from typing import Any, no_type_check

import numpy as np
from scipy.interpolate import CubicSpline

from lcpjax.model.priors.autoregressive import NUM_HEADS, AutoregressivePrior
from lcpjax.model.priors.next_height import EDGE_LOGITS, gap_knots
from lcpjax.model.priors.next_place import coarse_places, place_knots

from .torch_layers import Params, dense, layer_norm
from .torch_log_linear import log_density
from .torch_surroundings import gap_scale, log_boltzmann_factors, torch_surroundings


@no_type_check
def torch_autoregressive(torch: Any, prior: AutoregressivePrior, params: Params) -> Any:
    """The module: from positions in height order, (batch, particles, 2), to their log density in nats, (batch,).

    Args:
        torch: the package.
        prior: with the Lennard-Jones energies.
        params: its own.
    """
    tail_rate, functional = 2.0 / prior.resolution, torch.nn.functional

    class Autoregressive(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.surroundings = torch_surroundings(torch, prior.system)
            self.history = _causal_transformer(torch, prior.depth, params["history"])
            self.next_height = _next_height(torch, prior, self.surroundings, params["next_height"])
            self.next_place = _next_place(torch, prior, self.surroundings, params["next_place"])

        def forward(self, positions):
            x, y = positions.unbind(-1)
            last = functional.pad(y[:, :-1], (1, 0))
            up = self.surroundings.upwards(positions, y)
            states = self.history(self.surroundings.of_particles(positions, up))
            knots, logits, context = self.next_height(positions, last, states)
            heights = log_density(torch, y - last, knots, logits, tail_rate)
            logits = self.next_place(positions, y - last, up, context)
            places = log_density(torch, x, self.next_place.knots, logits, tail_rate)
            return (heights + places).sum(-1)

    return Autoregressive()


@no_type_check
def _causal_transformer(torch: Any, depth: int, params: Params) -> Any:
    """From tokens to a state before each, made of those before it alone."""

    class CausalTransformer(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.start, self.index = (torch.nn.Parameter(torch.tensor(params[name])) for name in ("start", "index"))
            self.embed = dense(torch, params["Dense_0"])
            self.blocks = torch.nn.Sequential(
                *(_causal_block(torch, params[f"CausalBlock_{level}"]) for level in range(depth))
            )
            self.norm = layer_norm(torch, params["LayerNorm_0"])

        def forward(self, tokens):
            start = self.start.expand(len(tokens), -1, -1)
            return self.norm(self.blocks(torch.cat((start, self.embed(tokens[:, :-1])), 1) + self.index))

    return CausalTransformer()


@no_type_check
def _causal_block(torch: Any, params: Params) -> Any:
    functional = torch.nn.functional

    class CausalBlock(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.split, self.mix, self.wide, self.narrow = (dense(torch, params[f"Dense_{i}"]) for i in range(4))
            self.first_norm, self.second_norm = (layer_norm(torch, params[f"LayerNorm_{i}"]) for i in range(2))

        def forward(self, states):
            split = self.split(self.first_norm(states)).unflatten(-1, (3, NUM_HEADS, -1))
            query, key, value = split.permute(2, 0, 3, 1, 4).unbind()
            found = functional.scaled_dot_product_attention(query, key, value, is_causal=True)
            states = states + self.mix(found.transpose(1, 2).flatten(2))
            return states + self.narrow(functional.silu(self.wide(self.second_norm(states))))

    return CausalBlock()


@no_type_check
def _next_height(torch: Any, prior: AutoregressivePrior, surroundings: Any, params: Params) -> Any:
    """From positions, last heights and states to knots in sigma, the log density of the gap there, and the context."""
    silu, system, resolution = torch.nn.functional.silu, prior.system, prior.resolution
    fixed = gap_knots(system, resolution)
    blur = np.pad(np.asarray(EDGE_LOGITS, np.float32), (0, len(fixed) - len(EDGE_LOGITS)))

    class NextHeight(torch.nn.Module):
        def __init__(self):
            super().__init__()
            names = ("near", "walls", "states", "openings", "wide", "logits")
            for index, name in enumerate(names):
                self.add_module(name, dense(torch, params[f"Dense_{index}"]))
            places = torch.tensor(np.asarray(coarse_places(system)[::2], np.float32))
            self.register_buffer("places", places)
            self.register_buffer("from_wall", surroundings.from_wall(places))
            self.register_buffer("fixed", torch.tensor(fixed))
            self.register_buffer("blur", torch.tensor(blur))
            self.register_buffer("crowded", torch.arange(len(fixed)) * (0.02 * resolution))

        def forward(self, positions, last, states):
            near = surroundings.fields(positions, surroundings.upwards(positions, last), self.places)
            seen = silu(self.near(near).add_(self.walls(self.from_wall)).add_(self.states(states)[:, :, None]))
            context = torch.cat((states, silu(self.openings(seen)).mean(2)), -1)
            ceiling = (system.box_side - last).clamp(min=0.05)[..., None]
            knots = torch.minimum(self.fixed, ceiling + 1.5 * resolution) + self.crowded
            logits, growth = self.logits(silu(self.wide(context))).split((len(fixed), 1), -1)
            decay = (system.num_particles / system.box_side) * growth.exp() * knots.clamp(min=0)
            beyond = -2.0 * (knots > ceiling + 0.5 * resolution)
            return knots, logits - decay + (self.blur + beyond), context

    return NextHeight()


@no_type_check
def _next_place(torch: Any, prior: AutoregressivePrior, surroundings: Any, params: Params) -> Any:
    """From positions, gaps, ``upwards`` and what is known to the log density of each particle's place at the knots."""
    silu, system = torch.nn.functional.silu, prior.system
    knots, coarse = place_knots(system, prior.resolution), np.asarray(coarse_places(system), np.float32)
    spline = CubicSpline(coarse, np.eye(len(coarse)), bc_type="natural")(np.clip(knots, 0.0, coarse[-1]))

    class NextPlace(torch.nn.Module):
        def __init__(self):
            super().__init__()
            names = ("factors", "known", "near", "walls", "hidden", "energy")
            for index, name in enumerate(names):
                self.add_module(name, dense(torch, params[f"Dense_{index}"]))
            self.blur = torch.nn.Parameter(torch.tensor(params["blur"]))
            self.register_buffer("places", torch.tensor(coarse))
            self.register_buffer("from_wall", surroundings.from_wall(self.places))
            self.register_buffer("knots", torch.tensor(knots))
            self.register_buffer("spline", torch.tensor(spline.T.astype(np.float32)))

        def forward(self, positions, gaps, up, context):
            heights = positions[..., 1] * (5.0 / system.box_side)
            now = torch.stack((gap_scale(torch, gaps) / 2, gaps, heights), -1)
            factors = self.factors(silu(self.known(torch.cat((context, now), -1))))
            scales, shifts = factors.unflatten(-1, (1, 2, 2, -1)).unbind(-2)
            near = surroundings.fields(positions, up, self.places)
            seen = self.near(near).add_(self.walls(self.from_wall))
            seen = silu((seen * (1 + scales[..., 0, :])).add_(shifts[..., 0, :]))
            seen = silu((self.hidden(seen) * (1 + scales[..., 1, :])).add_(shifts[..., 1, :]))
            blur = torch.nn.functional.pad(self.blur, (0, len(knots) - len(self.blur)))
            energies = log_boltzmann_factors(torch, positions, self.knots, system)
            return self.energy(seen)[..., 0] @ self.spline + (blur + blur.flip(0)) + energies

    return NextPlace()
