"""The page of a study of agreements: which buys most, each pair in a matrix, and sets."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from simulation.outcomes import OUTCOMES, shown_unit
from simulation.report.agreement_charts import effect_of, matrix, ranked, sets_charts, short
from simulation.report.page import charts
from simulation.wording import agreement_verdicts as verdicts
from simulation.wording import agreements as agreement_wording
from simulation.wording import differences as wording

if TYPE_CHECKING:
    from simulation.report.experiment import ExperimentData, Page


def page(data: ExperimentData) -> Page:
    """The page of a study of agreements."""
    from simulation.report.experiment import Page
    from simulation.report.words import limits, with_options

    summary = data.summary
    sections = []
    if summary["ranking"]:
        deadly = _paragraphs([agreement_wording.deadly(summary)], "warning")
        shown = deadly + charts(*ranked(summary)) + ranked_table(summary)
        sections.append(("ranking", "Which agreement buys most", shown))
    if summary["sets"]:
        sections.append(("sets", "Sets of agreements", sets_section(summary)))
    left_out = agreement_wording.left_out(summary)
    matrices = charts(*(matrix(summary, name) for name in summary["outcomes"]))
    sections += [
        ("matrix", "Every pair", _codes(summary) + matrices + _paragraphs(left_out)),
        ("sureness", "How sure this is", _paragraphs([agreement_wording.correction(summary)])),
        ("limits", "What this model cannot say", limits(summary)),
    ]
    lines = [html.escape(line) for line in agreement_wording.headline(summary)]
    return Page("Agreements", with_options("<br>".join(lines)), sections)


def ranked_table(summary: dict[str, Any]) -> str:
    """The best agreements with all outcomes, as HTML."""
    rows = []
    for pair in verdicts.in_table(summary):
        note = f"now {pair['before']}" + ("" if pair["refined"] else ", screened only, not judged")
        judged = {name: bool(verdicts.judged(pair, name)) for name in summary["outcomes"]}
        name = f"{pair['rank']}. {pair['name']}"
        rows.append(_row(name, note, summary, effect_of(pair), judged))
    return _table("Agreement", summary, rows)


def sets_section(summary: dict[str, Any]) -> str:
    """The sets: what they buy together, in a figure and a table, and how to run the best."""
    rows = [
        _row(
            f"{entry['size']}. + {entry['added_name']}",
            agreement_wording.set_status(entry),
            summary,
            entry["total"],
            {name: entry["total"][name]["detectable"] for name in summary["outcomes"]},
        )
        for entry in summary["sets"]
        if entry["total"]
    ]
    intro = [agreement_wording.sets_sentence(summary)]
    if summary["sets_exhausted"]:
        intro.append("Sets end where no candidate left buys anything more by its average.")
    if len(rows) == 0:
        return _paragraphs(intro)
    command = html.escape(summary["best_set_command"] or "")
    return (
        _paragraphs(intro)
        + charts(*sets_charts(summary))
        + _table("Set, with one more each", summary, rows)
        + "<h3>The best set at full scale</h3>"
        + _paragraphs([_best_set(summary)])
        + f"<pre><code>{command}</code></pre>"
    )


def _table(first: str, summary: dict[str, Any], rows: Sequence[str]) -> str:
    names = summary["outcomes"]
    head = f'<th scope="col">{first}</th>' + "".join(
        f'<th scope="col">{html.escape(short(name))}'
        f"<small>{html.escape(shown_unit(OUTCOMES[name]))}</small></th>"
        for name in names
    )
    return (
        f'<div class="scroll"><table><thead><tr>{head}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )


def _row(
    name: str, note: str, summary: dict[str, Any], effect: dict[str, Any], strong: dict[str, bool]
) -> str:
    """A row of a table; outcomes that are judged to have an effect are strong."""
    cells = []
    for outcome in summary["outcomes"]:
        entry = effect[outcome]
        if entry["difference"] is None:
            cells.append("<td>no value</td>")
            continue
        mean = wording.signed(outcome, entry["difference"])
        shown = f"<b>{mean}</b>" if strong[outcome] else mean
        ends = wording.interval(outcome, entry)
        # five columns fit on a telephone only if intervals may be broken
        cells.append(f'<td>{shown}<small style="white-space: normal">{ends}</small></td>')
    return (
        f'<tr><th scope="row">{html.escape(name)}<small>{html.escape(note)}</small></th>'
        f"{''.join(cells)}</tr>"
    )


def _best_set(summary: dict[str, Any]) -> str:
    names = {pair["key"]: pair["name"] for pair in summary["pairs"]}
    listed = "; ".join(names[key] for key in summary["best_set"])
    text = f"best-set.toml is a whole scenario with these agreements signed: {listed}. "
    if not summary["flat_after"]:
        text += "No step towards it is detectable here, so it holds all of them. "
    if summary["scale"] < 1.0:
        text += f"This study simulates {summary['scale']:.0%} of the people; all of them, with:"
    else:
        text += "With more runs:"
    return text


def _codes(summary: dict[str, Any]) -> str:
    """What the codes on the axes of the matrix stand for."""
    named = [f"{code} {name}" for code, name in summary["parties"].items() if code != name.upper()]
    return f'<p class="note">{html.escape(", ".join(named))}.</p>' if named else ""


def _paragraphs(sentences: Sequence[str], kind: str = "") -> str:
    start = f'<p class="{kind}">' if kind else "<p>"
    return "".join(f"{start}{html.escape(text)}</p>" for text in sentences if text)
