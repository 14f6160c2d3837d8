"""ln Z by the integral over the coupling with several numbers of nodes."""

import jax

from lcpjax.build import build_system
from lcpjax.config import Config
from lcpjax.pipeline.run import Run
from lcpjax.report import progress
from lcpjax.runtime.jax_settings import key_of_seed
from lcpjax.sampler.coupling_integral import CouplingIntegral, Integration, integrate_over_coupling
from lcpjax.sampler.streams import Seed, Stream


def integration_of(config: Config, num_nodes: int) -> Integration:
    """As many chains over all nodes, whatever the number of nodes, but at least two at each."""
    chains = config.settings.chains_per_configuration * config.evaluation.configurations_per_gamma
    return Integration(chains_per_node=max(chains // num_nodes, 2))


def moves_of(config: Config, num_nodes: int) -> int:
    """Number of moves of one integral."""
    integration = integration_of(config, num_nodes)
    num_chains = len(set(config.system.gammas)) * num_nodes * integration.chains_per_node
    return num_chains * integration.sweeps_per_chain * config.system.num_particles


def integrals_of(run: Run) -> dict[int, CouplingIntegral]:
    """Ln Z at each gamma, in increasing order, by number of nodes; every one with chains of its own."""
    system, gammas = build_system(run.config), sorted(set(run.config.system.gammas))
    key = jax.random.fold_in(key_of_seed(Seed.EVALUATION), Stream.COUPLING_INTEGRAL)
    integrals = {}
    for number in run.config.settings.nodes:
        moves = moves_of(run.config, number)
        with run.folder.stage("integrals"), progress(f"integrating with {number} nodes", moves, "moves") as advance:
            own_key = jax.random.fold_in(key, number)
            integration = integration_of(run.config, number)
            integrals[number] = integrate_over_coupling(own_key, system, gammas, number, integration, advance)
    return integrals
