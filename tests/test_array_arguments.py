import importlib
import inspect
import pkgutil

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from lcpjax import dataset, reconstruction, representation, sampler, system
from lcpjax.array_arguments import takes_arrays
from lcpjax.array_arguments.rules import is_of_arrays, rule_of
from lcpjax.array_types import Labels, ManyPositions
from lcpjax.errors import InputError
from lcpjax.evaluation import anomalies, density, imputation, latents, samples
from lcpjax.evaluation import reconstruction as reconstruction_errors
from lcpjax.evaluation.latents.gaussian_codes import fit_gaussian
from lcpjax.evaluation.latents.latent_axes import principal_axes
from lcpjax.evaluation.reconstruction.energies import pair_energies
from lcpjax.evaluation.reconstruction.reconstruction_error import aligned_rmsd, over_all, rmsd
from lcpjax.representation import Identity, Normalisation, OccupancyGrid, Representation
from lcpjax.system import System

FACES = (system, sampler, representation, reconstruction, anomalies, imputation, dataset)
SHELVES = (reconstruction_errors, density, latents, samples)
# By name, with the reason.
EXCEPTIONS = {
    "AnomalyDetector.of_reference": "takes what a run folder keeps",
    "FluidMixture.of": "takes what the integration found",
    "normal_path": "takes the numbers of a setting, of which it makes a name",
    "ChainProgram.check_arguments": "is handed what sample and SamplingPlan were",
    "MoveRules.order": "traced inside the sampler's innermost loop",
    "MoveRules.propose": "traced inside the sampler's innermost loop",
    "MoveRules.is_inside": "traced inside the sampler's innermost loop",
    "MoveRules.external_energy": "traced inside the sampler's innermost loop",
    "MoveRules.headroom": "traced inside the sampler's innermost loop",
    "MoveRules.accepts": "traced inside the sampler's innermost loop",
    "MoveRules.proposed_move": "traced inside the sampler's innermost loop",
    "MoveRules.nonlocal_sweep": "traced inside the sampler's loop over sweeps",
    "NonlocalMoves.proposal": "traced inside the sampler's loop over sweeps",
    "NonlocalMoves.propose": "traced inside the sampler's innermost loop",
    "NonlocalMoves.hastings_correction": "traced inside the sampler's innermost loop",
    "NormalisedDensity.log_density": "an interface",
    "learned_route": "takes what densities_of_samples made",
    "Store.attributes": "writes down what the program made",
    "Store.write": "writes down what the program made",
}

SQUARE = np.array([[0.0, 0.0], [2.0, 0.0], [2.0, 2.0], [0.0, 2.0]], np.float32)
MANY = np.stack([SQUARE, SQUARE + 4])
DISTANCES = np.array([[0.0, 3.0, 4.0], [3.0, 0.0, 5.0], [4.0, 5.0, 0.0]], np.float32)
ROWS = np.array([[0.0, 1.0], [3.0, 1.0], [2.0, 5.0], [6.0, 4.0]], np.float32)
FLUID = System(num_particles=4)
NORMALISATION = Normalisation(jnp.zeros((2,)), jnp.ones(()))
GRID = OccupancyGrid(cells=2, box_side=10.0)

