"""A causal transformer: what is known before each token."""

import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

Tokens = Float[Array, "batch tokens features"]
States = Float[Array, "batch tokens width"]


class CausalBlock(nn.Module):
    """Attention to a state itself and those before, then a perceptron; each adds to what came before, at first nothing.

    Xiong et al., "On layer normalization in the transformer architecture" (2020): normalised first.
    """

    width: int
    num_heads: int

    @nn.compact
    def __call__(self, states: States) -> States:
        """The states, with what they learnt of one another."""
        states = states + self._attention(nn.LayerNorm()(states))
        inner = nn.silu(nn.Dense(2 * self.width)(nn.LayerNorm()(states)))
        return states + nn.Dense(self.width, kernel_init=nn.initializers.zeros)(inner)

    def _attention(self, states: States) -> States:
        batch, length, width = states.shape
        split = nn.Dense(3 * width, use_bias=False)(states).reshape(batch, length, 3, self.num_heads, -1)
        query, key, value = split[:, :, 0], split[:, :, 1], split[:, :, 2]
        scores = jnp.einsum("bihd,bjhd->bhij", query, key) * (self.num_heads / width) ** 0.5
        allowed = np.tril(np.ones((1, 1, length, length), bool))
        weights = jax.nn.softmax(jnp.where(allowed, scores, -1e9), axis=-1)
        mixed = jnp.einsum("bhij,bjhd->bihd", weights, value).reshape(batch, length, width)
        return nn.Dense(width, kernel_init=nn.initializers.zeros)(mixed)


class CausalTransformer(nn.Module):
    """A state before each token, made of the tokens before it alone.

    Args:
        width: of a state.
        depth: how many blocks.
        num_heads: of the attention.
    """

    width: int
    depth: int
    num_heads: int

    @nn.compact
    def __call__(self, tokens: Tokens) -> States:
        """(batch, tokens, width)."""
        batch, length, _ = tokens.shape
        start = self.param("start", nn.initializers.normal(0.5), (1, 1, self.width))
        index = self.param("index", nn.initializers.normal(0.2), (1, length, self.width))
        earlier = nn.Dense(self.width)(tokens[:, :-1])
        states = jnp.concatenate([jnp.broadcast_to(start, (batch, 1, self.width)), earlier], axis=1) + index
        for _ in range(self.depth):
            states = CausalBlock(self.width, self.num_heads)(states)
        return nn.LayerNorm()(states)
