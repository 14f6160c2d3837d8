"""The study's sampler written apart from ours, to check it and to be measured against it."""

from lcpjax.evaluation.reference_programs.cpp_program import ReferenceRun, compile_reference, run_reference
from lcpjax.evaluation.reference_programs.numba_program import (
    NumbaProgram,
    compile_numba_reference,
    run_numba_reference,
)

__all__ = [
    "NumbaProgram",
    "ReferenceRun",
    "compile_numba_reference",
    "compile_reference",
    "run_numba_reference",
    "run_reference",
]
