"""What tests of stored data share: a small plan, and what to ask of its parts."""

import numpy as np

from lcpjax.dataset import Parts, SamplingPlan, Store
from lcpjax.sampler import Configurations
from lcpjax.system import System

PLAN = SamplingPlan(System(num_particles=4, box_side=4.0), (0.25, 1.0), seed=3, num_sweeps=6)


def parts_of(cache, num_chains, plan=PLAN, *, stop=lambda: False, said=None):
    print_line = [].append if said is None else said.append
    store = None if cache is None else Store(cache, plan, print_line)
    return Parts(plan, num_chains, store, on_moves=lambda moves: None, stop=stop, print_line=print_line)


def taken(parts):
    return Configurations(*(np.concatenate(leaves) for leaves in zip(*parts, strict=True)))


def identical(first, second):
    return all((np.asarray(a) == np.asarray(b)).all() for a, b in zip(first, second, strict=True))


def names(cache, plan=PLAN):
    return [part.path.name for part in Store(cache, plan, print).parts()]


def files_of(cache):
    return {
        str(path.relative_to(cache)): path.read_bytes()
        for path in cache.rglob("*")
        if path.is_file() and path.name != ".lock"
    }
