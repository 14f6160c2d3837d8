"""How fast the sampler is.

Question: how many particle moves a second does the sampler make, all cores and
the host's work included, against a scalar C++ program in the study's style on
one core of the same machine?

Expectation, written before the run: on two CPU cores at least 3 times the C++
program, which vector instructions and the second core should give.

Time: about a minute on two CPU cores at laptop scale.
"""

from lcpjax import road
from lcpjax.config import Config
from lcpjax.report import RunFolder


def run(config: Config, run_folder: RunFolder) -> None:
    """Alternate the sampler and the C++ program on the same system; medians and their ratio."""
    rows, medians = road.benchmark_sampler(config, run_folder)
    run_folder.save_table("sampler_throughput", rows)
    run_folder.finish(medians)
