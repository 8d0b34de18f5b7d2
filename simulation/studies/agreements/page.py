"""A study of agreements: which buys most, each pair in a matrix, and sets."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from simulation.engine.findings import Effect
from simulation.outcomes import OUTCOMES
from simulation.report import blocks, by_world
from simulation.report.drawing import (
    BLACK,
    BLUE,
    SILENT,
    VERMILION,
    Chart,
    Dot,
    PlotlyObject,
    dots,
    edge_of,
    figure,
    safe,
)
from simulation.report.experiment import ExperimentData, Presentation, limits, world_cell
from simulation.studies.agreements import words as agreement_wording
from simulation.studies.agreements.findings import (
    AgreementsFindings,
    Effects,
    PairEffects,
)
from simulation.wording import differences as wording
from simulation.wording import quoting, verdicts

#: outcomes as headings of narrow columns
_SHORT = {
    "channel_arrivals": "By small\nboat",
    "channel_deaths": "Deaths in\nthe Channel",
    "corridor_deaths": "Deaths before\nthe coast",
    "seat_price_eur": "Price of\na seat",
    "smuggler_profit_eur": "Profit,\nEUR m",
    "mapped_share": "Known\nsmugglers",
}
#: from fewer to more: blue and vermilion differ for any common colour vision
_DIVERGING = [[0.0, BLUE], [0.5, "#f7f7f7"], [1.0, VERMILION]]
#: how strong a cell is whose interval holds zero
_FAINT = 0.4
#: rows for which a figure needs all the height there is
_MANY_ROWS = 7
_NUMBERS = (
    "plausible_low", "median", "plausible_high", "plausible_unit", "mean_difference", "mean_low",
    "mean_high", "mean_percent", "detectable",
)  # fmt: skip
#: what the line of a chart is
_LINE = "The line is its interval; the shaded band is what does not matter."


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
    # one level, and all pairs of some parties
    screened = findings.looks.screening and " or " not in findings.raised_to
    codes = [f"{code} {name}" for code, name in findings.parties.items() if code != name.upper()]
    matrices = [
        *blocks.paragraphs(f"{', '.join(codes)}." if codes else "", role="note"),
        *blocks.figures([matrix(findings, name) for name in findings.outcomes if screened]),
        *blocks.paragraphs(*agreement_wording.left_out(findings)),
    ]
    sureness = blocks.paragraphs(agreement_wording.correction(findings))
    main, support = wording.main_points(agreement_wording.headline(findings, titled=True))
    basis = [blocks.Paragraph(wording.pairs_basis(findings, judged=False))]
    return blocks.Page(
        kind="Agreements",
        title=agreement_wording.heading(findings),
        name=data.manifest.title,
        headline=main,
        support=support,
        details=[blocks.Folded("Basis", basis, drawn=True)],
        sections=[
            *sections,
            *([blocks.Section("matrix", "Every pair", matrices)] if screened else []),
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
    names, raised = beside(findings), f"Raised to {findings.raised_to}"
    if findings.ranking:
        parts.append(_table(raised, _ranked(findings), names))
    if sets := _tried_sets(findings):
        parts.append(_table("Sets", sets, names))
    parts += _world_lines(findings, most=1)
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
    """The effects of what was judged by future path."""
    effects = [by_world.Lines(pair.name, pair.by_path) for pair in findings.shown if pair.refined]
    effects += [
        by_world.Lines(f"Set of {one.size}, + {one.added_name}", one.by_path)
        for one in findings.sets
        if one.size > 1
    ]
    return by_world.lines(effects, most=most)


def ranking(findings: AgreementsFindings) -> blocks.Table:
    """The best agreements with all outcomes."""
    return _table("Agreement", _ranked(findings), findings.outcomes)


def ranked(findings: AgreementsFindings) -> list[Chart]:
    """The best agreements with their intervals: a figure of arrivals, and one of deaths below it.

    If something else ranks, it comes first.
    """
    count, by = len(findings.shown), verdicts.in_text(findings.headline)
    title = f"The best {count} by {by}"
    if count == 1:
        title = "The agreement that was tried"
    elif not findings.looks.screening:
        title = f"{count} agreements by {by}"
    elif all(pair.refined for pair in findings.shown):
        title = f"The best {count} of the screening by {by}, in the order of fresh seeds"
    note = (
        f"Each dot is the average over plausible worlds when sharing goes to {findings.raised_to} "
        f"and nothing else changes. {_LINE}"
    )
    if findings.looks.screening:
        note = f"{note} An agreement that was screened only is not judged."
    header = "agreement", "shares_now"
    return _interval_charts(findings, "ranked", title, note, header, _ranked(findings))


class _Shown(NamedTuple):
    """An agreement or a set, as tables and charts show it.

    Attributes:
        label: Its name.
        stage: What a chart says behind its name.
        below: What a table says below it.
        data: What the data of a chart say of it.
        effects: What it does.
        clear: The outcomes on which it is judged to have an effect.
        group: The heading of the rows that have one verdict.
    """

    label: str
    stage: str
    below: str
    data: tuple[str | int, ...]
    effects: Effects
    clear: set[str]
    group: str = ""


def _ranked(findings: AgreementsFindings) -> list[_Shown]:
    return [
        _Shown(
            f"{pair.rank}. {pair.name}" if pair.rank else pair.name,
            "" if pair.refined else " (screened only)",
            f"now {pair.before}",
            (pair.name, pair.before),
            pair.effects,
            {name for name in pair.effects if pair.judged(name)},
            quoting.sentence_case(
                agreement_wording.effect_status(
                    findings, pair.effects, pair.judged(findings.headline)
                )
            ),
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
            {name for name, effect in one.total.items() if effect.is_clear},
        )
        for one in findings.sets
        if one.total
    ]


def _sets(findings: AgreementsFindings) -> list[blocks.Block]:
    """The sets: what they buy together, in a figure and a table, and how to run the best."""
    rows = _tried_sets(findings)
    ended = "Sets end where no candidate left buys anything more by its middle."
    texts = blocks.paragraphs(
        agreement_wording.sets_sentence(findings), ended if findings.sets_exhausted else ""
    )
    if not rows:
        return texts
    title = "Change with more and more agreements"
    note = (
        "From the top, each row adds one agreement to those above it. The dot is the "
        f"average over plausible worlds for the whole set. {_LINE}"
    )
    charts = _interval_charts(findings, "sets", title, note, ("size", "added"), rows)
    return [
        *texts,
        *blocks.figures(charts),
        _table("Set, with one more each", rows, findings.outcomes),
        blocks.Heading("The best set at full scale"),
        blocks.Paragraph(agreement_wording.best_set(findings)),
        blocks.Verbatim(findings.best_set_command or ""),
    ]


def _table(first: str, shown: Sequence[_Shown], names: Sequence[str]) -> blocks.Table:
    """The interval of each average, under the verdict by what ranks."""
    columns = [_SHORT[name] for name in names]
    rows: list[blocks.Row] = []
    group = ""
    for one in shown:
        if one.group and one.group != group:
            group = one.group
            rows.append(blocks.Row(group, [""] * len(names), role="group"))
        clear = {name: name in one.clear for name in names}
        cells = [
            world_cell(name, one.effects[name], clear=clear[name], strong=clear[name])
            for name in names
        ]
        rows.append(blocks.Row(one.label, cells, one.below))
    return blocks.Table([first, *columns], rows, style="chain", split=True)


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
    entries = [pair.effects.get(outcome) for pair in findings.pairs]
    drawn = quoting.drawn(outcome, entries, over_worlds=True)
    for pair, (value, *_), text in zip(findings.pairs, drawn.ends, drawn.texts, strict=True):
        one, other = pair.parties
        ends = at[one], at[other]
        effect = pair.effects.get(outcome)
        for cell in (ends, ends[::-1]):
            words[cell] = _hover(pair, effect, text)
            if effect is not None and quoting.has_value(outcome, effect):
                seen[cell] = bool(pair.judged(outcome))
                # of deaths there is no middle, and colour tells a clear direction alone
                values[cell] = np.sign(effect.way) * seen[cell] if math.isnan(value) else value
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
    square: PlotlyObject = {"type": "category", "showgrid": False, "ticks": "", "dtick": 1}
    plot.update_xaxes(**square, tickangle=-90, tickfont_size=11, categoryarray=codes)
    plot.update_yaxes(**square, tickfont_size=11, autorange="reversed", categoryarray=codes)
    count = int(seen.sum()) // 2
    count_words = {0: "No pair has", 1: "One pair has"}.get(count, f"{count} pairs have")
    return Chart(
        f"agreements-matrix-{outcome.replace('_', '-')}",
        OUTCOMES[outcome].label,
        "Blue: less than now; red: more. A dot and full colour: the range leaves out zero. Pale: "
        "it does not, or the pair was screened only and is not judged. "
        f"{count_words} a clear effect. White: no change at all, or not run.",
        plot,
        ("agreement", "shares_now", "status", "stage", *_NUMBERS),
        rows,
        shape="map",
    )


def _numbers(effect: Effect | None) -> list[Any]:
    return [getattr(effect, name, None) for name in _NUMBERS]


def _hover(pair: PairEffects, effect: Effect | None, text: str) -> str:
    head = f"<b>{safe(pair.name)}</b>, now {pair.before}<br>"
    if pair.status == "no_room":
        return head + "at this level or above already, not run"
    if effect is None:
        return head + "no run without a failure"
    if pair.status == "reaches_nobody":
        return head + "no effect: no number changes"
    return f"{head}{text} ({'fresh seeds' if pair.refined else 'screened only, not judged'})"


def beside(findings: AgreementsFindings) -> list[str]:
    """The outcomes shown side by side: the one that ranks, arrivals and price."""
    return list(dict.fromkeys((findings.headline, *agreement_wording.COLUMNS)))


PRESENTATION = Presentation(AgreementsFindings, page, summary)
