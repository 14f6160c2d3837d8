"""A run folder with everything a page shows, made by hand in milliseconds."""

import json

import matplotlib as mpl
import pytest

from lcpjax.report.answer import Answer, KeyNumber, as_json

HOSTILE = "<script>alert('x')</script>&\"" + "W" * 300


@pytest.fixture
def made_run(tmp_path):
    """A finished run of lambda_sweep whose every text is hostile: markup, quotes, a word of 300 letters."""
    folder = tmp_path / "run"
    for inner in ("tables", "figures"):
        (folder / inner).mkdir(parents=True)
    (folder / "config.yaml").write_text(f"experiment: lambda_sweep\nmodel: {json.dumps(HOSTILE)}\n")
    info = {
        "warnings": [f"careful {HOSTILE}"],
        "device": HOSTILE,
        "command": f"run {HOSTILE}",
        "commit": "0123456789ab",
    }
    (folder / "run_info.json").write_text(json.dumps(info))
    (folder / "status.json").write_text(json.dumps({"state": "finished", "failures": [f"failed {HOSTILE}"]}))
    summary = {"reconstruction/mse_test_sigma2/kl_weight=0.001": 2.5, f"a/{HOSTILE}_nats": float("nan"), "a/b": 1}
    (folder / "summary.json").write_text(json.dumps(summary))
    number = KeyNumber("reconstruction/mse_test_sigma2/kl_weight=0.001", 2.5, 0.1, 2.0, HOSTILE)
    (folder / "answer.json").write_text(json.dumps(as_json(Answer(f"It is so. {HOSTILE}", (number,)))))
    columns = ["kl_weight", *(f"column_{index}" for index in range(30)), HOSTILE.replace('"', "")]
    rows = [[10 - index, *range(30), HOSTILE.replace('"', "")] for index in range(10)]
    (folder / "tables" / "wide.csv").write_text("".join(",".join(map(str, row)) + "\n" for row in [columns, *rows]))
    (folder / "tables" / "long.csv").write_text("x\n" + "".join(f"{index}\n" for index in range(450)))
    (folder / "figures" / "curve.csv").write_text("kl_weight,mse_test\n0.1,3\n0.01,2\n")
    (folder / "figures" / "captions.json").write_text(json.dumps({"curve": f"What is seen. {HOSTILE}"}))
    figure = mpl.figure.Figure(figsize=(20, 1))
    figure.savefig(folder / "figures" / "curve.png", dpi=100)
    return folder
