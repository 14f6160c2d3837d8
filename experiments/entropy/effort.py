"""Estimated time of the routes."""

from lcpjax.build import build_sampling_plan, num_kept_chains, num_per_epoch
from lcpjax.config import Config
from lcpjax.pipeline.equilibrium import num_burn_in_moves
from lcpjax.report import print_estimate

from .integrals import moves_of
from .learned import num_configurations

# A draw takes as long as so many configurations that a density is trained with.
_OF_A_DRAW = 2.4


def announce_routes(config: Config) -> None:
    """Print an estimate of the time that the routes take, besides the reference."""
    moves, shown = sum(moves_of(config, number) for number in config.settings.nodes), 0.0
    if draws := config.settings.draws_per_configuration * num_configurations(config):
        plan = build_sampling_plan(config)
        moves += num_kept_chains(config) * plan.moves_per_chain + num_burn_in_moves(config, plan)
        moves += num_configurations(config) * 2 * plan.moves_per_chain
        shown = config.training.num_epochs * num_per_epoch(config) + _OF_A_DRAW * draws
    work = {"partners": moves * (config.system.num_particles - 1), "configurations of a density": shown}
    print_estimate("entropy: ln Z by other routes", work)
