"""A causal transformer: a state before each token, of all tokens at once or of one after the other."""

from typing import NamedTuple

import flax.linen as nn
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int

Tokens = Float[Array, "batch rows features"]
States = Float[Array, "batch rows width"]
Heads = Float[Array, "batch tokens heads part"]


class Past(NamedTuple):
    """Cache of one block, so that no token is processed twice."""

    keys: Heads
    values: Heads


class CausalBlock(nn.Module):
    """Attention to a state itself and those before, then a perceptron; both residual, at first zero.

    Xiong et al., "On layer normalization in the transformer architecture" (2020): normalised first.
    """

    width: int
    num_heads: int

    @nn.compact
    def __call__(self, states: States, first: Int[Array, ""] | int, past: Past) -> tuple[States, Past]:
        """States after attention to themselves and those before; and the cache for the next ones.

        Args:
            first: the row of the first state; the others follow.
        """
        learned, past = self._attention(nn.LayerNorm()(states), first, past)
        states = states + learned
        inner = nn.silu(nn.Dense(2 * self.width)(nn.LayerNorm()(states)))
        return states + nn.Dense(self.width, kernel_init=nn.initializers.zeros)(inner), past

    def _attention(self, states: States, first: Int[Array, ""] | int, past: Past) -> tuple[States, Past]:
        batch, num_rows, width = states.shape
        split = nn.Dense(3 * width, use_bias=False)(states).reshape(batch, num_rows, 3, self.num_heads, -1)
        query = split[:, :, 0]
        past = Past(
            jax.lax.dynamic_update_slice_in_dim(past.keys, split[:, :, 1], first, axis=1),
            jax.lax.dynamic_update_slice_in_dim(past.values, split[:, :, 2], first, axis=1),
        )
        scores = jnp.einsum("bihd,bjhd->bhij", query, past.keys) * (self.num_heads / width) ** 0.5
        rows, length = first + jnp.arange(num_rows), past.keys.shape[1]
        allowed = jnp.arange(length)[None] <= rows[:, None]
        weights = jax.nn.softmax(jnp.where(allowed[None, None], scores, -1e9), axis=-1)
        mixed = jnp.einsum("bhij,bjhd->bihd", weights, past.values).reshape(batch, num_rows, width)
        return nn.Dense(width, kernel_init=nn.initializers.zeros)(mixed), past


class CausalTransformer(nn.Module):
    """A state before each token, a function of the tokens before it alone.

    Args:
        length: number of tokens.
        width: of a state.
        depth: how many blocks.
        num_heads: of the attention.
    """

    length: int
    width: int
    depth: int
    num_heads: int

    def nothing(self, batch: int) -> tuple[Past, ...]:
        """Cache of every block before the first token."""
        empty = jnp.zeros((batch, self.length, self.num_heads, self.width // self.num_heads))
        return (Past(empty, empty),) * self.depth

    @nn.compact
    def __call__(
        self, before: Tokens, first: Int[Array, ""] | int, past: tuple[Past, ...]
    ) -> tuple[States, tuple[Past, ...]]:
        """States of some rows in turn, (batch, rows, width), and the cache for the rows after them.

        Args:
            before: the token before each row; of row 0, which has none, anything.
            first: the first of the rows.
            past: of all rows before.
        """
        start = self.param("start", nn.initializers.normal(0.5), (1, 1, self.width))
        index = self.param("index", nn.initializers.normal(0.2), (1, self.length, self.width))
        rows = first + jnp.arange(before.shape[1])
        states = jnp.where((rows == 0)[None, :, None], start, nn.Dense(self.width)(before))
        states = states + jax.lax.dynamic_slice_in_dim(index, first, before.shape[1], axis=1)
        kept = []
        for own in past:
            states, own = CausalBlock(self.width, self.num_heads)(states, first, own)
            kept.append(own)
        return nn.LayerNorm()(states), tuple(kept)
