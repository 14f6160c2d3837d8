"""The answer of a study."""

from lcpjax.report.answer import Answer, Summary, doubts_first


def answer(summary: Summary) -> Answer:
    """How many chapters ran to their end; what each of them found stands on the page."""
    done, asked = summary["study/num_finished_chapters"], summary["study/num_chapters"]
    return Answer(
        doubts_first(summary, f"{done:g} of {asked:g} chapters ran to their end; the page has what they found")
    )
