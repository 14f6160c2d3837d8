import html
import json
import re

from experiments.study.chapters import CHAPTERS
from experiments.study.questions import QUESTIONS
from lcpjax.report.page import write_report


def folder_with(tmp_path, chapter, warnings, **summary):
    own = tmp_path / "chapters" / chapter.name
    (own / "figures").mkdir(parents=True)
    (own / "config.yaml").write_text(f"experiment: {chapter.name}\n")
    (own / "run_info.json").write_text(json.dumps({"warnings": warnings}))
    (own / "summary.json").write_text(json.dumps(summary))
    (own / "figures" / f"{chapter.figures[0]}.png").write_bytes(b"picture")
    (own / "figures" / "captions.json").write_text(json.dumps({chapter.figures[0]: "What <is> seen."}))
    (own / "report.html").write_text("page")
    return chapter, own


def test_every_chapter_has_its_claim_its_answer_its_figures_and_its_own_page(tmp_path):
    energies = next(chapter for chapter in CHAPTERS if chapter.name == "energies")
    sweep = next(chapter for chapter in CHAPTERS if chapter.name == "latent_dim_sweep")
    both = "all <data> are doubtful"
    chapters = [folder_with(tmp_path, energies, [both]), folder_with(tmp_path, sweep, [both, "this one alone"])]
    (chapters[0][1] / "answer.json").write_text(json.dumps({"sentence": "It costs 40 <epsilon>."}))
    (chapters[1][1] / "report.html").unlink()
    study = {"experiment": "study", "system": {"num_particles": 30, "gammas": [0.1, 1.0]}}
    study["settings"] = {"chapters": ["energies", "latent_dim_sweep"]}
    (tmp_path / "config.yaml").write_text(json.dumps(study))
    write_report(tmp_path, {"state": "finished", "failures": ["energies: best: no <model>"]})
    page = (tmp_path / "report.html").read_text()
    for text in (energies.claim, sweep.claim, sweep.note, "It costs 40 &lt;epsilon&gt;.", "What &lt;is&gt; seen."):
        assert text in page
    assert page.count("all &lt;data&gt; are doubtful") == 1
    assert page.count("this one alone") == 1
    links = re.findall(r'href="([^#"]+)"', page)
    pictures = [f"chapters/{chapter.name}/figures/{chapter.figures[0]}.png" for chapter in (sweep, energies)]
    assert links == [pictures[0], pictures[1], "chapters/energies/report.html"]
    assert all((tmp_path / link).exists() for link in links)
    assert page.count("data:image/png;base64,") == 2
    assert "http" not in page
    assert "best: no &lt;model&gt;" in page
    assert "30 particles in a box, under gravity of strengths gamma = 0.1, 1.0" in page


def test_a_study_that_has_hardly_begun_has_a_page_all_the_same(tmp_path):
    (tmp_path / "config.yaml").write_text("experiment: study\n")
    write_report(tmp_path)
    page = (tmp_path / "report.html").read_text()
    assert all(html.escape(chapter.title, quote=False) in page for chapter in CHAPTERS)
    assert page.count("This chapter has not run to its end.") == len(CHAPTERS)


def test_the_questions_of_a_reader_are_answered_and_lead_to_their_chapters(tmp_path):
    names = [chapter.name for chapter in CHAPTERS]
    assert all(question.chapter in names for question in QUESTIONS)
    (tmp_path / "config.yaml").write_text("experiment: study\n")
    write_report(tmp_path)
    page = (tmp_path / "report.html").read_text()
    for question in QUESTIONS:
        after = page[page.index(html.escape(question.text)) :]
        place = names.index(question.chapter) + 1
        assert f'{html.escape(question.answer)} <a href="#{question.chapter}">Chapter {place}</a>' in after.replace(
            "&#39;", "&#x27;"
        )
        assert f'id="{question.chapter}"' in page
    (tmp_path / "config.yaml").write_text("experiment: study\nsettings: {chapters: [anomalies]}\n")
    write_report(tmp_path)
    page = (tmp_path / "report.html").read_text()
    assert [question.chapter for question in QUESTIONS if html.escape(question.text) in page] == ["anomalies"]
