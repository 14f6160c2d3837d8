"""The answer of a study."""

from lcpjax.report.answer import Answer, Summary, doubts_first, key_number


def answer(summary: Summary) -> Answer:
    """In how many chapters models have not converged; what each of them found stands on the page."""
    chapters, unconverged = summary["study/num_chapters"], summary["study/num_unconverged_chapters"]
    sentence = f"all {chapters:g} chapters ran to their end, and the page has what they found"
    if unconverged:
        sentence += f"; in {unconverged:g} of them networks have not converged"
    numbers = key_number(summary, "study/num_unconverged_chapters", chapters, "of")
    return Answer(doubts_first(summary, sentence), numbers)
