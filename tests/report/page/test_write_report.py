"""What the page shows of a run folder, whatever state that is in."""

import json
import re
import shutil
from html.parser import HTMLParser

import pytest

from lcpjax.report.__main__ import report_command
from lcpjax.report.page import write_report
from tests.report.page.conftest import HOSTILE


class Parsed(HTMLParser):
    """Tags with their attributes in order, and all text outside scripts and styles."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.text, self._inside = [], "", ""
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        self._inside = tag

    def handle_endtag(self, tag):
        self._inside = ""

    def handle_data(self, data):
        if self._inside not in ("script", "style"):
            self.text += data


def page_of(folder):
    write_report(folder)
    return (folder / "report.html").read_text()


def test_no_text_of_a_run_becomes_markup(made_run):
    html = page_of(made_run)
    page = Parsed(html)
    # The page has one script of its own.
    assert [tag for tag, _ in page.tags].count("script") == 1
    assert "<script>alert" not in html
    # Warning, failure, undefined number, answer, bound, caption and its alternative, column, cells, config, command...
    assert html.count("&lt;script&gt;") >= 10
    assert page.text.count(HOSTILE) >= 6


def test_the_page_opens_from_disk_and_asks_for_nothing_else(made_run):
    page = Parsed(page_of(made_run))
    sources = [attributes["src"] for _, attributes in page.tags if "src" in attributes]
    assert sources
    assert all(source.startswith("data:image/png;base64,") for source in sources)
    assert not {"link", "iframe", "object", "embed"} & {tag for tag, _ in page.tags}
    links = [attributes["href"] for tag, attributes in page.tags if tag == "a" and attributes["href"] != "#words"]
    assert sorted(set(links)) == ["figures/curve.csv", "figures/curve.png", "tables/long.csv", "tables/wide.csv"]


def test_warnings_come_before_the_question_and_that_before_the_answer_and_the_figures(made_run):
    html = page_of(made_run)
    order = ["Read this first", "careful", "Not a finite number", "The question", "How does the reconstruction error"]
    order += ["The answer", "It is so.", "2.50 ± 0.10 sigma²", "Figures", "What is seen.", "Tables", "All quantities"]
    places = [html.index(text) for text in order]
    assert places == sorted(places)


def test_columns_have_labels_and_are_sorted_by_buttons(made_run):
    page = Parsed(page_of(made_run))
    heads = [attributes for tag, attributes in page.tags if tag == "th"]
    assert all(attributes["scope"] == "col" for attributes in heads)
    assert all(attributes["aria-sort"] == "none" for attributes in heads)
    assert [tag for tag, _ in page.tags].count("button") == len(heads)
    assert "test MSE (sigma²)" in page.text
    assert "kl_weight" in {attributes.get("title") for attributes in heads}


def test_a_long_table_is_cut_and_its_file_linked(made_run):
    html = page_of(made_run)
    assert "The first 200 of 450 rows" in " ".join(html.split())
    assert "<td>199</td>" in html
    assert "<td>200</td>" not in html


def test_a_failed_run_says_so_and_one_that_goes_on_too(made_run):
    (made_run / "status.json").write_text(json.dumps({"state": "failed", "error": "no memory"}))
    assert "This run failed: no memory" in page_of(made_run)
    (made_run / "status.json").write_text(json.dumps({"state": "running"}))
    assert "This run has not ended" in page_of(made_run)


def test_models_that_have_not_converged_are_named_first_though_nobody_warned(made_run):
    (made_run / "summary.json").write_text(json.dumps({"training/num_models": 6, "training/num_unconverged_models": 2}))
    assert "2 of 6 models have not converged" in page_of(made_run)


def test_the_explorer_is_linked_where_there_is_one(made_run):
    assert "explorer.html" not in page_of(made_run)
    (made_run / "explorer.html").write_text("x")
    assert 'href="explorer.html"' in page_of(made_run)


@pytest.mark.parametrize(
    ("damage", "note"),
    [
        (lambda run: (run / "config.yaml").write_text("experiment: [\n"), "config.yaml cannot be read: "),
        (lambda run: (run / "config.yaml").write_text("- a\n"), "config.yaml holds no names with values"),
        (lambda run: (run / "config.yaml").write_text("experiment: {a: 1}\n"), ""),
        (lambda run: (run / "config.yaml").write_text("experiment: ../../tests\n"), ""),
        (lambda run: (run / "config.yaml").unlink(), "config.yaml is missing"),
        (lambda run: (run / "summary.json").unlink(), "summary.json is missing"),
        (lambda run: (run / "summary.json").write_text('{"a": 1'), "summary.json cannot be read: "),
        (lambda run: (run / "summary.json").write_text('{"a": "word", "b": [1]}'), ""),
        (lambda run: (run / "run_info.json").write_text('{"warnings": 3, "wall_seconds": {"a": "b"}}'), ""),
        (lambda run: (run / "answer.json").write_text('{"sentence": 1, "key_numbers": [{"x": 2}]}'), ""),
        (lambda run: (run / "answer.json").write_text("{"), ""),
        (lambda run: (run / "status.json").write_text("[]"), "status.json holds no names with values"),
        (lambda run: (run / "tables" / "long.csv").write_text("x,y\n1,2\n3"), "tables/long.csv has rows of other"),
        (lambda run: (run / "tables" / "long.csv").write_text(""), "tables/long.csv is empty"),
        (lambda run: (run / "tables" / "long.csv").write_bytes(b"x\n\x00\xff\n"), ""),
        (lambda run: (run / "figures" / "curve.png").unlink(), "figures/curve.png is missing"),
        (lambda run: (run / "figures" / "curve.csv").unlink(), ""),
        (lambda run: shutil.rmtree(run / "figures"), "there are no figures"),
        (lambda run: shutil.rmtree(run / "tables"), ""),
        (lambda run: (run / "figures" / "captions.json").write_text("["), "figures/captions.json cannot be read"),
    ],
)
def test_what_is_missing_or_damaged_is_said_in_a_line_and_the_rest_is_shown(made_run, damage, note):
    damage(made_run)
    html = page_of(made_run)
    assert note in html
    assert "How it was made" in html


def test_an_empty_folder_has_a_page_too(tmp_path):
    html = page_of(tmp_path)
    assert "config.yaml is missing" in html
    assert "summary.json is missing" in html


def test_a_run_of_an_earlier_version_gets_its_answer_from_its_numbers(made_run):
    (made_run / "answer.json").unlink()
    (made_run / "config.yaml").write_text("experiment: entropy\n")
    numbers = {"ordered_mixture": 22.4525, "mixture_standard_error": 0.0044, "mixture": 97.11}
    numbers |= {"information_about_gamma": 0.985, "information_about_gamma_standard_error": 0.0003}
    (made_run / "summary.json").write_text(json.dumps({f"entropy/{name}_nats": x for name, x in numbers.items()}))
    assert "mean -ln p below 22.4525 ± 0.0044 nats" in page_of(made_run)


def test_the_command_that_was_given_is_shown_and_one_made_up_where_it_is_not_known(made_run):
    (made_run / "run_info.json").write_text(json.dumps({"command": "python -m lcpjax.run +experiment=x a=1"}))
    assert "python -m lcpjax.run +experiment=x a=1</pre>" in page_of(made_run)
    (made_run / "run_info.json").unlink()
    assert "python -m lcpjax.run +experiment=lambda_sweep  # with the keys of config.yaml" in page_of(made_run)


def test_a_page_is_written_anew_by_command_and_other_folders_are_refused_in_one_line(made_run, tmp_path, capsys):
    assert report_command([str(made_run)]) == 0
    assert capsys.readouterr().out == f"{made_run / 'report.html'}\n"
    (tmp_path / "other").mkdir()
    assert report_command([str(tmp_path / "other")]) == 2
    assert re.fullmatch(r"lcpjax: .*other: no run folder; .*\n", capsys.readouterr().err)
    assert list((tmp_path / "other").iterdir()) == []
    assert report_command([]) == 2


def test_the_words_of_numbers_are_explained_and_the_link_to_them_holds(made_run):
    html = page_of(made_run)
    assert 'href="#words"' in html
    assert html.count('id="words"') == 1
    terms = re.findall(r"<dt>([^<]+)</dt><dd>", html)
    assert {"linear PCA", "above Shannon's bound", "above the entropy", "not converged", "AUROC", "±"} <= set(terms)


def test_one_row_is_not_called_rows(made_run):
    (made_run / "tables" / "single.csv").write_text("x\n1\n")
    text = Parsed(page_of(made_run)).text
    assert "single (1 row)" in text
    assert "long (450 rows)" in text


def test_only_a_run_at_the_smallest_sizes_says_that_it_measures_nothing(made_run):
    for scale, is_said in (("smoke", True), ("laptop", False), ("smoke_of_mine", False)):
        command = f"python -m lcpjax.run +experiment=train +scale={scale}"
        (made_run / "run_info.json").write_text(json.dumps({"command": command}))
        assert ("measure nothing" in page_of(made_run)) == is_said
