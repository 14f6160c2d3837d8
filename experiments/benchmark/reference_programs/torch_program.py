"""Training in PyTorch: the same model, objective, optimizer and batches."""

import importlib
import time
from dataclasses import dataclass
from typing import Any, no_type_check

import numpy as np


@dataclass(frozen=True)
class TorchTraining:
    """A model in training; its parameters change."""

    torch: Any
    module: Any
    """From samples and deviations to the means of the loss terms."""
    compiled: Any
    """Called by a step: the module itself, or a compiled one."""
    optimizer: Any
    gradient_clip: float
    latent_dim: int

    @no_type_check
    def samples_on_device(self, samples: np.ndarray) -> Any:
        """All samples of the training set, on the model's device."""
        return self.torch.tensor(samples, device=next(self.module.parameters()).device)

    @no_type_check
    def epoch(self, samples: Any, batch_size: int) -> float:
        """Wall seconds of one epoch in shuffled batches; an incomplete last batch is dropped.

        Args:
            samples: of ``samples_on_device``; a batch is gathered from them.
        """
        torch, device, start = self.torch, samples.device, time.perf_counter()
        order, sums = torch.randperm(len(samples), device=device), torch.zeros(3, device=device)
        for first in range(0, len(samples) - batch_size + 1, batch_size):
            batch = samples[order[first : first + batch_size]]
            sums += self.step(batch, torch.randn(batch_size, self.latent_dim, device=device))
        # Fetched: nothing is pending on the device when the clock stops.
        sums.tolist()
        return time.perf_counter() - start

    @no_type_check
    def step(self, batch: Any, deviations: Any) -> Any:
        """One gradient step; the loss terms, (3,).

        Args:
            batch: (batch, *sample), in reduced units.
            deviations: (batch, latent), standard normal.
        """
        self.optimizer.zero_grad(set_to_none=True)
        loss, mse, kl_nats = self.compiled(batch, deviations)
        loss.backward()
        self.torch.nn.utils.clip_grad_norm_(self.module.parameters(), self.gradient_clip, foreach=True)
        self.optimizer.step()
        return self.torch.stack((loss, mse, kl_nats)).detach()


def load_torch() -> Any | None:
    """The package; None where it is not installed."""
    try:
        return importlib.import_module("torch")
    except ImportError:
        return None


@no_type_check
def start_torch_training(
    torch: Any, module: Any, latent_dim: int, device: str, learning_rate: float, gradient_clip: float
) -> TorchTraining:
    """Adam with clipped gradients at a constant rate, eager on a CPU and compiled for a GPU.

    Measured on two AVX2 cores: eager with images in channels-last order is fastest
    there, ``torch.compile`` is no faster.
    """
    module = module.to(device, memory_format=torch.channels_last)
    compiled = module
    if device == "cuda":
        # As XLA does on tensor cores, and with the launches of a step recorded once.
        torch.set_float32_matmul_precision("high")
        compiled = torch.compile(module, mode="reduce-overhead")
    optimizer = torch.optim.Adam(module.parameters(), learning_rate, fused=True)
    return TorchTraining(torch, module, compiled, optimizer, gradient_clip, latent_dim)
