"""How fast the sampler is.

Question: how many particle moves a second does the sampler make, all cores and
the host's work included, against a scalar C++ program in the study's style on
one core of the same machine?

Expectation, written before the run: on two CPU cores at least 3 times the C++
program, which vector instructions and the second core should give.

Time: about two minutes on two CPU cores at laptop scale.
"""

import numpy as np

from lcpjax import road
from lcpjax.build import build_system
from lcpjax.config import Config
from lcpjax.report import RunFolder, say


def run(config: Config, run_folder: RunFolder) -> None:
    """Alternate the sampler and the C++ program on the same system; medians and their ratio."""
    system = build_system(config)
    rows = road.measure_sampler(config, system, run_folder)
    run_folder.save_table("sampler_throughput", rows)
    ours = np.array([row["moves_per_second"] for row in rows if row["program"] == "lcpjax"])
    theirs = np.array([row["moves_per_second"] for row in rows if row["program"] == "scalar C++"])
    summary = {"sampler/moves_per_second": float(np.median(ours))}
    if theirs.size:
        summary["sampler/scalar_cpp_moves_per_second"] = float(np.median(theirs))
        summary["sampler/ratio_to_scalar_cpp_moves_per_second"] = float(np.median(ours / theirs))
    else:
        say("no C++ compiler here: the comparison is left out")
    run_folder.finish(summary)
