"""What tests of whole runs share: a composed config, the smallest scale, and what to look at in a run folder."""

import json

from hydra import compose, initialize_config_dir

from lcpjax.config.check import typed_config
from lcpjax.run import CONF

SMOKE = "+scale=smoke"
SMALL_MODEL = ["model.channels=[4]", "model.latent_dim=2"]


def composed(experiment, *overrides):
    with initialize_config_dir(str(CONF), version_base="1.3"):
        return typed_config(compose("config", overrides=[f"+experiment={experiment}", *overrides]))


def the_run_folder(folder, experiment):
    (found,) = (path for path in (folder / "outputs" / experiment).iterdir() if "set-aside" not in path.name)
    return found


def metrics_of(run_folder):
    return [json.loads(line) for line in (run_folder / "metrics.jsonl").read_text().splitlines()]


def without_times(record):
    volatile = ("second", "time", "wall", "_per_", "memory")
    return {key: value for key, value in record.items() if not any(word in key for word in volatile)}
