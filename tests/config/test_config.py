"""Configs compose, and what cannot be is refused in one line before anything is written."""

import re
from pathlib import Path

import pytest
import yaml
from hydra import compose, initialize_config_dir

from lcpjax import experiments
from lcpjax.build import check
from lcpjax.cli.job import experiment_names, load_experiment
from lcpjax.config import Config
from lcpjax.config.check import ConfigError, config_hash, identity, key_types, plain, typed_config
from lcpjax.run import CONF, run_command

NAMES = sorted(path.stem for path in (CONF / "experiment").glob("*.yaml"))
SCALES = sorted(path.stem for path in (CONF / "scale").glob("*.yaml"))


def composed(*overrides):
    with initialize_config_dir(str(CONF), version_base="1.3"):
        return typed_config(compose("config", overrides=list(overrides)))


def leaf_keys(tree, prefix=""):
    for key, value in tree.items():
        yield from leaf_keys(value, f"{prefix}{key}.") if isinstance(value, dict) else [prefix + key]


def load(path):
    return yaml.safe_load(path.read_text()) or {}


# Scales set the same keys for every experiment, so not every pair is needed.
@pytest.mark.parametrize(
    ("name", "scale"), [*((name, "laptop") for name in NAMES), *(("lambda_sweep", scale) for scale in SCALES)]
)
def test_every_experiment_composes_and_builds_at_every_scale(name, scale):
    config = composed(f"+experiment={name}", f"+scale={scale}")
    assert config.experiment == name
    check(config)


def test_every_experiment_has_a_config_a_module_and_a_page_with_its_question_and_a_row_in_the_gallery():
    assert experiment_names() == NAMES
    (folder,) = map(Path, experiments.__path__)
    gallery = (folder / "README.md").read_text()
    for name in NAMES:
        assert callable(load_experiment(name).run)
        page = (folder / name / "README.md").read_text()
        for part in ("**Question.**", "xpectation, written before the run", "## Run it", f"+experiment={name}"):
            assert part in page, f"experiments/{name}/README.md lacks {part}"
        assert f"| [{name}]({name}/README.md) |" in gallery


def test_scales_set_one_fixed_list_of_keys_and_experiments_none_of_them():
    lists = {scale: set(leaf_keys(load(CONF / "scale" / f"{scale}.yaml"))) for scale in SCALES}
    assert set(SCALES) == {"smoke", "laptop", "reference", "study", "gpu", "gpu_check"}
    # Sweeps are no size: they are what equilibrium takes. The smallest scale alone makes fewer.
    smallest, sizes = lists.pop("smoke"), lists["laptop"]
    assert smallest - sizes == {"sampler.num_sweeps"}
    assert sizes <= smallest
    assert len(set(map(frozenset, lists.values()))) == 1
    assert sizes <= set(leaf_keys(load(CONF / "config.yaml")))
    for name in NAMES:
        assert not smallest & set(leaf_keys(load(CONF / "experiment" / f"{name}.yaml")))


@pytest.mark.parametrize("name", ["lambda_sweep", "sample"])
def test_laptop_is_what_runs_without_a_scale_and_the_order_does_not_matter(name):
    assert composed(f"+experiment={name}") == composed(f"+experiment={name}", "+scale=laptop")
    assert composed(f"+experiment={name}", "+scale=study") == composed("+scale=study", f"+experiment={name}")


def test_every_option_of_every_group_composes():
    for group in CONF.iterdir():
        if group.is_dir() and group.name not in ("experiment", "scale"):
            for option in group.glob("*.yaml"):
                composed("+experiment=train", f"{group.name}={option.stem}")


def test_the_density_of_particles_by_height_is_refused_in_another_order():
    with pytest.raises(ConfigError, match=r"model.prior = autoregressive: particles come by height; representation"):
        check(composed("+experiment=train", "model=best", "representation.ordering=template"))


@pytest.mark.parametrize("model", sorted(path.stem for path in (CONF / "model").glob("*.yaml")))
def test_every_model_builds_on_its_own(model):
    check(composed("+experiment=train", f"model={model}"))


def test_attention_takes_as_many_heads_as_divide_its_width():
    with pytest.raises(ConfigError, match=r"^model\.num_heads = 3: must divide width = 64$"):
        check(composed("+experiment=train", "model=set_transformer", "model.num_heads=3"))


def test_no_file_sets_hydra_mode_and_the_main_config_lists_neither_experiment_nor_scale():
    for path in CONF.rglob("*.yaml"):
        assert not re.search(r"hydra\.mode|mode:\s*MULTIRUN", path.read_text()), path
    defaults = str(load(CONF / "config.yaml")["defaults"])
    assert "experiment" not in defaults
    assert "scale" not in defaults


@pytest.mark.parametrize("name", NAMES)
def test_every_key_of_the_schema_has_a_value_in_a_file(name):
    types = key_types(name)
    assert set(leaf_keys(plain(composed(f"+experiment={name}")))) == {
        key for key, kind in types.items() if kind != "a group of keys"
    }


