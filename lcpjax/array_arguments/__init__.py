"""Array arguments of public functions: numbers in other containers are converted, or refused in one line.

The annotations of a function declare the arrays; they are read once, when it is
defined. A JAX array of the right kind passes as it is, under jit, vmap and grad too.
"""

from .decorators import convert_numbers as convert_numbers
from .decorators import takes_arrays as takes_arrays
from .decorators import takes_concrete_arrays as takes_concrete_arrays
