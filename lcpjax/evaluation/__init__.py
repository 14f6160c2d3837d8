"""What a model is worth, beside what is possible."""

from lcpjax.evaluation.linear_pca import linear_pca_error, mean_error
from lcpjax.evaluation.reference_program import ReferenceRun, compile_reference, run_reference

__all__ = ["ReferenceRun", "compile_reference", "linear_pca_error", "mean_error", "run_reference"]
