"""Damage to any file of a run folder is named before anything of it is shown or gone on with."""

import json

import numpy as np
import pytest
from matplotlib.figure import Figure

from lcpjax.errors import OneLineError
from lcpjax.pipeline.fit_group import expect_records, hash_of_records
from lcpjax.report import RunFolderError, open_run_folder
from lcpjax.report.page import write_report
from tests.faults.damage import DAMAGES, can_be

CONFIG = {
    "experiment": "train",
    "model": {"latent_dim": 4},
    "tracker": {
        "wandb": {
            "mode": "disabled",
            "project": "p",
            "entity": None,
            "group": None,
            "artifacts": "none",
            "timeout_seconds": 1.0,
        }
    },
}
# Pages are made anew, the others say how the run was made and ended.
NOT_RESULTS = {"report.html", "run_info.json", "status.json", "checksums.json"}


def opened(path):
    return open_run_folder(path, CONFIG, {"model": CONFIG["model"]}, restart=False)


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    path = tmp_path_factory.mktemp("finished") / "run"
    with opened(path) as folder:
        folder.log([{"stage": "training", "group": "models", "epoch": 0, "training/loss": 0.5}], {})
        folder.save_table("rows", [{"x": 1.25, "y": 2.5}])
        folder.save_arrays("generated", positions=np.arange(6.0))
        with folder.stage("training"):
            folder.save_figure("curve", Figure(figsize=(1, 1)), [{"x": 1}], caption="A curve.")
        folder.finish({"reconstruction/mse_test_sigma2": 0.125})
    return path


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_finished_run_with_any_damaged_result_is_refused_in_a_line_that_names_it(damage, finished):
    paths = [path for path in finished.rglob("*") if path.is_file() and path.name not in NOT_RESULTS | {".lock"}]
    assert {path.name for path in paths} == {
        *("config.yaml", "summary.json", "metrics.jsonl", "generated.npz", "rows.csv"),
        *("curve.png", "curve.pdf", "curve.csv", "captions.json"),
    }
    for path in paths:
        good = path.read_bytes()
        DAMAGES[damage](path)
        with pytest.raises(OneLineError) as caught, opened(finished):
            pass
        (line,) = str(caught.value).splitlines()
        # Without its config nothing says that it is a run folder.
        assert path.name in line or (path.name == "config.yaml" and "run folder" in line), (path, line)
        path.write_bytes(good)
    with opened(finished) as folder:
        assert folder.is_finished


@pytest.mark.parametrize("damage", DAMAGES)
def test_damage_to_what_says_how_a_run_ended_is_named_or_the_run_goes_on(damage, finished):
    for name in ("status.json", "run_info.json", "checksums.json"):
        path = finished / name
        if not can_be(damage, path):
            continue
        kept = {each: (finished / each).read_bytes() for each in ("status.json", "run_info.json", "checksums.json")}
        DAMAGES[damage](path)
        complaint = None
        try:
            with opened(finished) as folder:
                # A run that may not have finished goes on; of one without checksums nothing can be said.
                assert not folder.is_finished or name in ("run_info.json", "checksums.json")
                folder.info()
        except OneLineError as error:
            complaint = str(error)
        assert complaint is None or name in complaint
        for each, content in kept.items():
            (finished / each).write_bytes(content)


def test_a_page_that_is_written_anew_is_no_damage(finished):
    write_report(finished)
    with opened(finished) as folder:
        assert folder.is_finished


def test_a_config_that_is_no_yaml_is_named(tmp_path):
    with opened(tmp_path):
        pass
    (tmp_path / "config.yaml").write_text("model: [")
    with pytest.raises(RunFolderError, match=r"config\.yaml: damaged; it should be YAML"), opened(tmp_path):
        pass


def test_a_record_that_is_none_is_named_with_its_line(run_folder):
    run_folder.log([{"stage": "training", "epoch": epoch} for epoch in range(3)], {})
    path = run_folder.path / "metrics.jsonl"
    path.write_text(path.read_text().replace('"epoch": 1', '"epoch": ?'))
    with pytest.raises(OneLineError, match=r"metrics\.jsonl: damaged; line 2 is no record"):
        run_folder.records({})


def test_records_that_were_lost_or_changed_since_the_checkpoint_are_not_gone_on_with(run_folder):
    about = {"stage": "training", "group": "models"}
    run_folder.log([about | {"epoch": epoch, "training/loss": 0.5} for epoch in range(2)], {})
    saved = hash_of_records(run_folder, about)
    run_folder.log([{"stage": "sampler"}, {"stage": "training", "group": "others"}], {})
    expect_records(run_folder, about, saved)
    # Checkpoints of earlier versions have none.
    expect_records(run_folder, about, None)
    path = run_folder.path / "metrics.jsonl"
    good = path.read_text()
    for changed in (good.replace("0.5", "0.1", 1), "\n".join(good.splitlines()[1:]) + "\n", ""):
        path.write_text(changed)
        with pytest.raises(RunFolderError, match=r"metrics\.jsonl: its records of models are not those"):
            expect_records(run_folder, about, saved)


def test_a_finished_run_that_is_made_anew_counts_as_running_until_it_has_ended(finished):
    with opened(finished) as folder:
        folder.start()
        assert json.loads((finished / "status.json").read_text())["state"] == "running"
        folder.save_table("rows", [{"x": 1.25, "y": 2.5}])
        folder.finish({"reconstruction/mse_test_sigma2": 0.125})
    with opened(finished) as folder:
        assert folder.is_finished