def test_an_experiment_without_keys_of_its_own_has_none_of_another():
    with pytest.raises(ConfigError, match=r"^settings\.num_rounds: no such key"):
        typed_config({**plain(composed("+experiment=sample")), "settings": {"num_rounds": 1}})
    assert not [key for key in key_types("sample") if key.startswith("settings.")]


def test_the_identity_of_a_run_ignores_how_it_is_watched_and_nothing_else():
    config = composed("+experiment=train")
    watching = ["restart=true", "run.max_minutes=5", "device=cpu", "tracker.wandb.mode=disabled"]
    same = composed("+experiment=train", *watching, "dataset.cache=false", "dataset.cache_dir=elsewhere")
    other = composed("+experiment=train", "training.kl_weight=2e-3")
    assert config_hash(config) == config_hash(same) != config_hash(other)
    left_out = set(leaf_keys(plain(config))) - set(leaf_keys(identity(config)))
    assert left_out == {
        *(
            "restart",
            "run.max_minutes",
            "dataset.cache",
            "dataset.cache_dir",
            "training.kept_models",
            "sampler.block_size",
            "sampler.host_threads",
        ),
        *(f"device.{name}" for name in ("platform", "distributed", "coordinator", "num_processes", "process")),
        "device.start_timeout_seconds",
        *(f"tracker.wandb.{name}" for name in ("mode", "project", "entity", "group", "artifacts", "timeout_seconds")),
    }


def test_a_device_named_by_a_word_alone_is_one_process_on_it():
    values = plain(composed("+experiment=train", "device=cpu"))
    assert values["device"]["platform"] == "cpu"
    # As in configs of run folders from before there were several processes.
    assert plain(typed_config({**values, "device": "cpu"})) == values


def test_equal_numbers_written_differently_are_one_run():
    assert config_hash(composed("+experiment=train", "training.kl_weight=0.001")) == config_hash(
        composed("+experiment=train", "training.kl_weight=1e-3")
    )


REFUSED = [
    ("training.kl_wieght=1", "training.kl_wieght: no such key; did you mean 'training.kl_weight'?"),
    ("+training.kl_wieght=1", "training.kl_wieght: no such key; did you mean 'training.kl_weight'?"),
    ("sistem=dense", "sistem: no such key or group; did you mean 'system'?"),
    ("system=dens", "system = dens: did you mean 'dense'? allowed: box, dense"),
    ("model.latent_dim=abc", "model.latent_dim"),
    ("training.num_epochs=1.5", "training.num_epochs"),
    ("system.temperature=-1", "system.temperature = -1.0: must be above 0 (epsilon / k_B)"),
    ("system.temperature=nan", "system.temperature = nan: must be above 0"),
    ("training.kl_weight=-1e-3", "training.kl_weight = -0.001: must be at least 0"),
    ("model.latent_dim=0", "model.latent_dim = 0: must be at least 1"),
    ("model.kernel_size=4", "model.kernel_size = 4: must be odd"),
    ("system.num_particles=1000", "system.num_particles = 1000: a box of side 10.0 sigma holds at most 136"),
    ("system.pair_potential=lenard_jones", "system.pair_potential = lenard_jones: did you mean 'lennard_jones'?"),
    ("system.gammas=[]", "system.gammas = []: at least one value is needed"),
    ("system.gammas=[0.1,0.1]", "each value may stand there once"),
    ("sweep.kl_weights=[1e-3,1e-3]", "sweep.kl_weights = [0.001, 0.001]: each value may stand there once"),
    ("sweep.seeds=[1,1]", "sweep.seeds = [1, 1]: each value may stand there once"),
    ("sweep.latent_dims=[2,2]", "sweep.latent_dims = [2, 2]: each value may stand there once"),
    ("sweep.plane_orderings=[height,height]", "sweep.plane_orderings = ['height', 'height']: each value may"),
    ("sweep.models=[best,best]", "sweep.models = ['best', 'best']: each value may stand there once"),
    ("sweep.kl_weights=[1e-3,-1]", "sweep.kl_weights = -1.0: must be at least 0"),
    ("representation.ordering=hight", "representation.ordering = hight: did you mean 'height'?"),
    ("representation.mirror=cannonical", "representation.mirror = cannonical: did you mean 'canonical'?"),
    ("model.encoder=convolution", "model.encoder = convolution: did you mean 'convolutional'?"),
    ("model.decoder=set_transformer", "model.decoder = set_transformer: works on particle coordinates, "),
    ("representation=coordinates", "model.encoder = convolutional: works on square matrices, the representation's"),
    ("training.optimizer=nadm", "training.optimizer = nadm: did you mean 'nadam'?"),
    ("training.schedule=cosin", "training.schedule = cosin: did you mean 'cosine'?"),
    ("training.batch_size=100000", "training.batch_size = 100000: the training set has only 208 configurations"),
    ("dataset.test_fraction=0", "dataset.test_fraction = 0.0: must be above 0"),
    ("dataset.test_fraction=0.001", "dataset.chains_per_gamma = 64: the test set is empty"),
    ("sampler.step_size=7", "sampler.step_size = 7.0: must be at most 5.0"),
    ("sampler.order=sequental", "sampler.order = sequental: did you mean 'sequential'?"),
    ("sampler.samples_per_chain=0", "sampler.samples_per_chain = 0: must be at least 1"),
    ("sampler.tempering_temperature_factors=[1,2]", "both lists must have the same length"),
    ("sampler.tempering_gamma_factors=[-1]", "sampler.tempering_gamma_factors = -1.0: must be at least 0"),
    ("dataset.source=streamed", "dataset.source = streamed: did you mean 'stream'?"),
    ("dataset.chains_per_gamma=2000000000", "dataset.chains_per_gamma: 8000000000 chains in all"),
    ("device=tpu", "device = tpu"),
    ("tracker.wandb.mode=on", "tracker.wandb.mode = "),
    ("experiment=train", "experiment=train: write +experiment=train"),
    ("training.kl_weight=${foo}", "training.kl_weight"),
    ("training=null", "training"),
    ("restart=maybe", "restart: must be bool"),
    ("system.gammas=0.1", "system.gammas: must be list of float, in brackets"),
    ("sampler.num_sweeps=1000000000", "sampler.num_sweeps = 1000000000: must be at most 143165576"),
    ("training.num_epochs=99999999999", "training.num_epochs = 99999999999: must be at most"),
    ("model.channels=[1,1,1,1,1,1,1,1,1]", "at most 8 levels"),
    ("hydra.run.dir=/etc/passwd/run", "no folder can be made there, /etc/passwd is not a writable folder"),
    ("hydra.run.dir='/etc/passwd/a,b'", "hydra.run.dir = /etc/passwd/a,b: no folder can be made there"),
    (f"hydra.run.dir={'n' * 300}", "File name too long"),
    ("hydra.run.dir=null", "hydra.run.dir=null"),
    ("system.gammas=abc", "system.gammas: must be list of float, in brackets, not abc"),
    ("sweep.seeds=5", "sweep.seeds: must be list of int, in brackets, not 5"),
    ("model=[\r1", r"model=[\r1: cannot be read as KEY=VALUE"),
    ("training.kl_weight=[", "training.kl_weight=[: cannot be read as KEY=VALUE"),
]


