"""Array types by role, with their axes and units.

Reduced units everywhere: lengths in sigma, energies in epsilon, temperatures in
epsilon / k_B. Chains are last inside the sampler and first everywhere else.
"""

from typing import TypeAlias

from jaxtyping import Array, Bool, Complex64, Float, Int, Int32, Key, UInt32

PRNGKey: TypeAlias = Key[Array, ""]

Positions: TypeAlias = Float[Array, "particles 2"]
"""One configuration, in sigma."""
ManyPositions: TypeAlias = Float[Array, "*batch particles 2"]
"""Configurations, in sigma."""
BlockCoordinates: TypeAlias = Float[Array, "particles chains"]
"""x or y of a block of chains inside the sampler, in sigma; chains last, so that they fill the vector lanes."""

SquaredDistances: TypeAlias = Float[Array, "*any"]
"""In sigma squared."""
PairEnergies: TypeAlias = Float[Array, "*any"]
"""In epsilon."""
Energy: TypeAlias = Float[Array, ""]
"""In epsilon."""

PerChain: TypeAlias = Float[Array, " chains"]
PerChainIndex: TypeAlias = UInt32[Array, " chains"]
Columns: TypeAlias = Int32[Array, " chains"]
PerConfiguration: TypeAlias = Float[Array, " configurations"]
Configurations2D: TypeAlias = Float[Array, "configurations particles 2"]
HeldOutConfigurations: TypeAlias = Float[Array, "held_out particles 2"]
TrainingRows: TypeAlias = Float[Array, "configurations *entries"]
"""Training data as stored: positions in order, images; a representation makes samples of it."""
HeldOutRows: TypeAlias = Float[Array, "held_out *entries"]
Images: TypeAlias = Float[Array, "images height width"]
"""Grey values from 0 to 1."""
Labels: TypeAlias = Int[Array, " images"]

DistanceMatrix: TypeAlias = Float[Array, "*batch particles particles"]
"""In sigma; symmetric, zero diagonal when it comes from coordinates."""
Samples: TypeAlias = Float[Array, "batch *entries"]
"""A batch of one representation, in reduced units."""
HeldOutSamples: TypeAlias = Float[Array, "held_out *entries"]

Latent: TypeAlias = Float[Array, "batch latent"]
Nats: TypeAlias = Float[Array, " batch"]
PerSample: TypeAlias = Float[Array, " batch"]

Scalar: TypeAlias = Float[Array, ""]
Count: TypeAlias = Int[Array, ""]
Word: TypeAlias = UInt32[Array, ""]
Words: TypeAlias = UInt32[Array, "*any"]
WordPairs: TypeAlias = Complex64[Array, "*any"]
Floats: TypeAlias = Float[Array, "*any"]
Accepted: TypeAlias = Bool[Array, " chains"]
Flag: TypeAlias = Bool[Array, ""]
