"""What a representation must learn from the training part before any model sees it."""

import dataclasses

from lcpjax.dataset import Dataset
from lcpjax.report import RunFolder
from lcpjax.training import TrainingPlan


def learn_representation(plan: TrainingPlan, dataset: Dataset, run_folder: RunFolder) -> TrainingPlan:
    """The plan with its template learnt, if its ordering has one; a run that goes on keeps the one it began with."""
    representation = plan.representation
    if not representation.lacks_template:
        return plan
    held = run_folder.info().get("template")
    if held is None:
        with run_folder.stage("representation"):
            representation = representation.learn(dataset.train.positions)
        run_folder.add_info(template=representation.template)
    else:
        representation = dataclasses.replace(representation, template=tuple(tuple(place) for place in held))
    return dataclasses.replace(plan, representation=representation)