# The function, its array arguments, and the others.
CASES = {
    "pair_energy": (system.pair_energy, (SQUARE,), {}),
    "gravity_energy": (system.gravity_energy, (SQUARE, np.float32(2.0)), {}),
    "total_energy": (system.total_energy, (SQUARE, np.float32(2.0)), {}),
    "inside_box": (system.inside_box, (SQUARE,), {"box_side": 10.0}),
    "lennard_jones": (system.lennard_jones, (ROWS + 1,), {}),
    "soft_power": (system.soft_power, (ROWS + 1,), {}),
    "distance_matrix": (representation.distance_matrix, (MANY,), {}),
    "mirror_image": (representation.mirror_image, (MANY,), {"box_side": 10.0}),
    "canonical_image": (representation.canonical_image, (MANY,), {"box_side": 10.0}),
    "learn_normalisation": (representation.learn_normalisation, (ROWS,), {}),
    "learn_template": (representation.learn_template, (MANY,), {}),
    "order_particles": (representation.order_particles, (MANY,), {"ordering": "height"}),
    "Representation.of": (Representation("coordinates").of, (MANY,), {}),
    "Representation.order": (Representation("coordinates").order, (MANY,), {}),
    "Representation.represent": (Representation("coordinates").represent, (MANY,), {}),
    "Representation.distances": (Representation("coordinates").distances, (MANY,), {}),
    "Normalisation.normalise": (NORMALISATION.normalise, (ROWS,), {}),
    "Normalisation.restore": (NORMALISATION.restore, (ROWS,), {}),
    "OccupancyGrid.represent": (GRID.represent, (MANY,), {}),
    "Identity.represent": (Identity().represent, (ROWS,), {}),
    "align": (reconstruction.align, (MANY, MANY[::-1] + 1), {}),
    "aligned_square": (reconstruction.aligned_square, (MANY, MANY[::-1] + 1), {}),
    "embed_distances": (reconstruction.embed_distances, (DISTANCES,), {}),
    "gram_matrix": (reconstruction.gram_matrix, (DISTANCES,), {}),
    "gram_matrix_from_first": (reconstruction.gram_matrix_from_first, (DISTANCES,), {}),
    "symmetrised": (reconstruction.symmetrised, (DISTANCES,), {}),
    "eigen_decomposition": (reconstruction.eigen_decomposition, (DISTANCES,), {}),
    "relax": (reconstruction.relax, (SQUARE,), {"system": FLUID}),
    "tumble": (reconstruction.tumble, (SQUARE,), {}),
    "turn_upright": (reconstruction.turn_upright, (SQUARE,), {}),
    "orientation_error": (reconstruction.orientation_error, (MANY, MANY + 1), {}),
    "rmsd": (rmsd, (MANY, MANY + 1), {}),
    "aligned_rmsd": (aligned_rmsd, (MANY, MANY + 1), {}),
    "pair_energies": (pair_energies, (MANY,), {"system": FLUID}),
    "smallest_distances": (system.smallest_distances, (MANY,), {}),
    "over_all": (over_all, (ROWS[:, 0],), {}),
    "fit_gaussian": (fit_gaussian, (ROWS,), {}),
    "principal_axes": (principal_axes, (ROWS,), {}),
    "fingerprint": (dataset.fingerprint, (ROWS,), {}),
    "physics_scores": (anomalies.physics_scores, (MANY,), {"system": FLUID}),
    "energies_of_distances": (
        imputation.energies_of_distances,
        (DISTANCES[None],),
        {"system": System(num_particles=3)},
    ),
}
FORMS = {
    "list": np.ndarray.tolist,
    "integers": lambda array: array.astype(np.int64),
    "jax integers": lambda array: jnp.asarray(array, jnp.int32),
    "halves": lambda array: array.astype(np.float16),
    "brain halves": lambda array: jnp.asarray(array, jnp.bfloat16),
    "foreign byte order": lambda array: array.astype(array.dtype.newbyteorder("S")),
}


def usual(array, annotation):
    return np.asarray(array) if "ndarray" in str(annotation) else jnp.asarray(array)


def given(name, form=lambda array: array, only=None):
    """The arguments of a case, all of the usual kind or, by their place, in another form."""
    function, arrays, others = CASES[name]
    annotations = [each.annotation for each in inspect.signature(function).parameters.values()]
    arrays = [
        form(np.asarray(array)) if only is None or index == only else usual(array, annotations[index])
        for index, array in enumerate(arrays)
    ]
    return function(*arrays, **others)