@pytest.mark.parametrize(("override", "complaint"), REFUSED, ids=[override for override, _ in REFUSED])
def test_what_cannot_be_is_refused_in_one_line_and_nothing_is_written(override, complaint, in_empty_folder, capsys):
    arguments = ["+scale=smoke", override] + ([] if override.startswith("experiment=") else ["+experiment=train"])
    assert run_command(arguments) == 2
    said = capsys.readouterr()
    (line,) = (said.out + said.err).splitlines()
    assert complaint in line
    assert list(in_empty_folder.iterdir()) == []


@pytest.mark.parametrize(
    ("command", "complaint"),
    [
        (
            ["+experiment=train", "model=best", "representation=anchored_distances"],
            "representation=anchored_distances: model=best has its own, coordinates in height order; leave one of them",
        ),
        (["+experiment=train", "sampler.kernel=fused"], "sampler.kernel = fused: needs an NVIDIA GPU"),
    ],
)
def test_what_a_preset_or_a_device_cannot_do_is_refused_as_well(command, complaint, in_empty_folder, capsys):
    assert run_command(command) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert complaint in line
    assert not list(in_empty_folder.iterdir())


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["+experiment=lamda_sweep"], "experiment = lamda_sweep: did you mean 'lambda_sweep'?"),
        (["+experiment=train", "+scale=laptpo"], "scale = laptpo: did you mean 'laptop'?"),
        ([], f"no experiment chosen: add +experiment=NAME; there are {NAMES[0]}, "),
        (["-m", "+experiment=train", "model.latnt_dim=8,16"], "model.latnt_dim: no such key"),
        (["-m", "+experiment=train", "training.kl_weight=interval(0,3)"], "a grid needs single values"),
        (["-m", "+experiment=train,trian"], "experiment = trian: did you mean 'train'?"),
    ],
)
def test_a_misspelt_choice_is_refused_in_one_line(arguments, complaint, in_empty_folder, capsys):
    assert run_command(arguments) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert complaint in line
    assert list(in_empty_folder.iterdir()) == []


def test_an_asked_for_gpu_that_is_not_there_is_refused(in_empty_folder, capsys):
    assert run_command(["+experiment=train", "+scale=smoke", "device=gpu"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "device = gpu: JAX runs on cpu here" in line
    assert list(in_empty_folder.iterdir()) == []


def test_a_config_without_a_mandatory_value_is_refused():
    values = plain(composed("+experiment=train"))
    del values["model"]["latent_dim"]
    with pytest.raises(ConfigError, match=r"model\.latent_dim: a value is needed"):
        typed_config(values)


def test_a_config_survives_yaml():
    config = composed("+experiment=lambda_sweep", "+scale=study")
    assert typed_config(yaml.safe_load(yaml.safe_dump(plain(config)))) == config
    assert isinstance(config, Config)
