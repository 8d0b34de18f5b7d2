"""A brief: the first page of a comparison, field by field, for a document that others design."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from simulation.corridor.in_use import data_line
from simulation.engine.command_text import to_type
from simulation.engine.findings import ExperimentFindings
from simulation.errors import InputError
from simulation.report import blocks
from simulation.report.comparison import PRESENTATION, beside_table
from simulation.report.comparison_answer import answer_chart, options_table
from simulation.report.comparison_charts import read_comparisons
from simulation.report.drawing import Chart
from simulation.report.experiment import ExperimentData, limits
from simulation.report.remake import check_files, damage_refused, kind_of
from simulation.studies.compare import ComparisonFindings
from simulation.wording import differences as wording
from simulation.wording import worlds
from simulation.wording.finding import heading as heading_of
from simulation.wording.reasons import decided_by, why

#: fields of a template; the lists among them
FIELDS = ("title", "answer", "picture", "why", "beside", "changes", "limits", "data")
LISTS = ("why", "changes", "limits")
#: sentences of why, and of what the model cannot say
_WHY, _LIMITS = 3, 2


@dataclass(frozen=True)
class Brief:
    """What stands in for each field of a template.

    Attributes:
        texts: Field -> its paragraphs, or the items of its list.
        chart: The chart of `picture`.
        table: The table of `beside`.
    """

    texts: Mapping[str, Sequence[str]]
    chart: Chart
    table: blocks.Table

    @property
    def words(self) -> str:
        """The chart in words, for those who do not see it."""
        return f"{self.chart.title}. {self.chart.note}"

    @property
    def rows(self) -> list[list[str]]:
        """The texts of the table, its headings first."""
        rows = [[column.title for column in self.table.headings]]
        for row in self.table.rows:
            cells = ["\n".join([blocks.plain(cell.text), *cell.below]) for cell in row.values]
            rows.append([blocks.plain(row.label), *cells])
        return rows


def brief_of(folder: Path) -> Brief:
    """What stands in for each field.

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
    beside = options_table(effects, findings.rank) if several else beside_table(best)
    changes = [decided_by(best.scenario.drivers)]
    changes += worlds.by_path(findings.headline, best.scenario.by_path)
    (cannot,) = limits(findings).blocks
    assert isinstance(cannot, blocks.Bullets)
    texts = {
        "title": [heading_of(findings)],
        "answer": wording.answer(best.scenario, findings),
        "why": why(best.scenario)[:_WHY],
        "changes": [one for one in changes if one] or [_FEW_SETS],
        "limits": [*map(blocks.plain, cannot.items[:_LIMITS])],
        "data": _sources(data),
    }
    return Brief(texts, answer_chart(ranked), beside)


#: what is said where nothing tells the assumptions apart
_FEW_SETS = "The runs are too few to say which assumptions decide this answer."


def _sources(data: ExperimentData[ComparisonFindings]) -> list[str]:
    """Until when the data reach, when they were published, and how to make the numbers again."""
    findings: ExperimentFindings = data.findings
    months = findings.note_texts(kind="months")
    figures = f"Figures {data_line(data.manifest.data)}."
    return [" ".join([*months, figures]), f"Made by: {to_type(data.manifest.command)}"]
