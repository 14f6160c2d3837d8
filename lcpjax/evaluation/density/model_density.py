"""Log density of configurations under a model: the bound of the whole model, and the prior alone."""

import jax
import numpy as np
from jaxtyping import Float64

from lcpjax.array_arguments import takes_arrays
from lcpjax.array_types import Configurations2D, Nats, PRNGKey
from lcpjax.errors import InputError
from lcpjax.model import in_batches_with_keys, log_likelihood_bound, log_prior_of_particles
from lcpjax.model.sample_kinds import PARTICLES
from lcpjax.representation import Representation
from lcpjax.runtime.jax_settings import key_of_seed
from lcpjax.sampler.streams import Seed
from lcpjax.trained_model import TrainedModel

NUM_DRAWS = 2
"""Posterior samples of each configuration.

The gap of ``model=best`` scatters by 1.4 nats over configurations and by 0.6 over samples of one: a second sample takes
4 % off the standard error, and all further ones together no more than that. New configurations are cheaper.
"""

PerConfiguration = Float64[np.ndarray, " configurations"]


def has_density(trained: TrainedModel) -> bool:
    """Whether a model has a likelihood of coordinates, and so a density that the fluid's entropy bounds."""
    return (
        trained.is_variational and trained.model.likelihood.is_learned and trained.representation.name == "coordinates"
    )


@takes_arrays
def log_density_bound(
    trained: TrainedModel[Representation], ordered: Configurations2D, key: PRNGKey, num_draws: int = NUM_DRAWS
) -> PerConfiguration:
    """Mean over posterior samples z of ln p(x | z) + ln p(z) - ln q(z | x) in nats: the ELBO, (configurations,).

    Ln q is that of the sample, not its mean, though that is known in closed form: noise that takes a sample to where
    ln p is lower takes ln q down as well, and the difference hardly scatters. It is ln p(x) for any z where q is the
    true posterior.

    Args:
        ordered: (configurations, particles, 2), in sigma, in the model's particle order.
        key: of the posterior samples.
        num_draws: how many of each configuration.

    Raises:
        InputError: a model without a likelihood of coordinates.
    """
    if not has_density(trained):
        raise InputError(f"{trained.name}: has no density; only models of coordinates that learn their variance have")
    samples, scale = trained.representation.represent(ordered), trained.scale

    def of_batch(batch: jax.Array, batch_key: PRNGKey) -> Nats:
        return log_likelihood_bound(trained.model, trained.variables, batch, batch_key, scale)

    draws = [
        in_batches_with_keys(of_batch, samples, each, trained.batch_size) for each in jax.random.split(key, num_draws)
    ]
    return np.mean(np.asarray(draws, np.float64), axis=0)


@takes_arrays
def log_prior_density(trained: TrainedModel[Representation], ordered: Configurations2D) -> PerConfiguration | None:
    """Ln p of a prior over particles, as a density of the coordinates themselves, (configurations,), in nats.

    Exact: without the noise of the tokens, encoder or decoder. None where the latents are not particles.

    Args:
        ordered: (configurations, particles, 2), in sigma, in the model's particle order.
    """
    if trained.model.prior.latents != PARTICLES:
        return None

    def of_batch(batch: jax.Array, _: PRNGKey) -> Nats:
        return log_prior_of_particles(trained.model, trained.variables, batch)

    # Nothing is drawn, but here the last batch is as large as the others: this prior takes seconds to compile.
    return np.asarray(
        in_batches_with_keys(of_batch, ordered, key_of_seed(Seed.EVALUATION), trained.batch_size), np.float64
    )
