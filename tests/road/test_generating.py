"""What is said of generated configurations, with configurations whose worth is known."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hydra import compose, initialize_config_dir

from lcpjax import road
from lcpjax.build import build_plan, build_system
from lcpjax.config_check import ConfigError, changed, typed_config
from lcpjax.dataset import Dataset
from lcpjax.evaluation import are_inside, log_tilt, observables, structure_of
from lcpjax.model import initial_variables
from lcpjax.model.priors import CouplingFlow
from lcpjax.recipes import CONF
from lcpjax.representation import Normalisation
from lcpjax.road.case_models import CaseModel
from lcpjax.road.generating.exact_laws import Agreement, _of_edges, held_to_laws
from lcpjax.road.generating.exact_weights import WeightedDraws
from lcpjax.road.generating.fluid import EquilibriumFluid
from lcpjax.road.generating.generated import CORRECTED, FOUR, GAUSSIAN, MIXTURE, OWN, Generated
from lcpjax.road.generating.judging import AS_FEW, OTHER_CHAINS, swept
from lcpjax.road.generating.own_prior import _corrected, from_own_prior
from lcpjax.road.generating.sources import fit_priors, generate, generate_new
from lcpjax.road.generating.warm_start import Followed, Start, follow
from lcpjax.road.latents.codes import Facts, Part, codes_of
from lcpjax.sampler import sample
from lcpjax.sampler.thermodynamic_integration import Integration, integrate
from lcpjax.training import ModelSetting

SMALL = ["+experiment=generation", "system.num_particles=4", "system.box_side=5.0", "system.gammas=[0.1,1.0]"]
NETWORKS = {
    "representation.name": "coordinates",
    "model.encoder": "perceptron",
    "model.decoder": "perceptron",
    "model.latent_dim": 4,
    "model.width": 16,
    "model.depth": 1,
    "model.variance": "shared",
}
GAMMAS, NUMBER = (0.1, 1.0), 400


@pytest.fixture(scope="module")
def config():
    with initialize_config_dir(str(CONF), version_base="1.3"):
        return changed(typed_config(compose("config", overrides=SMALL)), NETWORKS)


@pytest.fixture(scope="module")
def system(config):
    return build_system(config)


@pytest.fixture(scope="module")
def fluid(system):
    gamma = jnp.tile(jnp.array([*GAMMAS, 0.5]), 2 * NUMBER)
    positions = sample(jax.random.key(0), system, gamma, num_sweeps=400).positions
    by_gamma = {value: positions[index::6] for index, value in enumerate((*GAMMAS, 0.5))}
    others = {value: positions[3 + index :: 6] for index, value in enumerate((*GAMMAS, 0.5))}
    integration = Integration(chains_per_node=64, num_sweeps=200, samples_per_chain=8)
    free_energy = integrate(jax.random.key(1), system, list(GAMMAS), integration)
    tested = jnp.concatenate([by_gamma[value][:100] for value in GAMMAS])
    part = Part(tested, np.repeat([0, 1], 100), jax.device_get(observables(tested, system)))
    facts = Facts(system, np.array(GAMMAS), part, part, part, np.zeros((200, 2)))
    structures = {value: structure_of(each, system.box_side) for value, each in by_gamma.items()}
    return EquilibriumFluid(facts, free_energy, by_gamma, others, structures, 0.5)


@pytest.fixture(scope="module")
def dataset(fluid, system):
    gamma = jnp.repeat(jnp.array(GAMMAS), 100)
    first, second = (sample(jax.random.key(seed), system, gamma, num_sweeps=400) for seed in (3, 4))
    return Dataset(first, first, second)


@pytest.fixture(scope="module")
def model(config):
    plan = build_plan(config)
    mean = Normalisation(jnp.full((4, 2), 2.5), jnp.float32(1.0))
    return CaseModel("by hand", ModelSetting(1.0, 4, 0), plan, initial_variables(plan.model, jax.random.key(0), mean))


def generated(model, parts):
    positions = jnp.concatenate(list(parts))
    return Generated(model, OWN, positions, np.repeat([0, 1], len(positions) // 2), 1.0)


@pytest.fixture(scope="module")
def perfect(model, system):
    """Other chains of the same fluid."""
    gamma = jnp.repeat(jnp.array(GAMMAS), NUMBER)
    return generated(model, [sample(jax.random.key(9), system, gamma, num_sweeps=400).positions])


@pytest.fixture(scope="module")
def uniform(model):
    return generated(model, [5.0 * jax.random.uniform(jax.random.key(5), (2 * NUMBER, 4, 2))])


def test_the_fluid_is_as_far_from_itself_as_its_halves_are_and_uniform_points_are_farther(fluid, perfect, uniform):
    rows = road.generated_rows(fluid, [perfect], [0])
    floors, few, own = ([row for row in rows if row["source"] == name] for name in (OTHER_CHAINS, AS_FEW, OWN))
    # A quarter as many differ twice as much.
    measure = "pair_energy_wasserstein"
    assert 1.0 < np.mean([small[measure] / floor[measure] for small, floor in zip(few, floors, strict=True)]) < 4.0
    assert [small["number"] for small in few] == [100, 100]
    other = [row for row in road.generated_rows(fluid, [uniform], [0]) if row["case"] != "equilibrium"]
    for floor, good, bad in zip(floors, own, other, strict=True):
        assert floor["gamma"] == good["gamma"] == bad["gamma"]
        for measure in ("pair_energy_wasserstein", "sum_of_heights_wasserstein", "correlation_distance"):
            assert good[measure] < 2.5 * floor[measure]
        assert bad["pair_energy_wasserstein"] > 5 * good["pair_energy_wasserstein"]
        assert bad["close_share"] > good["close_share"]
    assert other[1]["sum_of_heights_wasserstein"] > 5 * own[1]["sum_of_heights_wasserstein"]


def test_sweeps_bring_any_start_to_its_own_gamma(fluid, uniform):
    assert swept(fluid, uniform, 0) is uniform
    moved = swept(fluid, uniform, 300)
    heights = np.asarray(moved.positions[..., 1]).sum(axis=1)
    for index, gamma in enumerate(GAMMAS):
        own, true = heights[moved.gamma_index == index], np.asarray(fluid.positions[gamma][..., 1]).sum(axis=1)
        error = np.hypot(own.std(), true.std()) / NUMBER**0.5
        assert abs(own.mean() - true.mean()) < 4.3 * error


def test_what_is_outside_the_box_is_counted_and_never_passes(fluid, perfect):
    outside = perfect.positions.at[::8, 0, 1].add(5.0)
    rows = road.generated_rows(fluid, [perfect._replace(positions=outside)], [0, 1])
    shares = {(row["source"], row["sweeps"]): row["outside_share"] for row in rows if row["gamma"] == 1.0}
    assert shares[OWN, 0] == pytest.approx(1 / 8)
    assert shares[OWN, 1] == shares[OTHER_CHAINS, 0] == 0.0
    good, bad = (held_to_laws(fluid, 0, each[:NUMBER]) for each in (perfect.positions, outside))
    assert good.passes
    assert not bad.passes
    assert bad.worst_law == "50 outside the box"


def test_a_new_gravity_is_weighted_out_of_the_others(fluid, perfect, uniform):
    good, bad = (
        [row for row in road.new_gamma_rows(fluid, [each], [], [0, 20]) if row["way"] == "weighted"]
        for each in (perfect, uniform)
    )
    assert [(row["gamma"], row["sweeps"]) for row in good] == [(0.5, 0), (0.5, 20)]
    assert all(row["effective_number"] > 0.1 * 2 * NUMBER for row in good)
    assert all(row["sum_of_heights_wasserstein"] < 0.3 and row["pair_energy_wasserstein"] < 0.3 for row in good)
    # Weights know gravity alone: overlaps stay until sweeps end them.
    assert bad[0]["pair_energy_wasserstein"] > 1.0 > bad[1]["pair_energy_wasserstein"]
    assert np.isfinite([row["correlation_distance"] for row in good]).all()
    weights = log_tilt(fluid.facts.system, fluid.free_energy, perfect.positions, 0.5)
    assert np.std(weights) > 0.1


def test_the_fluid_with_even_weights_is_the_fluid_at_every_gravity(fluid, perfect, model):
    even = WeightedDraws(model, OWN, perfect.positions, np.zeros(2 * NUMBER))
    rows = {row["gamma"]: row for row in road.reweighted_rows(fluid, [even])}
    assert set(rows) == {*GAMMAS, 0.5}
    for row in rows.values():
        assert 100 < row["effective_number"] < 2 * NUMBER
        assert row["pair_energy_wasserstein"] < 0.3
        assert row["sum_of_heights_wasserstein"] < 0.3
    # Weights that forbid all that is high up give another fluid.
    low = np.where(np.asarray(perfect.positions[..., 1]).max(axis=1) < 2.0, 0.0, -np.inf)
    (light, *_) = road.reweighted_rows(fluid, [even._replace(log_weights=low)])
    assert light["sum_of_heights_wasserstein"] > 0.5


def test_copies_are_no_news_and_what_is_no_fluid_covers_nothing(fluid, perfect, model, uniform, dataset):
    copies = generated(model, [dataset.train.positions])
    rows = road.variety_rows(fluid, [copies, perfect._replace(source="perfect")], dataset)
    rows += road.variety_rows(fluid, [uniform._replace(source="uniform")], dataset)
    found = {(row["source"], row["gamma"]): row for row in rows}
    for gamma in GAMMAS:
        assert found[OWN, gamma]["novelty"] == pytest.approx(0.0, abs=1e-3)
        assert min(found[name, gamma]["coverage"] for name in ("fluid", "perfect", OWN)) > 0.8
        # Whatever is no copy is new, and that is all that novelty tells.
        assert found["uniform", gamma]["novelty"] > 0.8
    assert found["uniform", 1.0]["coverage"] < 0.5


def test_an_exact_start_passes_at_once_and_a_uniform_one_later(fluid, perfect):
    looks = [0, 5, 300]
    started = Start("by hand", 0, OWN, perfect.positions, 1.0, 10.0)
    good, plain = (follow(fluid, start, looks) for start in (started, Start("uniform", -1, "uniform", None, 0.0, 0.0)))
    assert set(good.agreements) == {0, 5, 300}
    assert set(plain.agreements) == {5, 300}
    rows = road.warm_start_rows([plain, good], data_sweeps=300, num_data_chains=200)
    by_hand = [row for row in rows if row["case"] == "by hand"]
    assert [row["sweeps"] for row in by_hand] == [0.0, 0.0]
    assert all(row["sweeps"] == 300.0 for row in rows if row["case"] == "uniform" and row["gamma"] == 1.0)
    told = {(row["case"], row["gamma"], row["sweeps"]): row for row in road.look_rows([plain, good])}
    assert told["uniform", 1.0, 5]["joint_p_value"] < 1e-4 < told["by hand", 1.0, 5]["joint_p_value"]


def test_a_start_with_a_few_overlaps_does_not_pass(fluid, perfect):
    """Their own scatter must not excuse them: one of a hundred is enough."""
    spoilt = np.array(perfect.positions)
    towards_the_middle = np.where(spoilt[::100, 1, 0] < 2.5, 0.45, -0.45)
    spoilt[::100, 0] = spoilt[::100, 1] + np.stack([towards_the_middle, np.zeros(8)], axis=1)
    for index in (0, 1):
        part = slice(index * NUMBER, (index + 1) * NUMBER)
        assert held_to_laws(fluid, index, perfect.positions[part]).passes
        assert not held_to_laws(fluid, index, jnp.asarray(spoilt[part])).passes


@pytest.mark.parametrize("column", ["sum of heights", "pair energy"])
def test_a_start_with_right_means_and_a_wrong_spread_does_not_pass(fluid, perfect, system, column):
    """The half of the configurations that lie nearest to the mean, each twice: all means stay."""
    own = np.asarray(perfect.positions[:NUMBER])
    found = jax.device_get(observables(jnp.asarray(own), system))
    values = {"sum of heights": found.mean_height, "pair energy": found.pair_energy}[column]
    order = np.argsort(values)
    below, above = order[order.size // 4 : order.size // 2], order[order.size // 2 : order.size // 2 + order.size // 4]
    narrow = jnp.asarray(own[np.tile(np.concatenate([below, above]), 2)])
    agreement = held_to_laws(fluid, 0, narrow)
    assert not agreement.passes
    assert "variance" in agreement.worst_law


def test_a_crowd_below_the_lid_is_seen(fluid, perfect):
    """In every fifth configuration the highest particle is lifted there."""
    own = np.array(perfect.positions[:NUMBER])
    rows = np.arange(0, NUMBER, 5)
    own[rows, own[rows, :, 1].argmax(axis=1), 1] = 4.99
    for positions, is_seen in ((perfect.positions[:NUMBER], False), (jnp.asarray(own), True)):
        highest, lowest = _of_edges(fluid, 0, positions)
        assert highest.has_failed == is_seen
        assert not lowest.has_failed
    assert not held_to_laws(fluid, 0, jnp.asarray(own)).passes


def test_one_gamma_is_never_held_to_what_was_generated_at_another(fluid, perfect, uniform):
    """The other half is spoilt, and nothing is known of it."""
    whole = jnp.concatenate([perfect.positions[:NUMBER], uniform.positions[NUMBER:]])
    start = Start("by hand", 0, OWN, whole, 1.0, 1.0)
    found = follow(fluid, start, [0, 1]).agreements[0]
    assert found[0.1].passes
    assert not found[1.0].passes


@pytest.mark.parametrize(("gap", "is_leak"), [(-0.5, True), (-0.03, False), (2.0, False)])
def test_a_density_nearer_to_the_fluid_than_its_own_is_warned_of(run_folder, gap, is_leak):
    row = {"case": "best", "seed": 0, "source": OWN, "above_entropy_error_nats": 0.02, "tighter_error_nats": 0.02}
    road.warn_of_density_leaks([row | {"above_entropy_nats": 2.0, "tighter_nats": gap}], run_folder)
    assert len(run_folder.warnings) == is_leak
    assert all("a leak" in warning and "best" in warning for warning in run_folder.warnings)


def agreements(marks):
    """Looks at 0, 1, 10, 50 and 100 sweeps, a + for each that passes."""
    found = (Agreement(9.0, "a law", 0.0, passes=mark == "+") for mark in marks)
    return {look: {1.0: each} for look, each in zip((0, 1, 10, 50, 100), found, strict=True)}


def test_sweeps_count_from_the_last_look_that_failed_and_times_are_of_all_there_is():
    plain = Start("uniform", -1, "uniform", None, 0.0, 0.0)
    good = Start("good", 0, OWN, jnp.zeros((4, 1, 2)), 2.0, 7.0, 1.0)
    rows = road.warm_start_rows(
        [
            Followed(plain, agreements("--+-+"), 0.5, 4),
            Followed(good, agreements("-++++"), 0.5, 4),
        ],
        data_sweeps=20,
        num_data_chains=8,
    )
    assert [row["sweeps"] for row in rows] == [100.0, 1.0]
    # The uniform start needs more than 50.
    assert rows[1]["sweeps_ratio"] == 50.0
    assert rows[1]["wall_time_ratio"] == pytest.approx(25.0 / 2.5)
    assert rows[1]["data_wall_seconds"] == 20.0
    assert rows[1]["with_training_wall_time_ratio"] == pytest.approx(25.0 / (2.5 + 8.0 + 20.0))
    # What never passes has no number of sweeps.
    (never,) = road.warm_start_rows([Followed(plain, agreements("-----"), 0.5, 4)], 1, 1)
    assert np.isnan(never["sweeps"])


def test_over_seeds_a_start_that_never_passed_saves_nothing():
    plain = Start("uniform", -1, "uniform", None, 0.0, 0.0)
    marks = {0: "-++++", 1: "---++", 2: "-----"}
    starts = {seed: Start("some", seed, OWN, jnp.zeros((4, 1, 2)), 2.0, 7.0) for seed in marks}
    followed = [Followed(plain, agreements("----+"), 0.5, 4)]
    followed += [Followed(starts[seed], agreements(marks[seed]), 0.5, 4) for seed in marks]
    (*_, row) = road.warm_start_over_seeds(road.warm_start_rows(followed, 1, 1))
    assert (row["sweeps_least"], row["sweeps_median"], row["sweeps_most"]) == (1.0, 50.0, np.inf)
    assert (row["sweeps_ratio_least"], row["sweeps_ratio_median"], row["sweeps_ratio_most"]) == (0.0, 1.0, 50.0)
    assert row["number"] == 3


@pytest.mark.parametrize("looks", ["[0]", "[5,1]", "[1,1]"])
def test_looks_that_do_not_increase_are_refused(looks):
    with initialize_config_dir(str(CONF), version_base="1.3"):
        own = typed_config(compose("config", overrides=[*SMALL[:1], f"evaluation.generation.looks={looks}"]))
    with pytest.raises(ConfigError, match="must increase"):
        road.check_looks(own)


def test_every_prior_generates_as_many_of_each_gamma_and_has_nats(config, fluid, dataset, model):
    (codes,) = codes_of([model], dataset)
    priors = fit_priors(codes, dataset, fluid.facts, CouplingFlow(depth=2, width=16))
    found = {each.source: each for each in generate(priors, fluid)}
    assert set(priors.densities) | {"codes", "posterior samples"} == set(found)
    gaussian = found[GAUSSIAN]
    assert np.bincount(gaussian.gamma_index).tolist() == [NUMBER, NUMBER]
    assert gaussian.positions.shape == (2 * NUMBER, 4, 2)
    rows = {row["source"]: row for row in road.nats_rows(fluid, [priors], dataset, 3)}
    for row in rows.values():
        # No density lies below the entropy, and a tighter bound lies nearer.
        assert 0.0 < row["tighter_nats"] < row["above_entropy_nats"]
    # Whatever else the codes are, they are not N(0, I).
    assert rows[GAUSSIAN]["above_entropy_nats"] < rows["N(0, I)"]["above_entropy_nats"]
    assert rows[GAUSSIAN]["num_components"] == 1
    assert rows[FOUR]["num_components"] == 4 >= rows[MIXTURE]["num_components"]
    assert np.isnan(rows["flow"]["num_components"])
    new = generate_new(priors, fluid)
    assert {(each.source, gamma) for each, gamma in new} >= {(GAUSSIAN, 0.5), ("flow", 0.5)}
    told = road.new_gamma_rows(fluid, [], new, [0])
    assert {row["way"] for row in told} == {"sampled", "drawn"}
    draws = road.weighted_draws(fluid, [priors])
    weights = road.importance_rows(fluid, draws)
    assert {row["source"] for row in weights} <= set(priors.densities)
    assert all(0.0 < row["effective_share"] <= 1.0 for row in weights)


def test_models_that_know_no_frame_cannot_generate_for_gravity():
    with initialize_config_dir(str(CONF), version_base="1.3"):
        own = typed_config(compose("config", overrides=["+experiment=generation", "sweep.models=[seed_conv]"]))
    with pytest.raises(ConfigError, match="needs models that know the frame"):
        road.check_frames(own)


def test_what_is_too_common_is_rejected_until_each_gravity_is_as_it_was_learnt(fluid, perfect, uniform):
    outside = perfect.positions.at[:, 0, 1].add(5.0)
    spoilt = perfect._replace(
        positions=jnp.concatenate([perfect.positions, uniform.positions, outside]),
        gamma_index=np.concatenate([perfect.gamma_index, uniform.gamma_index, perfect.gamma_index]),
    )
    corrected = _corrected(spoilt, fluid)
    assert corrected.source == CORRECTED
    assert len(corrected.positions) == len(corrected.gamma_index) > NUMBER / 2
    assert bool(jnp.all(are_inside(corrected.positions, 5.0)))
    rows = (road.generated_rows(fluid, [each], [0]) for each in (spoilt, corrected))
    before, after = ([row for row in of_each if row["seed"] == 0] for of_each in rows)
    for spoilt_row, row in zip(before, after, strict=True):
        assert row["outside_share"] == 0.0 < spoilt_row["outside_share"]
        assert row["pair_energy_wasserstein"] < 0.5 * spoilt_row["pair_energy_wasserstein"]
        assert row["pair_energy_wasserstein"] < 0.5


def test_a_prior_that_makes_nothing_like_the_fluid_is_left_as_it_is(fluid, model):
    """An untrained decoder puts all particles at one place."""
    (own,) = from_own_prior(model, jax.random.key(7), fluid)
    assert own.source == OWN
    assert len(own.positions) == len(own.gamma_index)
