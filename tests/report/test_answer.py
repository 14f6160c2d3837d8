"""Every experiment answers its question in a sentence made of its numbers alone."""

import json
import math
import re
from pathlib import Path

import pytest

from lcpjax import experiments
from lcpjax.config.experiments import experiment_names
from lcpjax.report.answer import MOST_KEY_NUMBERS, Answer, KeyNumber, as_json, doubts_first, from_json
from lcpjax.report.answer_of_folder import answer_of_folder, answering_of, keep_answer
from lcpjax.report.quantities import quantity_of_metric
from lcpjax.sampler.verification import LARGEST_Z, SMALLEST_JOINT_P_VALUE

ROOT = Path(__file__).parents[2]
SUMMARIES = {
    name: [
        *ROOT.glob(f"experiments/{name}/results/**/summary.json"),
        *ROOT.glob(f"tests/experiments/{name}/golden.json"),
    ]
    for name in experiment_names()
}


# Of experiments that measure nothing of their own.
EXAMPLES = {
    "study": {"study/num_chapters": 12, "study/num_unconverged_chapters": 9, "sampler/is_equilibrated": 1},
    "compare": {
        "compare/num_runs": 2,
        "training/num_models": 3,
        "training/num_unconverged_models": 1,
        "rate/kl_nats/first": 1.0,
        "rate/kl_nats/second": 2.5,
    },
}


@pytest.mark.parametrize("name", experiment_names())
def test_the_answer_of_every_run_is_one_finite_sentence_with_its_key_numbers(name):
    summaries = {path: json.loads(path.read_text()) for path in SUMMARIES[name]}
    summaries |= {ROOT / "example": EXAMPLES[name]} if name in EXAMPLES else {}
    assert summaries
    for path, summary in summaries.items():
        answer = answer_of_folder(path.parent / "nowhere", name, summary)
        assert re.fullmatch(r"[A-Z0-9].*\d.*\.", answer.sentence), path
        assert not re.search(r"\b(nan|inf|None)\b", answer.sentence), answer.sentence
        assert "_" not in answer.sentence.replace("_linear_skip", "").replace("point_decoder", ""), answer.sentence
        assert 1 <= len(answer.key_numbers) <= MOST_KEY_NUMBERS
        for number in answer.key_numbers:
            assert math.isfinite(number.value), (path, number)
            assert quantity_of_metric(number.metric).is_known
            assert "nan" not in number.shown + number.bound_shown
            assert "±" not in number.shown or re.search("± (sd over seeds|standard error)$", number.bound_shown)


@pytest.mark.parametrize("name", experiment_names())
def test_every_experiment_asks_a_question(name):
    question = experiments.question_of(name)
    assert "?" in question or question.endswith(".")
    assert not set("*`\n") & set(question)


@pytest.mark.parametrize("name", ["", "nothing", "..", "../lcpjax", "a/b", "__init__"])
def test_a_name_that_is_no_experiment_has_neither_question_nor_answer(name, tmp_path):
    assert experiments.question_of(name) == ""
    assert answer_of_folder(tmp_path, name, {"a/b": 1.0}) == Answer("")


def test_the_limits_of_the_verification_are_those_of_its_checks():
    passing = {"verification/largest_z": LARGEST_Z - 0.1, "verification/joint_p_value": 1.1 * SMALLEST_JOINT_P_VALUE}
    answer = answering_of("verification")
    for changed, begins in (
        ({}, "Yes"),
        ({"verification/largest_z": LARGEST_Z + 0.1}, "No"),
        ({"verification/joint_p_value": 0.9 * SMALLEST_JOINT_P_VALUE}, "No"),
    ):
        assert answer({"verification/num_checks": 10, **passing, **changed}).sentence.startswith(begins)


def test_what_makes_numbers_doubtful_is_said_first():
    summary = {
        "sampler/is_equilibrated": 0,
        "training/num_models": 6,
        "training/num_failed_models": 1,
        "training/num_unconverged_models": 2,
    }
    sentence = doubts_first(summary, "the error is 1 ± 2", "standard error")
    assert sentence == (
        "Chains not shown to be in equilibrium; 1 of 6 models failed and are left out; not converged (2 of 6 models): "
        "the error is 1 ± 2 (± standard error)."
    )
    assert doubts_first({"training/num_models": 1}, "x", "sd") == "Convergence not judged: x."
    assert doubts_first({}, "x") == "X."


def test_an_answer_is_kept_in_the_folder_and_read_again(tmp_path):
    answer = Answer("So.", (KeyNumber("a/b_nats", 1.0, 0.1, 0.0, "bound"), KeyNumber("a/c", 2.0)))
    assert keep_answer(tmp_path, lambda _: answer, {}) == ""
    kept = answer_of_folder(tmp_path, "", {})
    assert kept.sentence == "So."
    assert [each.shown for each in kept.key_numbers] == ["1.00 ± 0.10 nats", "2"]
    assert [each.bound_shown for each in kept.key_numbers] == ["bound: 0", ""]
    assert from_json(json.loads(json.dumps(as_json(answer)))).sentence == "So."


def test_a_run_does_not_fail_for_want_of_a_sentence(tmp_path):
    for name in experiment_names():
        assert re.match("its answer cannot be said in a sentence", keep_answer(tmp_path, answering_of(name), {})), name
    assert not (tmp_path / "answer.json").exists()
