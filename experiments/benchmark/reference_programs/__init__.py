"""The study's sampler and its training written apart from ours, to check them and to be measured against them."""

from .cpp_program import ReferenceRun, compile_reference, run_reference
from .numba_program import NumbaProgram, compile_numba_reference, run_numba_reference
from .torch_program import TorchTraining, is_written_for_torch, load_torch, start_torch_training, torch_model

__all__ = [
    "NumbaProgram",
    "ReferenceRun",
    "TorchTraining",
    "compile_numba_reference",
    "compile_reference",
    "is_written_for_torch",
    "load_torch",
    "run_numba_reference",
    "run_reference",
    "start_torch_training",
    "torch_model",
]
