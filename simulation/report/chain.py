"""The section of a run's page on the chain: from what was learnt to who crossed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import numpy as np

from simulation.chain import LINKS
from simulation.outcomes import period_label
from simulation.report.blocks import Block, Cell, Heading, Row, Table
from simulation.report.data import RunData, periods_of
from simulation.report.drawing import BLUE, ORANGE, Chart, figure
from simulation.wording.chain import fate_of_shared, operations_sentences, shown_count

#: links without a row: they say what another one says
_LEFT_OUT = {"cases_closed"}
#: link -> the links it is a part of, and their name
_PART_OF: dict[str, tuple[tuple[str, ...], str]] = {
    "processed": (("learnt", "delivered"), "learnt or arrived"),
    "processed_shared": (("delivered",), "arrived"),
    "usable": (("processed",), "worked through"),
    "usable_shared": (("processed_shared",), "worked through from others"),
    "expired": (("learnt", "delivered"), "learnt or arrived"),
    "arrests_on_case": (("cases_opened",), "cases opened"),
    "capacity_released": (("capacity_removed",), "removed"),
    "capacity_replaced": (("capacity_removed",), "removed"),
    "capacity_taken_over": (("capacity_removed",), "removed"),
    "arrests_in_operation": (("arrests_on_case",), "arrests on a case"),
    "operation_days_without_target": (("operation_days",), "days of operations"),
    "launches_stopped": (("launches_tried",), "launches tried"),
}
#: columns of the tables by authority: heading -> links that are added up, and a link below them
#: with its word
_DESKS: dict[str, tuple[tuple[str, ...], str, str]] = {
    "Learnt": (("learnt",), "", ""),
    "Handed over": (("passed_on",), "", ""),
    "Arrived from others": (("delivered",), "", ""),
    "Worked through": (("processed",), "processed_shared", "from others"),
    "Usable": (("usable",), "usable_shared", "from others"),
    "Expired": (("expired",), "", ""),
}
_ACTS: dict[str, tuple[tuple[str, ...], str, str]] = {
    "Cases opened": (("cases_opened",), "", ""),
    "Arrests on a case": (("arrests_on_case",), "arrests_in_raid", "in raids"),
    "Brief detentions": (("brief_detentions",), "", ""),
    "Capacity removed, people a day": (("capacity_removed",), "", ""),
    "Boats seized": (("boats_seized_upstream", "boats_seized_coast"), "", ""),
    "Launches stopped": (("launches_stopped",), "", ""),
}


def links_table(run: RunData) -> list[Block]:
    """Each link by calendar year and over the run, with its share of the link before."""
    windows, columns = periods_of(run)
    totals = {name: _totals(run, *windows[name]) for name in windows}
    rows, group, before = [], "", ""
    for name, spec in LINKS.items():
        if name in _LEFT_OUT:
            continue
        if spec.group != group:
            group, before = spec.group, ""
            rows.append(Row(group, role="group"))
        unit = f"{spec.unit}, mean of days" if spec.kind == "stock" else spec.unit
        cells = [shown_count(totals[column][name]) for column in columns]
        # a unit is named where it changes
        below = unit if unit != before else ""
        rows.append(Row(spec.label, [*cells, _share(name, totals["run"])], below))
        before = unit
    caption = (
        "Means of the runs. A fact handed over before the first day can arrive after it, so more "
        "can arrive than are handed over. Capacity is what operators could carry. What is removed "
        "and regained is summed over days, so over a long run it can be more than all operators "
        "have."
    )
    periods = [period_label(name, *windows[name]) for name in columns]
    heads = ["Link", *periods, "share of an earlier link, whole run"]
    return [Heading("All links by year"), Table(heads, rows, caption, style="chain")]


def facts_chart(run: RunData) -> Chart:
    """Facts that came to desks, were worked through, and were usable: own and from others."""
    totals = _totals(run, run.first, run.last)
    own = (
        totals["learnt"],
        totals["processed"] - totals["processed_shared"],
        totals["usable"] - totals["usable_shared"],
    )
    others = totals["delivered"], totals["processed_shared"], totals["usable_shared"]
    steps = "learnt or arrived", "worked through", "usable"
    made = figure(x="facts in the whole run", hovermode="closest", barmode="stack")
    for name, values, colour in (
        ("own facts", own, BLUE),
        ("from other authorities", others, ORANGE),
    ):
        made.bar(
            values,
            steps,
            orientation="h",
            name=name,
            marker={"color": colour},
            text=[shown_count(value) for value in values],
            textposition="inside",
            insidetextanchor="middle",
            textangle=0,
            hovertemplate="%{y}, " + name + ": %{x:,.0f}<extra></extra>",
        )
    made.update_layout(legend={"traceorder": "normal"})
    made.update_yaxes(autorange="reversed", showgrid=False)
    made.update_xaxes(tickformat=",.0f", rangemode="tozero")
    rows = [
        [name, spec.label, spec.unit, code, _total(name, series, slice(None))]
        for name, spec in LINKS.items()
        for code, series in run.chain.get(name, {}).items()
    ]
    return Chart(
        "facts",
        "What became of facts on the desks of authorities",
        f"{fate_of_shared(totals)} Such facts are usable. The data hold all links by authority.",
        made,
        ["link", "label", "unit", "authority", "whole_run"],
        rows,
    )


def authority_tables(run: RunData, names: Mapping[str, str]) -> list[Block]:
    """What each authority learnt, received and worked through, and what it did.

    Args:
        run: The run.
        names: Authority code -> name.
    """
    desks = "Facts in the whole run. Authorities with none are left out."
    acts = " ".join((
        "Counts of the whole run. Authorities that did nothing are left out.",
        *operations_sentences(run.findings.chain),
    ))  # fmt: skip
    return [
        Heading("Facts by authority"),
        _by_authority(run, names, _DESKS, desks),
        Heading("Cases, arrests and seizures by authority"),
        _by_authority(run, names, _ACTS, acts),
    ]


def _by_authority(
    run: RunData,
    names: Mapping[str, str],
    columns: Mapping[str, tuple[tuple[str, ...], str, str]],
    caption: str,
) -> Table:
    rows = []
    for code, name in names.items():
        cells, anything = [], False
        for links, below, word in columns.values():
            value = sum(_of_authority(run, link, code) for link in links)
            part = _of_authority(run, below, code)
            cells.append(Cell(shown_count(value), [f"{shown_count(part)} {word}"] if part else ()))
            anything |= bool(value or part)
        if anything:
            rows.append(Row(name, cells))
    return Table(["Authority", *columns], rows, caption, style="chain")


def _of_authority(run: RunData, link: str, code: str) -> float:
    """Total of a link of an authority in the whole run; 0 where there is none."""
    series = run.chain.get(link, {}).get(code)
    return 0.0 if series is None else _total(link, series, slice(None))


def _totals(run: RunData, first: date, last: date) -> dict[str, float]:
    """Each link in a window: the sum of a flow, the mean of a stock."""
    inside = (run.dates >= np.datetime64(first, "D")) & (run.dates <= np.datetime64(last, "D"))
    return {
        name: sum(_total(name, series, inside) for series in run.chain.get(name, {}).values())
        for name in LINKS
    }


def _total(name: str, series: np.ndarray, days: slice | np.ndarray) -> float:
    chosen = series[days]
    return float(chosen.mean() if LINKS[name].kind == "stock" else chosen.sum())


def _share(name: str, totals: Mapping[str, float]) -> str:
    """What part of the link before a link is, in words; empty where that says nothing."""
    if name not in _PART_OF:
        return ""
    names, words = _PART_OF[name]
    whole = sum(totals[part] for part in names)
    return f"{totals[name] / whole:.0%} of {words}" if whole > 0 else ""
