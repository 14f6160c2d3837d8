"""What a model is worth, beside what is possible."""

from lcpjax.evaluation.linear_code import LinearCode, learn_linear_code, linear_code_error
from lcpjax.evaluation.reference_programs import (
    NumbaProgram,
    ReferenceRun,
    compile_numba_reference,
    compile_reference,
    run_numba_reference,
    run_reference,
)

__all__ = [
    "LinearCode",
    "NumbaProgram",
    "ReferenceRun",
    "compile_numba_reference",
    "compile_reference",
    "learn_linear_code",
    "linear_code_error",
    "run_numba_reference",
    "run_reference",
]
