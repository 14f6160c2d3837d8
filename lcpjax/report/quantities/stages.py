"""Headings of stages, the first words of metrics' names."""

_TITLES = {
    "sampler": "Sampling",
    "training": "Training",
    "reconstruction": "Reconstruction",
    "rate": "Rate and density",
    "latent": "Latents",
    "latents": "Latents",
    "anomalies": "Anomalies",
    "completion": "Completion of distances",
    "imputation": "Missing particles",
    "masks": "Masks",
    "energies": "Energies",
    "entropy": "Entropy",
    "export": "Export",
    "generation": "Generation",
    "occupancy": "Occupancy images",
    "overfitting": "Overfitting",
    "system": "System",
    "verification": "Verification",
}


def title_of_stage(name: str) -> str:
    """Heading over the metrics ``stage/...``; a stage without one is its own.

    >>> title_of_stage("sampler/acceptance"), title_of_stage("new_stage/number")
    ('Sampling', 'New stage')
    """
    stage = name.partition("/")[0]
    return _TITLES.get(stage, stage.replace("_", " ").capitalize())
