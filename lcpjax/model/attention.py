"""Attention between two sets of tokens, and the block that transformers repeat."""

import flax.linen as nn
import jax
from jaxtyping import Array, Float

Tokens = Float[Array, "batch tokens width"]
OtherTokens = Float[Array, "batch others width"]
PairBias = Float[Array, "batch heads tokens others"]


class Attention(nn.Module):
    """Attention of each token to others: softmax(q k^T / sqrt(width of a head) + bias) v, head by head.

    Args:
        num_heads: divides the width of the tokens.
    """

    num_heads: int

    @nn.compact
    def __call__(self, asking: Tokens, asked: OtherTokens, pair_bias: PairBias | None = None) -> Tokens:
        """One token for each query."""
        width = asking.shape[-1]
        heads = (self.num_heads, width // self.num_heads)
        query = nn.DenseGeneral(heads, name="query")(asking)
        key, value = (nn.DenseGeneral(heads, name=name)(asked) for name in ("key", "value"))
        found = jax.nn.dot_product_attention(query, key, value, bias=pair_bias)
        return nn.Dense(width, name="out")(found.reshape(asking.shape))


class AttentionBlock(nn.Module):
    """Tokens after attention to others, or among themselves, and a perceptron for each alone.

    Normalised first, so that the way past all blocks is never touched: Xiong et
    al., "On layer normalization in the transformer architecture" (2020).
    """

    num_heads: int

    @nn.compact
    def __call__(self, tokens: Tokens, others: OtherTokens | None = None, pair_bias: PairBias | None = None) -> Tokens:
        """The same shape as ``tokens``; ``others`` are taken as they are, tokens among themselves normalised."""
        width = tokens.shape[-1]
        normalised = nn.LayerNorm()(tokens)
        tokens = tokens + Attention(self.num_heads)(normalised, normalised if others is None else others, pair_bias)
        inner = nn.silu(nn.Dense(2 * width)(nn.LayerNorm()(tokens)))
        return tokens + nn.Dense(width)(inner)
