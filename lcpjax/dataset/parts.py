"""Chains part by part, from the store where it has them, sampled where it has not."""

import time
from collections.abc import Callable, Iterator
from typing import TypeAlias

import jax

from lcpjax.dataset.sampling_plan import SamplingPlan
from lcpjax.dataset.store import Store
from lcpjax.sampler import Configurations
from lcpjax.sampler.blocks import block_size, num_block_threads

MOVES_PER_PART = {"cpu": 10**9, "gpu": 2 * 10**10}
"""Proposed moves in a part, by platform: the most that a kill loses, some 10 seconds' work."""
_LARGEST_PART_BYTES = 2**28

Taken: TypeAlias = tuple[int, Configurations]
"""The next chain, and the configurations before it."""


def chains_per_part(plan: SamplingPlan) -> int:
    """Chains in a part on this platform: whole blocks of the sampler for every host thread."""
    wanted = MOVES_PER_PART.get(jax.default_backend(), MOVES_PER_PART["gpu"]) // plan.moves_per_chain
    step = block_size(max(wanted, 1), plan.program.num_rungs) * max(num_block_threads(), jax.device_count())
    bytes_per_chain = 8 * plan.system.num_particles * plan.samples_per_chain
    return max(min(wanted, _LARGEST_PART_BYTES // bytes_per_chain) // step, 1) * step


class Parts:
    """Chains 0 to ``num_chains`` in order, part by part, on the device; iterated once.

    What is sampled is in the store before it is handed out, and nothing is held
    after. Where the store cannot be written, one line reports it and the rest is
    sampled without it.

    Args:
        store: None: everything is sampled and nothing kept.
        on_moves: called with the number of moves made, or found made.
        stop: asked between parts; once True, the parts end early.
        print_line: prints one line for the user.
    """

    def __init__(
        self,
        plan: SamplingPlan,
        num_chains: int,
        store: Store | None,
        on_moves: Callable[[float], None],
        stop: Callable[[], bool],
        print_line: Callable[[str], None],
    ) -> None:
        self.plan, self.num_chains, self.store = plan, num_chains, store
        self.num_read, self.num_sampled, self.sampling_wall_seconds = 0, 0, 0.0
        self._on_moves, self._stop, self._print_line = on_moves, stop, print_line
        self._is_writable = True

    def __iter__(self) -> Iterator[Configurations]:
        chain = 0
        while chain < self.num_chains and not self._stop():
            taken = self._from_store(chain)
            if taken is None and not self._stop():
                taken = self._sampled(chain, chain + chains_per_part(self.plan))
            if taken is not None:
                chain, configurations = taken
                del taken
                yield configurations
                del configurations

    @property
    def moves_per_second(self) -> float | None:
        """Sampling rate of the parts not read, without compiling; None if nothing was sampled."""
        moves = self.num_sampled * self.plan.moves_per_chain
        return moves / self.sampling_wall_seconds if moves else None

    def _from_store(self, chain: int) -> Taken | None:
        """The next part, read or else sampled and stored; None if there is no store, or on a stop."""
        if self.store is None:
            return None
        if found := self._read(self.store, chain, set_damaged_aside=False):
            return found
        if not self._is_writable:
            return None
        try:
            with self.store.locked(self._stop) as held:
                return self._read_or_made(self.store, chain) if held else None
        except OSError as error:
            self._give_up(error)
            return None

    def _read_or_made(self, store: Store, chain: int) -> Taken:
        """Under the lock: another process may have made the part while this one waited."""
        if found := self._read(store, chain, set_damaged_aside=True):
            return found
        following = [part.first for part in store.parts() if part.first > chain]
        _, configurations = taken = self._sampled(chain, min([chain + chains_per_part(self.plan), *following]))
        try:
            store.write(chain, taken[0] - chain, configurations)
        except OSError as error:
            self._give_up(error)
        return taken

    def _give_up(self, error: OSError) -> None:
        # What is there is still read.
        self._is_writable = False
        self._print_line(
            f"the cache of sampled data cannot be written ({error}); what is missing there is only sampled"
        )

    def _read(self, store: Store, chain: int, *, set_damaged_aside: bool) -> Taken | None:
        found = store.read(chain, set_damaged_aside=set_damaged_aside)
        if found is None:
            return None
        part, configurations = found
        stop = min(part.stop, self.num_chains)
        rows = (stop - chain) * self.plan.samples_per_chain
        self.num_read += stop - chain
        self._on_moves((stop - chain) * self.plan.moves_per_chain)
        return stop, Configurations(*(leaf[:rows] for leaf in configurations))

    def _sampled(self, chain: int, stop: int) -> Taken:
        """A stretch of chains from the sampler, timed without compiling."""
        stop = min(stop, self.num_chains)
        if not self.num_sampled:
            self.plan.compile(stop - chain)
        start = time.perf_counter()
        configurations = self.plan.sample(chain, stop - chain, self._on_moves)
        self.sampling_wall_seconds += time.perf_counter() - start
        self.num_sampled += stop - chain
        return stop, configurations
