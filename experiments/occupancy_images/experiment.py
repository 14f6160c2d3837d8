"""Configurations as images: why the study's route failed, which remedy was missing, and what images are worth.

Question: the study drew particles as live pixels of a grid, made the cells smaller until none held two, trained with a
binary cross entropy and epoch-dependent parameters, and "the network simply interpreted live pixels as random
noise and, at most, learned some sort of y direction gradient". Is that so in numbers, and what was it that
failed: images, their imbalance, the loss, or the network?

The slides' route here: the study's convolutions, 40 latents, cross entropy summed over cells; the weight of live
pixels falls from that of all the empty ones together to 1 and lambda rises to 1, the usual epoch-dependent parameters
(the slides do not say which theirs were). Remedies change one thing each in cross entropy alone, without those weights:
a bias at the base rate, a constant weight of live cells, a focal loss, a multinomial, exactly N cells, a target whose
blur is annealed, offsets within cells, a small lambda, latents that are local; these last ones in the slides' route
too. F1 is that of the N most probable cells.

Expectation, written before the run: (but after a first look, at single seeds, at the slides' route, a small lambda
and local latents) at 12 cells a side a few of a hundred configurations still have two particles in a cell, at 16 none.
Every network learns 8 images by heart, so gradients are not what is missing. On held-out chains the slides' route
draws the mean image of each gamma whatever it sees: its F1 is that of the mean image, at 16 cells 0.25 or so against
0.12 by chance, and more than 0.9 of what it draws is explained by rows. Bias, weights, focal loss, multinomial,
exactly N and blur leave this as it is: none of them makes it worth while to let a latent know a particle, at
lambda = 1 the posterior collapses. A small lambda brings F1 to 0.5 and no further with 40 latents for 30 particles,
which are many more possibilities than 3,200 images can teach. Local latents alone collapse too; with a small lambda
they hold every particle: F1 above 0.99, and with offsets an RMSD below 0.05 sigma, at hundreds of nats more than
Shannon's bound. All remedies at lambda = 1 make a density, tens of nats above the entropy, whose code keeps two thirds
of the cells. Models of coordinates do the same with fewer nats; the study's distance matrix does not.

Seen (three seeds, 400 test configurations; F1 from the latent mean / from a posterior sample, RMSD from a sample): at
12 cells a side 2.3 % of configurations share a cell, at 14 and more none of 4,000. Both networks learn 8 images by
heart (F1 1). At 16 cells chance has F1 0.117, the mean image 0.280. Cross entropy alone has 0.32 +- 0.04 / 0.31 with 2
nats, and rows explain 0.90 of what it draws: "some sort of y direction gradient", as expected; focal, multinomial,
blurred and offsets 0.28 to 0.29 and 0.98 to 0.99, the base rate and exactly N 0.33. Not as expected: weights keep the
posterior from collapsing: `slides`, where they fall from epoch to epoch, has 10 nats and F1 0.46 +- 0.06 / 0.38, a
constant weight 27 nats and 0.45 / 0.42. A small lambda alone has 0.63 / 0.63 with 169 nats, all but local latents 0.61.
Local latents are the remedy, and do not collapse: alone, at lambda = 1, 0.836 +- 0.013 / 0.611 with 25 nats, in the
slides' route 0.9988 +- 0.0012 / 0.80 with 54; their samples lie 1.6 and 1.1 sigma off, for cells have no offsets and
nothing pays for sharper samples. All together: F1 **0.9997 +- 0.0002** / 0.9996 and an RMSD of **0.061 +- 0.026 sigma**
(from the mean 0.048), W1 of energies 0.6 epsilon, at 1,155 nats; no offset may lead out of its cell. At lambda = 1 it
is a density 30.2 +- 0.4 nats above the entropy. Among models of distances `seed_conv` and `anchored` have F1 0.16,
hardly above chance; coordinates (`sigma_vae`) 0.965 / 0.82 and 0.117 sigma, at 122 nats (0.023 from the mean): an image
pays ten times the nats for half the error.

Time: a quarter of an hour on two CPU cores (15 models of images, the sweep of cells, three others; three seeds).
"""

from lcpjax.config import Config
from lcpjax.pipeline.model_zoo import model_cases, train_cases
from lcpjax.pipeline.reconstructions import reconstruct_test_part
from lcpjax.pipeline.run import Run
from lcpjax.pipeline.sampling import sample_dataset

from .baselines import baseline_rows, sharing_rows
from .figures import draw_images
from .scores import coordinate_rows, image_rows, occupancy_summary, overfitting_rows
from .test_set import imaged_fluid
from .training import announce_images, train_overfitted, train_remedies, train_sweep
from .variants import check_images


def check(config: Config) -> None:
    """Refuse a config of which some model cannot be built, or a grid that cannot hold the particles."""
    model_cases(config)
    check_images(config)


def run(run: Run) -> None:
    """Sample once; learn a few images by heart, then all: the study's route, remedies, models of coordinates."""
    num_models = announce_images(run.config)
    dataset = sample_dataset(run)
    fluid = imaged_fluid(run, dataset)
    sharing = sharing_rows(run.config, dataset)
    run.folder.save_table("sharing", sharing)
    baselines = baseline_rows(run.config, fluid, dataset)
    run.folder.save_table("guesses", baselines)

    overfitted = overfitting_rows(run.config, train_overfitted(run, dataset))
    run.folder.save_table("overfitted", overfitted)
    swept, failures = train_sweep(run, dataset)
    models, failed = train_remedies(run, dataset)
    others, not_trained = train_cases(run, dataset)
    failures += failed + not_trained

    images = image_rows(run.config, fluid, [*swept, *models], dataset)
    run.folder.save_table("images", images)
    coordinates = coordinate_rows(run.config, fluid, reconstruct_test_part(others, dataset))
    run.folder.save_table("coordinates", coordinates)
    draw_images(run, fluid, sharing, baselines, images, coordinates, models)
    run.finish(occupancy_summary(sharing, baselines, overfitted, images, coordinates), num_models, failures)
