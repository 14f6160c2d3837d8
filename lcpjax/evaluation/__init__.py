"""What a model is worth, beside what is possible."""

from lcpjax.evaluation.linear_pca import linear_pca_error, mean_error

__all__ = ["linear_pca_error", "mean_error"]
