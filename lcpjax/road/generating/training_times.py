"""How long models took to train."""

from lcpjax.report import RunFolder


def training_wall_seconds(run_folder: RunFolder, num_seeds: int) -> dict[str, float]:
    """By case, of one model: the wall time of its group's epochs over the number of models in it."""
    walls: dict[str, dict[int, float]] = {}
    for record in run_folder.records({"stage": "training"}):
        walls.setdefault(record["group"], {})[record["epoch"]] = record["training/epoch_wall_seconds"]
    return {case: sum(of_epochs.values()) / num_seeds for case, of_epochs in walls.items()}
