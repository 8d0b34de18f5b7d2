"""A brief: the first page of a comparison to take along, as a Word document or a page of HTML."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from simulation.corridor.in_use import data_line
from simulation.engine.command_text import to_type
from simulation.engine.result_folder import reason
from simulation.errors import InputError
from simulation.regular_files import renamed
from simulation.report import blocks, html
from simulation.report.comparison import PRESENTATION, beside_table
from simulation.report.comparison_answer import answer_chart, options_table
from simulation.report.comparison_charts import read_comparisons
from simulation.report.experiment import ExperimentData, limits
from simulation.report.remake import check_files, damage_refused, kind_of
from simulation.studies.compare import ComparisonFindings
from simulation.wording import differences as wording
from simulation.wording import worlds
from simulation.wording.differences import heading as heading_of
from simulation.wording.reasons import decided_by, why

#: sentences of why, and of what the model cannot say
_WHY, _LIMITS = 3, 2
#: what is said where nothing tells the assumptions apart
_FEW_SETS = "The runs are too few to say which assumptions decide this answer."


@dataclass(frozen=True)
class Brief:
    """What a brief says.

    Attributes:
        title: The finding in a few words.
        answer: The answer in lines.
        picture: The chart of the answer.
        why: The reasons.
        beside: What moves with it.
        changes: What would change the answer.
        limits: What the model cannot say.
        data: How old the data are, and the command.
    """

    title: str
    answer: Sequence[str]
    picture: blocks.Figure
    why: Sequence[str]
    beside: blocks.Table
    changes: Sequence[str]
    limits: Sequence[str]
    data: Sequence[str]

    @property
    def page(self) -> blocks.Page:
        """The brief as a page."""
        sections: dict[str, tuple[str, Sequence[blocks.Block]]] = {
            "why": ("Why", [blocks.Bullets(self.why)]),
            "beside": ("What moves with it", [self.beside]),
            "changes": ("What would change this answer", [blocks.Bullets(self.changes)]),
            "limits": ("What the model cannot say", [blocks.Bullets(self.limits)]),
            "data": ("How old the data are", blocks.paragraphs(*self.data, role="note")),
        }
        return blocks.Page(
            title=self.title,
            kind="Brief",
            headline=self.answer,
            details=[self.picture],
            sections=[blocks.Section(key, *parts) for key, parts in sections.items()],
        )


def brief_of(folder: Path) -> Brief:
    """The brief of a comparison.

    Raises:
        InputError: The folder holds no finished comparison, or its scenarios do not differ.
    """
    if (kind := kind_of(folder)) != "compare":
        raise InputError(
            f"holds no comparison but a {kind}", key="DIR", value=str(folder),
            allowed="a folder that crossings compare has written",
        )  # fmt: skip
    check_files(folder)
    with damage_refused(folder):
        return _read(folder)


def _read(folder: Path) -> Brief:
    data = PRESENTATION.read(folder)
    findings = data.findings
    differing = [one for one in read_comparisons(folder, findings) if not one.scenario.identical]
    if not differing:
        problem = "its scenarios give the same numbers, so there is no difference to show"
        raise InputError(problem, key="DIR", value=str(folder))
    ranked = sorted(differing, key=lambda one: one.scenario.place)
    best, several = ranked[0], len(findings.scenarios) > 1
    effects = [one.scenario for one in ranked]
    changes = [decided_by(best.scenario.drivers)]
    changes += worlds.by_path(findings.headline, best.scenario.by_path)
    (cannot,) = limits(findings).blocks
    assert isinstance(cannot, blocks.Bullets)
    return Brief(
        title=heading_of(findings),
        answer=wording.answer(best.scenario, findings),
        picture=blocks.Figure(answer_chart(ranked)),
        why=why(best.scenario)[:_WHY],
        beside=options_table(effects, findings.rank) if several else beside_table(best),
        changes=[one for one in changes if one] or [_FEW_SETS],
        limits=[*map(blocks.plain, cannot.items[:_LIMITS])],
        data=_sources(data),
    )


def _sources(data: ExperimentData[ComparisonFindings]) -> list[str]:
    """Until when the data reach, when they were published, and how to make the numbers again."""
    months = data.findings.note_texts(kind="months")
    figures = f"Figures {data_line(data.manifest.data)}."
    return [" ".join([*months, figures]), f"Made by: {to_type(data.manifest.command)}"]


def brief_bytes(folder: Path, format: str) -> bytes:
    """The brief of a comparison as the content of a file.

    Args:
        folder: Of the comparison.
        format: `docx` or `html`.

    Raises:
        InputError: There is no finished comparison in the folder, its files have changed, or a
            library is not installed.
    """
    page = brief_of(folder).page
    if format == "html":
        return "".join(html.rendered(page)).encode("utf-8")
    from simulation.report.word import document

    return document(page)


def write_brief(folder: Path, format: str, output: Path | None = None) -> Path:
    """Write the brief of a comparison, and return the file.

    Args:
        folder: Of the comparison.
        format: `docx` or `html`.
        output: File to write; in the folder when None.

    Raises:
        InputError: There is no finished comparison in the folder, its files have changed, the file
            exists, or a library is not installed. Nothing is written.
    """
    file = folder / f"brief.{format}" if output is None else output
    if file.exists():
        problem = "exists already and is not overwritten"
        raise InputError(problem, file=file, allowed="another name: --output FILE")
    content = brief_bytes(folder, format)
    try:
        with renamed(file) as scrap:
            scrap.write_bytes(content)
    except OSError as error:
        raise InputError(f"cannot be written ({reason(error)})", file=file) from error
    return file
