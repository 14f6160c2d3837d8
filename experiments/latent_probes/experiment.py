"""What single latents do: zero, the most relevant ones, and all others with them.

Question: the study found that zero is featureless, that moving along significant
dimensions reveals patterns, and that sampling the five most relevant ones shows nothing. Why?

Expectation, written before the run: decode(0) is the mean of the data, to a few per cent of its
scatter, for the codes are centred there; so it looks like no configuration, and around it single
latents change what changes nothing but a blur. Around the code of a real configuration the same steps
move real particles, and energies rise at once. Five latents of real codes with zeros for all
others decode to less than a third of the scatter; drawn given those five, the others bring
the scatter back, but no energies: latents of a fluid depend on each other in more ways than a Gaussian has.

Seen (three seeds; codes of training configurations beside the test part, whose floor, of as many training
configurations themselves, is W1(U) 0.42 epsilon and 0.066 and 0.093 sd in mean height and radius of gyration): the
study's network decodes 0 to the mean matrix, to 0.8 % of the scatter, and that is no matrix of points in a plane: as
points the nearest two are 0.15 to 0.31 sigma apart. The anchored one does so to 0.2 %, `sigma_vae` to a millionth:
particles 1.17 apart, an energy of -23.5 beside -31. Where distances come from points (`point_decoder`) 0 is no mean:
0.7 to 1.0 of the scatter away from it, another configuration with overlaps. So zero is featureless where decoding is
nearly linear. Around real codes steps raise the energy at once, as expected: in `sigma_vae` from -37 to 1e12 and
beyond within 3 sd, where the mean height follows one latent by 6 sigma; in the others energies are
above 2,900 everywhere, their centres too. Which latents come first depends on what one asks: of the five by KL and
the five by what is decoded all are the same in `sigma_vae` (2 to 5 in the others), of those by variance 1; the five
by variance move the mean height by 0.02 to 0.03 instead of 1.29 sigma. Five latents with zeros for all others keep 4
% of the scatter of the study's network and of the anchored one (whose codes themselves decode to 29 and 27 %: they
show next to nothing whatever is sampled), but 84 and 64 % of `point_decoder`'s and `sigma_vae`'s, more than expected;
in `sigma_vae` they have all heights right (W1 0.065 sd, its floor) and energies no worse than the codes themselves
(33 beside 36 epsilon): fewer latents, less noise. Drawn given the five, the rest bring 98 and 94 % of the scatter of
these two (25 to 27 % of the other two, as their codes), and no energies: W1 130, as from a Gaussian of all or from
N(0, I).

Time: about four minutes on two CPU cores (four models, three seeds).
"""

from lcpjax.config import Config
from lcpjax.pipeline.latent_codes import codes_of, facts_of, latent_kl_rows
from lcpjax.pipeline.model_zoo import announce_models, model_cases, train_cases
from lcpjax.pipeline.run import Run
from lcpjax.pipeline.sampling import sample_dataset

from .few_latents import few_latent_rows
from .traversals import draw_paths, path_rows, probe_summary, relevance_rows, traversal_rows
from .zero import zero_rows


def check(config: Config) -> None:
    """Refuse a config of which some model cannot be built."""
    model_cases(config)


def run(run: Run) -> None:
    """Sample once, train every model, decode zero, then steps along latents, then a few latents at once."""
    num_models = announce_models(run.config)
    dataset = sample_dataset(run)
    models, failures = train_cases(run, dataset)
    facts, codes = facts_of(run, dataset), codes_of(models, dataset)

    zero = zero_rows(facts, codes, dataset)
    run.folder.save_table("zero", zero)
    run.folder.save_table("latents", latent_kl_rows(codes))
    rankings, steps = relevance_rows(codes), traversal_rows(facts, codes)
    ranges = path_rows(steps)
    run.folder.save_table("rankings", rankings)
    run.folder.save_table("traversals", steps)
    run.folder.save_table("paths", ranges)
    draw_paths(facts, codes, steps, run.folder)
    few = few_latent_rows(facts, codes, dataset)
    run.folder.save_table("few_latents", few)
    run.finish(probe_summary(zero, few, rankings, ranges), num_models, failures)
