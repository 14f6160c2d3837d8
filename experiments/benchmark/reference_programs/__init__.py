"""Independent implementations of the study's sampler and training, for checks and as baselines."""

from .cpp_program import ReferenceRun as ReferenceRun
from .cpp_program import compile_reference as compile_reference
from .cpp_program import run_reference as run_reference
from .numba_program import NumbaProgram as NumbaProgram
from .numba_program import compile_numba_reference as compile_numba_reference
from .numba_program import run_numba_reference as run_numba_reference
from .torch_convolutional import is_written_for_torch as is_written_for_torch
from .torch_convolutional import torch_model as torch_model
from .torch_program import TorchTraining as TorchTraining
from .torch_program import load_torch as load_torch
from .torch_program import start_torch_training as start_torch_training
