"""The end of a run on a terminal."""

from lcpjax.report.answer import Answer, KeyNumber
from lcpjax.report.results import print_results, result_lines


def test_the_end_of_a_run_is_ten_lines_at_most_with_question_answer_numbers_and_page(run_folder, capsys):
    run_folder.warn("this is doubtful")
    run_folder.warn("and this")
    for stage in ("sampler", "training"):
        with run_folder.stage(stage):
            pass
    numbers = tuple(KeyNumber("reconstruction/rmsd_sigma", value, 0.01, 0.5, "bound") for value in (1.0, 2.0, 3.0, 4.0))
    summary = {f"a/b_{index}": index for index in range(60)}
    summary |= {"training/num_models": 6.0, "training/num_failed_models": 1, "training/num_unconverged_models": 2}
    run_folder.finish(summary, ["model 3 failed"], answering=lambda _: Answer("So it is.", numbers))
    capsys.readouterr()
    print_results(run_folder, "lambda_sweep")
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 10
    assert lines[0].startswith("question: How does the reconstruction error depend on lambda")
    assert lines[0].endswith("?")
    assert lines[1] == "answer: So it is."
    assert lines[2] == "  RMSD: 1.000 ± 0.010 sigma  (bound: 0.5)"
    assert lines[5] == "WARNING: this is doubtful (and 1 more, on the page)"
    assert lines[6] == "models: 6 trained, 1 failed, 2 not converged"
    assert lines[7].startswith("time: ")
    assert lines[9] == f"page: {run_folder.path / 'report.html'}"


def test_a_run_without_answer_or_page_of_its_experiment_says_where_everything_is(run_folder):
    run_folder.finish({"a/b": 1.0})
    (first, *_) = result_lines(run_folder, "digits")
    assert first.endswith("What is the issue in numbers?")
    places = [f"run folder: {run_folder.path}", f"page: {run_folder.path / 'report.html'}"]
    time, *others = result_lines(run_folder, "nothing")
    assert time.startswith("time: ")
    assert others == places
