"""A brief: the first page of a comparison, field by field, for a document that others design."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from simulation.corridor.in_use import data_line
from simulation.errors import InputError
from simulation.experiments.engine.command_text import to_type
from simulation.experiments.engine.result_folder import reason
from simulation.experiments.findings import ExperimentFindings
from simulation.experiments.studies.compare import ComparisonFindings, ScenarioEffects
from simulation.regular_files import renamed
from simulation.report import blocks
from simulation.report.comparison import PRESENTATION, beside_table
from simulation.report.comparison_answer import answer_chart, options_table
from simulation.report.comparison_charts import read_comparisons
from simulation.report.experiment import ExperimentData, limits
from simulation.report.remake import check_files, kind_of
from simulation.wording import differences as wording
from simulation.wording import worlds
from simulation.wording.reasons import decided_by, reasons

#: field of a template -> its heading, where it has one
FIELDS = {
    "title": "", "answer": "", "picture": "", "why": "Why", "beside": "What moves with it",
    "changes": "What would change this answer", "limits": "What the model cannot say",
    "data": "How old the data are",
}  # fmt: skip
#: sentences of why, and of what the model cannot say
_WHY, _LIMITS = 3, 2
Brief = Mapping[str, Sequence[blocks.Block]]


def write_brief(
    folder: Path, format: str, template: Path | None = None, output: Path | None = None
) -> Path:
    """Write the first page of a comparison as a file to take along.

    Args:
        folder: Of the comparison.
        format: One of `FORMATS`.
        template: A file of that format with the fields; that of crossings when None.
        output: File to write; in the folder when None.

    Returns:
        The file written.

    Raises:
        InputError: There is no finished comparison in the folder, its files have changed, the
            template lacks a field, the file exists, or a library is not installed. Nothing is
            written.
    """
    file = folder / f"brief.{format}" if output is None else output
    content = brief_of(folder)
    if file.exists():
        problem = "exists already and is not overwritten"
        raise InputError(problem, file=file, allowed="another name: --output FILE")
    from simulation.report.brief_formats import WRITERS

    written = WRITERS[format](content, template)
    try:
        with renamed(file) as scrap:
            scrap.write_bytes(written)
    except OSError as error:
        raise InputError(f"cannot be written ({reason(error)})", file=file) from error
    return file


def brief_of(folder: Path) -> Brief:
    """The blocks of each field.

    Raises:
        InputError: The folder holds no finished comparison, or its scenarios do not differ.
    """
    if (kind := kind_of(folder)) != "compare":
        raise InputError(
            f"holds no comparison but a {kind}", key="DIR", value=str(folder),
            allowed="a folder that crossings compare has written",
        )  # fmt: skip
    check_files(folder)
    data = PRESENTATION.read(folder)
    findings = data.findings
    differing = [one for one in read_comparisons(folder, findings) if not one.scenario.identical]
    if not differing:
        problem = "its scenarios give the same numbers, so there is no difference to show"
        raise InputError(problem, key="DIR", value=str(folder))
    ranked = sorted(differing, key=lambda one: one.scenario.place)
    best, several = ranked[0], len(findings.scenarios) > 1
    effects = [one.scenario for one in ranked]
    what = f"{len(findings.scenarios)} scenarios" if several else f"“{best.scenario.title}”"
    beside = options_table(effects, findings.rank) if several else beside_table(best)
    changes = [decided_by(best.scenario.drivers)]
    changes += worlds.by_path(findings.headline, best.scenario.by_path)
    (cannot,) = limits(findings).blocks
    assert isinstance(cannot, blocks.Bullets)
    return {
        "title": [blocks.Paragraph(f"{what} against “{findings.baseline}”")],
        "answer": blocks.paragraphs(*answer(best.scenario, findings, several=several)),
        "picture": [blocks.Figure(answer_chart(ranked))],
        "why": [blocks.Bullets(reasons(best.scenario)[:_WHY])],
        "beside": [beside],
        "changes": [blocks.Bullets([one for one in changes if one] or [_FEW_SETS])],
        "limits": [blocks.Bullets(cannot.items[:_LIMITS])],
        "data": blocks.paragraphs(*_sources(data)),
    }


#: what is said where nothing tells the assumptions apart
_FEW_SETS = "The runs are too few to say which assumptions decide this answer."


def answer(effects: ScenarioEffects, findings: ComparisonFindings, *, several: bool) -> list[str]:
    """The answer in two sentences: arrivals, and deaths beside them; of several the best one's."""
    lines = [
        wording.effect_lines(subject, name, effects.effect(name), findings, option=None)
        for subject, name in (
            ("Small-boat arrivals", findings.headline),
            ("Deaths in the Channel", wording.BESIDE),
        )
    ]
    # without a range over worlds the first line says why, and the average follows
    at = 0 if effects.effect(findings.headline).plausible else -1
    return [f"Best of these: “{effects.title}”."] * several + [each[at] for each in lines]


def _sources(data: ExperimentData[ComparisonFindings]) -> list[str]:
    """Until when the data reach, when they were published, and how to make the numbers again."""
    findings: ExperimentFindings = data.findings
    months = findings.note_texts(kind="months")
    figures = f"Figures {data_line(data.manifest.data)}."
    return [" ".join([*months, figures]), f"Made by: {to_type(data.manifest.command)}"]
