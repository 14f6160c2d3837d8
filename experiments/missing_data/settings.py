"""Keys of +experiment=missing_data alone: ``settings.KEY`` on the command line."""

from dataclasses import dataclass

from lcpjax.config import above, at_least


@dataclass(kw_only=True)
class Settings:
    """Values are in conf/experiment/missing_data.yaml."""

    num_configurations: int = at_least(2)
    off_diagonal_blocks: list[int] = at_least(1, may_be_empty=True, unit="particles")
    diagonal_blocks: list[int] = at_least(1, may_be_empty=True, unit="particles")
    random_fractions: list[float] = above(0, 1, may_be_empty=True)
    lost_particles: list[int] = at_least(1, may_be_empty=True)
    links: list[int] = at_least(0)
    num_completed: int = at_least(2)
    num_starts: int = at_least(1)
    num_draws: int = at_least(2)
    num_proposals: int = at_least(2)
    gibbs_rounds: int = at_least(1)
    num_moves: int = at_least(10)
    num_candidates: int = at_least(2)
    num_in_frame: int = at_least(2)
