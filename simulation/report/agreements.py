"""A study of agreements: which buys most, each pair in a matrix, and sets."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from simulation.experiments.findings import Effect
from simulation.experiments.statistics.paired import DIRECTION_PAIRS
from simulation.experiments.studies.agreement_findings import (
    AgreementsFindings,
    Effects,
    PairEffects,
)
from simulation.outcomes import HEADLINE, OUTCOMES
from simulation.report import blocks, by_world
from simulation.report.drawing import (
    BLACK,
    BLUE,
    SILENT,
    VERMILION,
    Chart,
    Dot,
    dots,
    edge_of,
    figure,
    safe,
)
from simulation.report.experiment import ExperimentData, Presentation, effect_cell, limits
from simulation.wording import agreements as agreement_wording
from simulation.wording import differences as wording
from simulation.wording import quoting
from simulation.wording.differences import BESIDE

#: outcomes as headings of narrow columns on a page, and on a terminal
_SHORT = {
    "channel_arrivals": ("Arrivals", "Arrivals"),
    "channel_deaths": ("Channel deaths", "Deaths"),
    "corridor_deaths": ("Corridor deaths", "Corridor deaths"),
    "smuggler_profit_eur": ("Profit", "Profit, EUR m"),
    "mapped_share": ("Known", "Mapped share"),
}
#: outcomes with their intervals beside them that fit on a terminal
_FEW = 2
#: from fewer to more: blue and vermilion differ for any common colour vision
_DIVERGING = [[0.0, BLUE], [0.5, "#f7f7f7"], [1.0, VERMILION]]
#: how strong a cell is whose interval holds zero
_FAINT = 0.4
#: rows for which a figure needs all the height there is
_MANY_ROWS = 7
_NUMBERS = ("mean_difference", "mean_low", "mean_high", "mean_percent", "detectable")


def page(data: ExperimentData[AgreementsFindings]) -> blocks.Page:
    """The page of a study of agreements."""
    findings = data.findings
    sections = []
    if findings.ranking:
        warning = blocks.paragraphs(agreement_wording.deadly(findings), role="warning")
        parts = [*warning, *blocks.figures(ranked(findings)), ranking(findings)]
        sections.append(blocks.Section("ranking", "Which agreement buys most", parts))
    if findings.sets:
        sections.append(blocks.Section("sets", "Sets of agreements", _sets(findings)))
    codes = [f"{code} {name}" for code, name in findings.parties.items() if code != name.upper()]
    matrices = [
        *blocks.paragraphs(f"{', '.join(codes)}." if codes else "", role="note"),
        *blocks.figures([matrix(findings, name) for name in findings.outcomes]),
        *blocks.paragraphs(*agreement_wording.left_out(findings)),
    ]
    sureness = blocks.paragraphs(agreement_wording.correction(findings))
    return blocks.Page(
        kind="Agreements",
        title=data.manifest.title,
        headline=agreement_wording.headline(findings),
        basis=wording.pairs_basis(findings, judged=False),
        sections=[
            *sections,
            blocks.Section("matrix", "Every pair", matrices),
            *by_world.sections(_world_lines(findings)),
            blocks.Section("sureness", "How sure this is", sureness),
            limits(findings),
        ],
    )


def summary(findings: AgreementsFindings) -> list[blocks.Block]:
    """The headline, the best agreements and the sets."""
    parts: list[blocks.Block] = [
        blocks.Paragraph("\n".join(agreement_wording.headline(findings)), "strong")
    ]
    if findings.ranking:
        parts.append(_short_ranking(findings))
        if not all(pair.refined for pair in findings.shown):
            text = "Screened: not run again with fresh seeds, and so not judged."
            parts.append(blocks.Paragraph(text, "note"))
    if findings.sets:
        parts.append(_short_sets(findings))
    parts += _world_lines(findings, by_world.MOST_LISTED)
    texts = (
        agreement_wording.deadly(findings),
        *agreement_wording.left_out(findings),
        agreement_wording.correction(findings),
        wording.pairs_basis(findings, judged=False),
        wording.failures(findings),
    )
    parts += blocks.paragraphs(*texts)
    if findings.best_set_command:
        parts += [
            blocks.Paragraph("The best set at full scale:"),
            blocks.Verbatim(findings.best_set_command),
        ]
    return parts


def _world_lines(findings: AgreementsFindings, most: int | None = None) -> list[blocks.Block]:
    """The effects of what was judged by future path, and their variance."""
    effects = [
        by_world.Lines(f"{pair.rank}. {pair.name}", pair.by_path, pair.variance)
        for pair in findings.shown
        if pair.refined
    ]
    effects += [
        by_world.Lines(f"Set of {one.size}, + {one.added_name}", one.by_path, one.variance)
        for one in findings.sets
        if one.size > 1
    ]
    # the variance of deaths is not split
    headline = HEADLINE if findings.headline in quoting.RANGE_ONLY else findings.headline
    pairs, needed = len(findings.seeds_of.refined), findings.pairs_to_split
    return by_world.lines(effects, headline, pairs, needed, most=most)


def _short_ranking(findings: AgreementsFindings) -> blocks.Table:
    """The best agreements; `detectable` is the judgement that the headline is made of."""
    rows = []
    for pair in findings.shown:
        seen = pair.judged(findings.headline)
        judgement = {True: "yes", False: "no", None: "screened"}[seen]
        cells = [pair.before, judgement, *_short_cells(findings, pair.effects)]
        rows.append(blocks.Row(f"{pair.rank:>2} {pair.name}", cells, faint=not seen))
    first = f"Raised to {findings.raised_to}"
    return blocks.Table([first, "now", "detectable", *_short_headings(findings)], rows)


def _short_sets(findings: AgreementsFindings) -> blocks.Table:
    rows = []
    for one in findings.sets:
        if one.total is not None:
            cells = ["yes" if one.buys else "not seen", *_short_cells(findings, one.total)]
            rows.append(blocks.Row(f"{one.size:>2} + {one.added_name}", cells, faint=not one.buys))
    return blocks.Table(["Sets", "adds", *_short_headings(findings)], rows)


def _short_headings(findings: AgreementsFindings) -> list[str]:
    names = beside(findings)
    intervals = ["interval"] if len(names) <= _FEW else []
    return [heading for name in names for heading in (_SHORT[name][1], *intervals)]


def _short_cells(findings: AgreementsFindings, effects: Effects) -> list[str]:
    """Each outcome and its interval, side by side; of more than fit, below each other."""
    cells = []
    for name in beside(findings):
        effect = effects[name]
        if not quoting.has_value(name, effect):
            cells += [quoting.NO_INTERVAL if name in quoting.RANGE_ONLY else "no value", ""]
            continue
        middle, inside = quoting.difference(name, effect), quoting.interval(name, effect)
        cells += [middle, inside]
    if len(cells) <= 2 * _FEW:
        return cells
    return ["\n".join(filter(None, pair)) for pair in zip(cells[::2], cells[1::2], strict=True)]


def ranking(findings: AgreementsFindings) -> blocks.Table:
    """The best agreements with all outcomes."""
    return _table("Agreement", findings, _ranked(findings))


def ranked(findings: AgreementsFindings) -> list[Chart]:
    """The best agreements with their intervals: a figure of arrivals, and one of deaths below it.

    If something else ranks, it comes first.
    """
    count, by = len(findings.shown), wording.in_text(findings.headline)
    title = f"The best {count} by {by}"
    if count == 1:
        title = "The agreement that was tried"
    elif all(pair.refined for pair in findings.shown):
        title = f"The best {count} of the screening by {by}, in the order of fresh seeds"
    note = (
        "Each dot is the average change when two authorities go to "
        f"{findings.raised_to} sharing and nothing else changes. The line is its "
        "interval, widened for looking at many. An agreement that was screened only is "
        "not judged."
    )
    header = "agreement", "shares_now"
    return _interval_charts(findings, "ranked", title, note, header, _ranked(findings))


def sets_charts(findings: AgreementsFindings) -> list[Chart]:
    """The effects of sets of one to k agreements on arrivals and deaths, with their intervals."""
    title = "Change with more and more agreements"
    note = (
        "From the top, each row adds one agreement to those above it. The dot is the "
        "average change of the whole set from the baseline; the line is its interval, "
        "widened for the number of sets."
    )
    return _interval_charts(findings, "sets", title, note, ("size", "added"), _tried_sets(findings))


class _Shown(NamedTuple):
    """An agreement or a set, as tables and charts show it.

    Attributes:
        label: Its name.
        stage: What a chart says behind its name.
        below: What a table says below it.
        data: What the data of a chart say of it.
        effects: What it does.
        clear: The outcomes on which it is judged to have an effect.
    """

    label: str
    stage: str
    below: str
    data: tuple[str | int, ...]
    effects: Effects
    clear: set[str]


def _ranked(findings: AgreementsFindings) -> list[_Shown]:
    return [
        _Shown(
            f"{pair.rank}. {pair.name}",
            "" if pair.refined else " (screened only)",
            f"now {pair.before}{'' if pair.refined else ', screened only, not judged'}",
            (pair.name, pair.before),
            pair.effects,
            {name for name in pair.effects if pair.judged(name)},
        )
        for pair in findings.shown
    ]


def _tried_sets(findings: AgreementsFindings) -> list[_Shown]:
    return [
        _Shown(
            f"{one.size}. + {one.added_name}",
            "",
            agreement_wording.set_status(one),
            (one.size, one.added_name),
            one.total,
            {name for name, effect in one.total.items() if effect.detectable},
        )
        for one in findings.sets
        if one.total
    ]


def _sets(findings: AgreementsFindings) -> list[blocks.Block]:
    """The sets: what they buy together, in a figure and a table, and how to run the best."""
    rows = _tried_sets(findings)
    ended = "Sets end where no candidate left buys anything more by its average."
    texts = blocks.paragraphs(
        agreement_wording.sets_sentence(findings), ended if findings.sets_exhausted else ""
    )
    if not rows:
        return texts
    return [
        *texts,
        *blocks.figures(sets_charts(findings)),
        _table("Set, with one more each", findings, rows),
        blocks.Heading("The best set at full scale"),
        blocks.Paragraph(agreement_wording.best_set(findings)),
        blocks.Verbatim(findings.best_set_command or ""),
    ]


def _table(first: str, findings: AgreementsFindings, shown: Sequence[_Shown]) -> blocks.Table:
    names = findings.outcomes
    columns = [_SHORT[name][0] for name in names]
    rows = []
    for one in shown:
        cells = [
            effect_cell(name, one.effects[name], strong=name in one.clear, none="no value")
            for name in names
        ]
        rows.append(blocks.Row(one.label, cells, one.below))
    return blocks.Table([first, *columns], rows, style="chain")


def _interval_charts(
    findings: AgreementsFindings,
    key: str,
    title: str,
    note: str,
    header: Sequence[str],
    shown: Sequence[_Shown],
) -> list[Chart]:
    """A chart of each outcome that is shown beside the others."""
    shape = "long" if key == "ranked" and len(shown) >= _MANY_ROWS else "wide"
    charts = []
    for name in beside(findings):
        spec = OUTCOMES[name]
        valued = [one for one in shown if quoting.has_value(name, one.effects[name])]
        drawn = quoting.drawn(name, [one.effects[name] for one in valued])
        rows = [
            Dot(f"{one.label}{one.stage}", *ends, name in one.clear, text)
            for one, ends, text in zip(valued, drawn.ends, drawn.texts, strict=True)
        ]
        edge = edge_of([row.reach for row in rows])
        cut = any(row.reach > edge for row in rows)
        beyond = " An arrow at the edge: the interval goes on; its ends stand beside the name."
        charts.append(
            Chart(
                f"agreements-{key}-{name.replace('_', '-')}",
                f"{title}: {spec.label}",
                f"{note}{beyond if cut else ''}",
                dots(rows, x=f"change from the baseline, {drawn.unit}", cut=True),
                (*header, "outcome", *_NUMBERS),
                [[*one.data, name, *_numbers(one.effects[name])] for one in shown],
                shape,
            )
        )
    return charts


def matrix(findings: AgreementsFindings, outcome: str) -> Chart:
    """Every pair in a square: how much an outcome changes when the two go to high sharing."""
    codes = list(findings.parties)
    at = {code: number for number, code in enumerate(codes)}
    values = np.full((len(codes), len(codes)), np.nan)
    seen = np.zeros(values.shape, dtype=bool)
    words = np.full(values.shape, "", dtype=object)
    rows = []
    drawn = quoting.drawn(outcome, [pair.effects.get(outcome) for pair in findings.pairs])
    for pair, (middle, *_) in zip(findings.pairs, drawn.ends, strict=True):
        ends = at[pair.first], at[pair.second]
        effect = pair.effects.get(outcome)
        for cell in (ends, ends[::-1]):
            words[cell] = _hover(pair, outcome, effect)
            if effect is not None and quoting.has_value(outcome, effect):
                seen[cell] = bool(pair.judged(outcome))
                # of deaths there is no middle, and colour tells a clear direction alone
                values[cell] = np.sign(effect.way) * seen[cell] if math.isnan(middle) else middle
        stage = ("refined" if pair.refined else "screening") if effect else None
        rows.append([pair.name, pair.before, pair.status, stage, *_numbers(effect)])
    plot = figure(hovermode="closest")
    most = float(np.nanmax(np.abs(values))) if np.isfinite(values).any() else 1.0
    for inside, opacity, bar in ((~seen, _FAINT, not seen.any()), (seen, 1.0, seen.any())):
        plot.heatmap(
            z=np.where(inside, values, np.nan),
            x=codes,
            y=codes,
            text=words,
            hovertemplate="%{text}<extra></extra>",
            hoverongaps=False,
            colorscale=_DIVERGING,
            zmid=0.0,
            zmin=-(most or 1.0),
            zmax=most or 1.0,
            opacity=opacity,
            showscale=bool(bar),
            xgap=1,
            ygap=1,
            colorbar={
                "orientation": "h",
                "y": 1.0,
                "yanchor": "bottom",
                "len": 0.6,
                "x": 0.5,
                "thickness": 10,
                "title": {"text": drawn.unit, "side": "top"},
                "nticks": 5,
            },
        )
    clear = np.argwhere(seen)
    plot.scatter(
        [codes[j] for _, j in clear],
        [codes[i] for i, _ in clear],
        mode="markers",
        marker={"size": 5, "color": BLACK},
        **SILENT,
    )
    square: dict[str, Any] = {"type": "category", "showgrid": False, "ticks": "", "dtick": 1}
    plot.update_xaxes(**square, tickangle=-90, tickfont_size=11, categoryarray=codes)
    plot.update_yaxes(**square, tickfont_size=11, autorange="reversed", categoryarray=codes)
    count = int(seen.sum()) // 2
    count_words = {0: "No pair has", 1: "One pair has"}.get(count, f"{count} pairs have")
    return Chart(
        f"agreements-matrix-{outcome.replace('_', '-')}",
        OUTCOMES[outcome].label,
        "Blue: less than now; red: more. A dot and full colour: the interval leaves out zero, "
        f"with {DIRECTION_PAIRS} pairs of runs or more. Pale: it does not, or the pair was "
        "screened only and is not judged. "
        f"{count_words} a detectable effect. White: no change at all, or not run.",
        plot,
        ("agreement", "shares_now", "status", "stage", *_NUMBERS),
        rows,
        shape="map",
    )


def _numbers(effect: Effect | None) -> list[Any]:
    return [getattr(effect, name, None) for name in _NUMBERS]


def _hover(pair: PairEffects, outcome: str, effect: Effect | None) -> str:
    head = f"<b>{safe(pair.name)}</b>, now {pair.before}<br>"
    if pair.status == "no_room":
        return head + "at this level or above already, not run"
    if effect is None:
        return head + "no run without a failure"
    if pair.status == "reaches_nobody":
        return head + "no effect: no number changes"
    stage = "fresh seeds" if pair.refined else "screened only, not judged"
    if not quoting.has_value(outcome, effect):
        return head + "no value"
    return f"{head}{quoting.whole(outcome, effect)} ({stage})"


def beside(findings: AgreementsFindings) -> list[str]:
    """The outcomes shown side by side: the one that ranks, arrivals, and deaths."""
    return list(dict.fromkeys((findings.headline, "channel_arrivals", BESIDE)))


PRESENTATION = Presentation(AgreementsFindings, page, summary)