@pytest.mark.parametrize("name", CASES)
def test_whatever_holds_the_same_numbers_gives_the_same_result(name):
    function, arrays, others = CASES[name]
    annotations = [each.annotation for each in inspect.signature(function).parameters.values()]
    expected = function(*map(usual, arrays, annotations), **others)
    for form in FORMS.values():
        found = given(name, form)
        assert jax.tree.structure(found) == jax.tree.structure(expected)
        for own, other in zip(jax.tree.leaves(found), jax.tree.leaves(expected), strict=True):
            if isinstance(own, str):
                assert own == other
            else:
                # NumPy's functions work in double precision on what is no float32.
                np.testing.assert_allclose(own, other, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("name", CASES)
def test_what_holds_no_real_numbers_is_refused_by_the_name_of_its_argument(name):
    function, arrays, _ = CASES[name]
    wrong = (
        lambda array: array.astype(complex),
        lambda array: jnp.asarray(array, jnp.complex64),
        lambda array: array.astype(str),
        lambda array: array.astype(object),
        np.ma.asarray,
        lambda array: "abc",
        lambda array: [[1.0], [2.0, 3.0]],
        lambda array: None,
    )
    for index, parameter in enumerate(list(inspect.signature(function).parameters)[: len(arrays)]):
        for form in wrong:
            with pytest.raises(InputError, match=f"^{function.__qualname__}: {parameter} [^\n]*$"):
                given(name, form, only=index)


def public_names():
    """What the packages show, and what the modules of evaluation's other shelves define."""
    for face in FACES:
        yield from ((name, shown) for name, shown in vars(face).items() if not name.startswith("_"))
    for shelf in SHELVES:
        for found in pkgutil.iter_modules(shelf.__path__, f"{shelf.__name__}."):
            module = importlib.import_module(found.name)
            for name, shown in vars(module).items():
                if not name.startswith("_") and getattr(shown, "__module__", None) == module.__name__:
                    yield name, shown


def public_functions():
    """Every function and method that is public, by name."""
    for name, shown in public_names():
        if not inspect.ismodule(shown):
            if inspect.isclass(shown) and shown.__module__.startswith("lcpjax"):
                methods = {f"{name}.{key}": getattr(shown, key) for key in vars(shown) if not key.startswith("_")}
                yield from ((key, own) for key, own in methods.items() if inspect.isroutine(own))
            elif callable(shown) and inspect.isroutine(inspect.unwrap(shown)):
                yield name, shown


def is_handed_arrays(function):
    rules = [rule_of(parameter.annotation) for parameter in inspect.signature(function).parameters.values()]
    return any(rule is not None and is_of_arrays(rule) for rule in rules)


def test_every_public_function_that_is_handed_arrays_takes_them_at_its_door():
    forgotten = [
        name
        for name, function in public_functions()
        if is_handed_arrays(function) and not hasattr(function, "takes_arrays") and name not in EXCEPTIONS
    ]
    assert forgotten == []


def test_every_exception_is_one():
    functions = dict(public_functions())
    assert [name for name in EXCEPTIONS if name not in functions or hasattr(functions[name], "takes_arrays")] == []


@takes_arrays
def same(positions: ManyPositions, labels: Labels | None = None) -> ManyPositions:
    return positions


def test_arrays_of_the_right_kind_pass_as_they_are():
    positions = jnp.asarray(MANY)
    assert same(positions) is positions
    assert same(positions=positions, labels=None) is positions


def test_a_function_that_takes_arrays_can_be_traced():
    twice = takes_arrays(lambda positions: positions)
    assert jax.jit(same)(jnp.asarray(MANY)).shape == MANY.shape
    assert jax.vmap(same)(jnp.asarray(MANY)).shape == MANY.shape
    assert jax.grad(lambda positions: same(positions).sum())(jnp.asarray(SQUARE)).shape == SQUARE.shape
    assert twice(1) == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([0.0, 1.0, 2.0],), r"same: positions has shape \(3,\), expected \(..., particles, 2\)"),
        ((SQUARE, [0.0, 1.0]), "same: labels has dtype float64, expected integers"),
        ((SQUARE, [True]), "same: labels has dtype bool, expected integers"),
        ((SQUARE, [2**40]), "same: labels holds integers from 1099511627776 to 1099511627776, expected them within"),
    ],
)
def test_a_wrong_shape_or_kind_is_refused_in_one_line(arguments, message):
    with pytest.raises(InputError, match=f"^{message}[^\n]*$"):
        same(*arguments)


@pytest.mark.parametrize(
    "function",
    [
        representation.distance_matrix,
        reconstruction.tumble,
        reconstruction.turn_upright,
        lambda empty: reconstruction.align(empty, empty),
        lambda empty: reconstruction.relax(empty, FLUID),
        lambda empty: rmsd(empty, empty),
    ],
)
def test_of_no_configurations_nothing_is_made(function):
    assert jax.tree.leaves(function(np.zeros((0, 4, 2))))[0].shape[0] == 0


