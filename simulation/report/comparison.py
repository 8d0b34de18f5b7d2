"""The page of a comparison."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any

from simulation.experiments import wording
from simulation.outcomes import OUTCOMES, shown, shown_unit

if TYPE_CHECKING:
    from simulation.report.experiment import ExperimentData, Page


def page(data: ExperimentData) -> Page:
    """The page of a comparison."""
    from simulation.report.experiment import Page
    from simulation.report.words import limits

    summary = data.summary
    headline = "<br>".join(
        html.escape(wording.headline(found, summary)) for found in summary["scenarios"]
    )
    sections = [
        (f"differences-{number}", f"What differs: {found['title']}", table(found))
        for number, found in enumerate(summary["scenarios"])
        if not found["identical"]
    ]
    return Page("Comparison", headline, [*sections, ("limits", _LIMITS, limits())])


_LIMITS = "What this model cannot say"


def table(found: dict[str, Any]) -> str:
    """Every outcome over the whole run: both means, and the difference with its interval."""
    rows = []
    for name, spec in OUTCOMES.items():
        entry = found["outcomes"][name]["periods"]["run"]
        if entry["difference"] is None:
            continue
        share = "" if entry["percent"] is None else wording.percent(entry["percent"])
        rows.append(
            f'<tr><th scope="row">{html.escape(spec.label)}<small>'
            f"{html.escape(shown_unit(spec))}</small></th>"
            f"<td>{shown(spec, entry['baseline'])}</td><td>{shown(spec, entry['scenario'])}</td>"
            f"<td>{wording.signed(name, entry['difference'])}"
            f"<small>{wording.interval(name, entry)}</small></td><td>{share}</td></tr>"
        )
    head = "".join(
        f'<th scope="col">{text}</th>'
        for text in ("Outcome", "Baseline", "Scenario", "Difference", "%")
    )
    return (
        f'<div class="scroll"><table><thead><tr>{head}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )
