"""A prior over particles: one after the other in height order, each given those below.

p(z) = product over i of p(y_i | z_<i) p(x_i | y_i, z_<i)
"""

from typing import ClassVar, NamedTuple

import flax.linen as nn
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from lcpjax.array_types import ManyPositions, Nats, PRNGKey
from lcpjax.model.priors import log_linear, surroundings
from lcpjax.model.priors.causal_transformer import CausalTransformer, Past, States
from lcpjax.model.priors.next_height import NextHeight, last_heights
from lcpjax.model.priors.next_place import NextPlace, coarse_places, place_knots
from lcpjax.model.sample_kinds import PARTICLES
from lcpjax.system import System

NUM_HEADS = 4
"""Of attention."""

PerParticle = Float[Array, "batch particles"]
Drawn = Float[Array, "batch 2"]


class Sofar(NamedTuple):
    """Configurations of which the lowest particles are drawn."""

    positions: ManyPositions
    past: tuple[Past, ...]


class AutoregressivePrior(nn.Module):
    """A density of noisy positions in height order, above 0 everywhere, the same for a mirror image x -> L - x.

    Each particle's place has the exact Boltzmann factor of those below it; learned
    are the heights, and what the particles still to come add. Gravity is learned
    too: its strength shows in the heights so far. Of each particle only what
    lies below it is looked at, so the density and its draws are exact whatever
    the order; but positions that are not in height order, up to the noise, have
    next to none. No gradient goes back to the positions: an encoder learns
    nothing from this density, neither where to put its tokens nor how wide.

    Args:
        system: particles, box side, temperature and pair potential.
        resolution: about the standard deviation of the noise on a coordinate, in sigma:
            how sharp walls and order are.
        width: of a state of the transformer.
        depth: its blocks.
        hidden: width of the network applied at each x.
        knows_energies: whether the pair potential is known; else all is learned.
    """

    latents: ClassVar[str] = PARTICLES
    system: System
    resolution: float = 0.002
    width: int = 64
    depth: int = 2
    hidden: int = 32
    knows_energies: bool = True

    def setup(self) -> None:
        """Declare the networks."""
        places = coarse_places(self.system)
        dense = self.width + self.hidden
        self.history = CausalTransformer(self.system.num_particles, self.width, self.depth, num_heads=NUM_HEADS)
        self.next_height = NextHeight(self.system, self.resolution, dense, self.hidden, places[::2])
        self.next_place = NextPlace(self.system, self.resolution, dense, self.hidden, self.knows_energies)

    def log_density(self, positions: ManyPositions) -> Nats:
        """Log p(z) in nats per sigma^(2 particles)."""
        return jnp.sum(sum(self.log_conditionals(positions)), axis=-1)

    def log_conditionals(self, positions: ManyPositions) -> tuple[PerParticle, PerParticle]:
        """Log p(y_i | z_<i) and log p(x_i | y_i, z_<i) in nats per sigma, of every particle."""
        # Without the barrier XLA computes whatever noise is in the positions anew in every loop over pairs.
        positions = jax.lax.optimization_barrier(jax.lax.stop_gradient(positions))
        rows = jnp.arange(self.system.num_particles)
        states, _ = self._states_of(positions, rows, self.history.nothing(positions.shape[0]))
        knots, logits, context = self.next_height(positions, states, rows)
        heights = log_linear.log_density(surroundings.gaps(positions), knots, logits, self._tail_rate)
        logits = self.next_place(positions, positions[..., 1], context, rows)
        places = log_linear.log_density(positions[..., 0], self._place_knots, logits, self._tail_rate)
        return heights, places

    def sample(self, key: PRNGKey, number: int) -> Float[Array, "number particles 2"]:
        """Positions drawn from it, in sigma, one particle after the other."""
        num_particles = self.system.num_particles

        def add(module: "AutoregressivePrior", sofar: Sofar, turn: tuple) -> tuple[Sofar, None]:
            row, row_key = turn
            states, past = module._states_of(sofar.positions, row[None], sofar.past)
            drawn = module._draw(row_key, sofar.positions, states, row[None])
            return Sofar(sofar.positions.at[:, row].set(drawn), past), None

        scan = nn.scan(add, variable_broadcast="params", split_rngs={"params": False})
        turns = (jnp.arange(num_particles), jax.random.split(key, num_particles))
        return scan(self, Sofar(jnp.zeros((number, num_particles, 2)), self.history.nothing(number)), turns)[
            0
        ].positions

    def _draw(self, key: PRNGKey, positions: ManyPositions, states: States, row: Int[Array, " rows"]) -> Drawn:
        """The next particle of each configuration."""
        gap_key, place_key = jax.random.split(key)
        knots, logits, context = self.next_height(positions, states, row)
        gap = log_linear.draw(gap_key, knots, logits, self._tail_rate)
        height = last_heights(positions, row) + gap
        logits = self.next_place(positions, height, context, row)
        place = log_linear.draw(place_key, self._place_knots, logits, self._tail_rate)
        return jnp.concatenate([place, height], axis=-1)

    def _states_of(
        self, positions: ManyPositions, rows: Int[Array, " rows"], past: tuple[Past, ...]
    ) -> tuple[States, tuple[Past, ...]]:
        """State before each of some rows in turn, and the cache that the rows after them need."""
        last = jnp.maximum(rows - 1, 0)
        before = surroundings.of_particles(positions, last, self.system, knows_energies=self.knows_energies)
        return self.history(jax.lax.optimization_barrier(before), rows[0], past)

    @property
    def _place_knots(self) -> Float[Array, "1 1 knots"]:
        return jnp.asarray(place_knots(self.system, self.resolution))[None, None]

    @property
    def _tail_rate(self) -> float:
        return 2.0 / self.resolution
