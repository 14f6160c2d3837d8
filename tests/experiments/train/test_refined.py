"""Errors with refined codes, of a decoder that was never trained."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from experiments.train.experiment import check
from experiments.train.refined import refined_metrics, refined_rows
from lcpjax.dataset import Dataset
from lcpjax.errors import InputError
from lcpjax.evaluation.reconstruction.model_errors import errors_of_model
from lcpjax.sampler import Configurations
from tests.evaluation.reconstruction.test_refined_codes import ORDERED, LinearDecoder, untrained
from tests.smoke_runs import composed


def test_the_first_row_is_the_encoders_error_and_the_second_is_smaller():
    model, zeros = untrained(LinearDecoder()), jnp.zeros(len(ORDERED))
    part = Configurations(ORDERED, zeros, zeros, zeros, zeros, zeros)
    rows = refined_rows(model, Dataset(part, part, part, (0.0,)), 6)
    errors = errors_of_model(model, ORDERED, jax.random.key(0))
    assert [row["steps"] for row in rows] == [0, 6]
    np.testing.assert_allclose(rows[0]["mse"], jnp.mean(errors.mse), rtol=1e-5)
    np.testing.assert_allclose(rows[0]["rmsd"], jnp.sqrt(jnp.mean(errors.rmsd**2)), rtol=1e-5)
    np.testing.assert_allclose(rows[0]["kl_nats"], jnp.mean(errors.kl_nats), rtol=1e-5)
    assert rows[1]["mse"] < 0.9 * rows[0]["mse"]
    assert refined_metrics(rows) == {
        "reconstruction/refined_mse_sigma2": rows[1]["mse"],
        "reconstruction/refined_rmsd_sigma": rows[1]["rmsd"],
        "rate/refined_kl_nats": rows[1]["kl_nats"],
    }
    assert refined_metrics([]) == {}


def test_codes_that_are_no_vector_are_refused_before_anything_is_trained():
    with pytest.raises(
        InputError, match=r"^settings\.refinement_steps = 1: the codes of model\.encoder = particle_tokens are"
    ):
        check(composed("train", "model=best", "settings.refinement_steps=1"))
    check(composed("train", "model=best"))
    check(composed("train", "settings.refinement_steps=1"))
