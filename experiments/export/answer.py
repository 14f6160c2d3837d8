"""The answer of an export."""

from lcpjax.report.answer import Answer, Summary, key_number

_FORMATS = {"gsd": "GSD", "extxyz": "extended XYZ", "lammps": "LAMMPS dumps"}


def answer(summary: Summary) -> Answer:
    """How many configurations were written, and in which formats."""
    written = [name for key, name in _FORMATS.items() if f"export/{key}_bytes" in summary]
    frames = f"{summary['export/num_frames']:g} configurations were written as {', '.join(written)}."
    return Answer(frames, key_number(summary, "export/num_frames"))