def test_no_samples_have_no_normalisation():
    with pytest.raises(InputError, match="learn_normalisation: needs at least one sample"):
        representation.learn_normalisation(np.zeros((0, 2)))


def unchecked_system(**fields):
    """A system made without the type checks of the tests, as a user makes it."""
    made = object.__new__(System)
    for name, value in (vars(System()) | fields).items():
        object.__setattr__(made, name, value)
    made.__post_init__()
    return made


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"num_particles": 5.0}, "System: num_particles = 5.0: must be a whole number"),
        ({"num_particles": "5"}, "System: num_particles = '5': must be a whole number"),
        ({"num_particles": True}, "System: num_particles = True: must be a whole number"),
        ({"box_side": "10"}, "System: box_side = '10': must be a number"),
        ({"temperature": 1j}, "System: temperature = 1j: must be a number"),
    ],
)
def test_a_system_of_what_is_no_number_is_refused(fields, message):
    with pytest.raises(InputError, match=f"^{message}$"):
        unchecked_system(**fields)


def test_numbers_of_numpy_make_the_same_system():
    found = unchecked_system(num_particles=np.int64(5), box_side=np.float32(10))
    assert found == System(num_particles=5)
    assert repr(found) == repr(System(num_particles=5))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"num_sweeps": 10.0}, "num_sweeps = 10.0: must be a whole number"),
        ({"gamma": 1.0}, r"gamma has shape \(\), expected \(chains,\)"),
        ({"gamma": "1"}, "gamma is a str, expected real numbers"),
        ({"key": 0}, "key is an int, expected a key, as jax.random.key gives it"),
        ({"step_size": "0.1"}, "step_size is a str, expected real numbers"),
        ({"initial_positions": [[1.0, 1.0]]}, "initial_positions has shape"),
    ],
)
def test_sample_refuses_what_it_cannot_take_in_one_line(changes, message):
    arguments = {"key": jax.random.key(0), "system": FLUID, "gamma": [1.0], "num_sweeps": 2} | changes
    with pytest.raises(InputError, match=f"^sample: {message}[^\n]*$"):
        sampler.sample(**arguments)


def test_sample_takes_lists_integers_and_old_keys_for_what_they_mean():
    def chains(key, gamma, start, step_size, **others):
        return sampler.sample(key, FLUID, gamma, 4, start, step_size, **others)

    expected = chains(jax.random.key(0), jnp.array([0.0, 1.0]), jnp.asarray(MANY), jnp.array([0.5, 0.25]))
    for found in (
        chains(jax.random.PRNGKey(0), [0, 1], MANY.tolist(), [0.5, 0.25], first_chain=np.int64(0)),
        chains(jax.random.key(0), np.array([0, 1]), MANY.astype(int), np.array([0.5, 0.25], np.float16)),
        chains(jax.random.key(0), np.array([0, 1], ">f8"), MANY.astype(np.float16), np.array([0.5, 0.25], ">f4")),
    ):
        for own, other in zip(found, expected, strict=True):
            np.testing.assert_array_equal(own, other)


@pytest.mark.parametrize("transform", [jax.jit, jax.vmap, lambda function: jax.grad(lambda x: function(x[None])[0])])
def test_sample_refuses_to_be_traced_and_says_what_can_be(transform):
    def energies(gamma):
        return sampler.sample(jax.random.key(0), FLUID, gamma, num_sweeps=2).energy

    gamma = jnp.ones((1, 1)) if transform is jax.vmap else jnp.ones((1,)) if transform is jax.jit else jnp.ones(())
    with pytest.raises(InputError, match=r"^sample: has to see values .*sampler\.sweep can be traced"):
        transform(energies)(gamma)


def test_a_function_on_the_host_refuses_to_be_traced():
    with pytest.raises(
        InputError, match=r"^is_globally_rigid: observed is traced, and this function has to see values"
    ):
        jax.jit(reconstruction.is_globally_rigid)(jnp.ones((4, 4), bool))
