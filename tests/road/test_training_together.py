"""Models of several latent dimensions, trained as one program, saved and loaded."""

import types

import jax
import numpy as np
from hydra import compose, initialize_config_dir

from lcpjax import load_run
from lcpjax.build import build_plan
from lcpjax.config_check import identity, plain, typed_config
from lcpjax.dataset import Dataset
from lcpjax.report.run_folder import open_run_folder
from lcpjax.road import measured_rows, train_models
from lcpjax.run import CONF
from lcpjax.training import ModelSetting

SMALL = ["+experiment=train", "+scale=smoke", "system.num_particles=4", "model=mlp", "model.width=4", "model.depth=1"]
SIZES = ["training.num_epochs=1", "training.batch_size=8", "evaluation.batch_size=8", "tracker.wandb.mode=disabled"]


def test_models_padded_to_one_size_are_loaded_at_their_own(in_empty_folder, without_figures):
    with initialize_config_dir(str(CONF), version_base="1.3"):
        overrides = [*SMALL, *SIZES, "model.latent_dim=2", "sweep.strategy=vmap"]
        config = typed_config(compose("config", overrides=overrides))
    positions = 10 * jax.random.uniform(jax.random.key(0), (8, 4, 2))
    dataset = Dataset(*[types.SimpleNamespace(positions=positions)] * 3)
    settings = [ModelSetting(1e-3, latent_dim, seed=0) for latent_dim in (1, 3)]
    folder = in_empty_folder / "run"
    with open_run_folder(folder, plain(config), identity(config), restart=False) as run_folder:
        states = train_models(config, build_plan(config), settings, dataset, run_folder)
    rows = measured_rows(build_plan(config), settings, states, dataset)
    for setting, row in zip(settings, rows, strict=True):
        run = load_run(folder, latent_dim=setting.latent_dim)
        latent = run.encode(positions).mean
        assert latent.shape == (8, setting.latent_dim)
        mse = np.mean((np.asarray(run.decode(latent)) - np.asarray(run.represent(positions))) ** 2)
        # Two programs that sum the same 128 squares in another order.
        np.testing.assert_allclose(mse, row["mse_test"], rtol=1e-5)
