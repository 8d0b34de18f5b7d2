"""A study of agreements: which buys most, each pair in a matrix, and sets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from simulation.experiments.findings import Effect
from simulation.experiments.statistics.paired import DIRECTION_PAIRS
from simulation.experiments.studies.agreement_findings import (
    AgreementsFindings,
    Effects,
    PairEffects,
)
from simulation.outcomes import OUTCOMES, difference_unit, shown_divisor, shown_unit
from simulation.report.blocks import (
    Block,
    Cell,
    Column,
    Heading,
    Page,
    Paragraph,
    Row,
    Section,
    Table,
    Verbatim,
    figures,
)
from simulation.report.drawing import BLACK, BLUE, SILENT, VERMILION, Chart, figure, safe
from simulation.report.experiment import ExperimentData, Presentation
from simulation.report.intervals import Dot, dots, edge_of
from simulation.report.words import limits
from simulation.wording import agreements as agreement_wording
from simulation.wording import differences as wording
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
ARRIVALS = "channel_arrivals"
#: from fewer to more: blue and vermilion are told apart with any common colour vision
_DIVERGING = [[0.0, BLUE], [0.5, "#f7f7f7"], [1.0, VERMILION]]
#: how strong a cell is whose interval holds zero
_FAINT = 0.4
#: rows for which a figure needs all the height there is
_MANY_ROWS = 7
_NUMBERS = ("difference", "low", "high", "percent", "detectable")


def page(data: ExperimentData[AgreementsFindings]) -> Page:
    """The page of a study of agreements."""
    found = data.findings
    sections = []
    if found.ranking:
        warning = Paragraph(agreement_wording.deadly(found), "warning")
        blocks = [*([warning] if warning.text else []), *figures(ranked(found)), ranking(found)]
        sections.append(Section("ranking", "Which agreement buys most", blocks))
    if found.sets:
        sections.append(Section("sets", "Sets of agreements", _sets(found)))
    matrices = [
        *_codes(found),
        *figures([matrix(found, name) for name in found.outcomes]),
        *map(Paragraph, agreement_wording.left_out(found)),
    ]
    sureness: list[Block] = [Paragraph(agreement_wording.correction(found))]
    return Page(
        kind="Agreements",
        title=data.manifest["title"],
        headline=agreement_wording.headline(found),
        basis=agreement_wording.basis(found),
        sections=[
            *sections,
            Section("matrix", "Every pair", matrices),
            Section("sureness", "How sure this is", sureness),
            limits(found),
        ],
    )


def summary(found: AgreementsFindings) -> list[Block]:
    """The headline, the best agreements and the sets."""
    blocks: list[Block] = [Paragraph("\n".join(agreement_wording.headline(found)), "strong")]
    if found.ranking:
        blocks.append(_short_ranking(found))
        if not all(pair.refined for pair in found.shown):
            text = "Screened: not run again with fresh seeds, and so not judged."
            blocks.append(Paragraph(text, "note"))
    if found.sets:
        blocks.append(_short_sets(found))
    texts = (
        agreement_wording.deadly(found),
        *agreement_wording.left_out(found),
        agreement_wording.correction(found),
        agreement_wording.basis(found),
        wording.failures(found),
    )
    blocks += map(Paragraph, texts)
    if found.best_set_command:
        blocks += [Paragraph("The best set at full scale:"), Verbatim(found.best_set_command)]
    return blocks


def _short_ranking(found: AgreementsFindings) -> Table:
    """The best agreements; `detectable` is the judgement that the headline is made of."""
    rows = []
    for pair in found.shown:
        seen = pair.judged(found.headline)
        judgement = {True: "yes", False: "no", None: "screened"}[seen]
        cells = [pair.before, judgement, *_short_cells(found, pair.effects)]
        rows.append(_short_row(f"{pair.rank:>2} {pair.name}", cells, clear=bool(seen)))
    first = f"Raised to {found.raised_to}"
    return Table([first, "now", "detectable", *_short_headings(found)], rows)


def _short_sets(found: AgreementsFindings) -> Table:
    rows = []
    for one in found.sets:
        if one.total is not None:
            cells = ["yes" if one.buys else "not seen", *_short_cells(found, one.total)]
            rows.append(_short_row(f"{one.size:>2} + {one.added_name}", cells, clear=one.buys))
    return Table(["Sets", "adds", *_short_headings(found)], rows)


def _short_headings(found: AgreementsFindings) -> list[str]:
    names = beside(found)
    intervals = ["interval"] if len(names) <= _FEW else []
    return [heading for name in names for heading in (_SHORT[name][1], *intervals)]


def _short_cells(found: AgreementsFindings, effects: Effects) -> list[str]:
    """Each outcome and its interval, side by side; of more than fit, below each other."""
    cells = []
    for name in beside(found):
        effect = effects[name]
        known = effect.difference is not None
        number = wording.signed(name, effect.difference) if known else "no value"
        cells += [number, wording.interval(name, effect) if known else ""]
    if len(cells) <= 2 * _FEW:
        return cells
    return ["\n".join(pair) for pair in zip(cells[::2], cells[1::2], strict=True)]


def _short_row(label: str, cells: Sequence[str], *, clear: bool) -> Row:
    return Row(label, [Cell(text, faint=not clear) for text in cells])


def ranking(found: AgreementsFindings) -> Table:
    """The best agreements with all outcomes."""
    return _table("Agreement", found, [_ranked_row(pair, found) for pair in found.shown])


def _ranked_row(pair: PairEffects, found: AgreementsFindings) -> Row:
    note = f"now {pair.before}" + ("" if pair.refined else ", screened only, not judged")
    cells = [_cell(name, pair.effects, bool(pair.judged(name))) for name in found.outcomes]
    return Row(f"{pair.rank}. {pair.name}", cells, note)


def _sets(found: AgreementsFindings) -> list[Block]:
    """The sets: what they buy together, in a figure and a table, and how to run the best."""
    rows = [
        Row(
            f"{one.size}. + {one.added_name}",
            [_cell(name, one.total, one.total[name].detectable) for name in found.outcomes],
            agreement_wording.set_status(one),
        )
        for one in found.sets
        if one.total
    ]
    texts = [agreement_wording.sets_sentence(found)]
    if found.sets_exhausted:
        texts.append("Sets end where no candidate left buys anything more by its average.")
    lead = [Paragraph(text) for text in texts if text]
    if not rows:
        return [*lead]
    return [
        *lead,
        *figures(sets_charts(found)),
        _table("Set, with one more each", found, rows),
        Heading("The best set at full scale"),
        Paragraph(agreement_wording.best_set(found)),
        Verbatim(found.best_set_command or ""),
    ]


def _table(first: str, found: AgreementsFindings, rows: Sequence[Row]) -> Table:
    columns = [Column(_SHORT[name][0], shown_unit(OUTCOMES[name])) for name in found.outcomes]
    return Table([first, *columns], rows, style="chain")


def _cell(name: str, effects: Effects, clear: bool) -> Cell:
    """A mean with its interval; one that is judged to be an effect is strong."""
    effect = effects[name]
    if effect.difference is None:
        return Cell("no value")
    text = wording.signed(name, effect.difference)
    return Cell(text, [wording.interval(name, effect)], strong=clear)


def _codes(found: AgreementsFindings) -> list[Block]:
    """What the codes on the axes of the matrix stand for."""
    named = [f"{code} {name}" for code, name in found.parties.items() if code != name.upper()]
    return [Paragraph(f"{', '.join(named)}.", "note")] if named else []


def ranked(found: AgreementsFindings) -> list[Chart]:
    """The best agreements with their intervals: a figure of arrivals, and one of deaths below it.

    If something else ranks, it comes first.
    """
    pairs, made = found.shown, []
    for name in beside(found):
        rows = [
            _dot(
                f"{pair.rank}. {pair.name}{'' if pair.refined else ' (screened only)'}",
                name,
                pair.effects[name],
                detectable=bool(pair.judged(name)),
            )
            for pair in pairs
            if pair.effects[name].difference is not None
        ]
        made.append(
            Chart(
                f"agreements-ranked-{name.replace('_', '-')}",
                f"{_ranked_title(found)}: {OUTCOMES[name].label}",
                "Each dot is the average change when two authorities go to "
                f"{found.raised_to} sharing and nothing else changes. The line is its "
                "interval, widened for looking at many. An agreement that was screened only is "
                f"not judged.{_beyond(rows)}",
                dots(rows, x=_axis_title(name), cut=True),
                ("agreement", "shares_now", "outcome", *_NUMBERS),
                [[pair.name, pair.before, name, *_numbers(pair.effects[name])] for pair in pairs],
                shape="long" if len(pairs) >= _MANY_ROWS else "wide",
            )
        )
    return made


def _ranked_title(found: AgreementsFindings) -> str:
    count, by = len(found.shown), agreement_wording.label(found.headline)
    if count == 1:
        return "The agreement that was tried"
    if all(pair.refined for pair in found.shown):
        return f"The best {count} of the screening by {by}, in the order of fresh seeds"
    return f"The best {count} by {by}"


def sets_charts(found: AgreementsFindings) -> list[Chart]:
    """What sets of one to k agreements buy together, arrivals and deaths, with their intervals."""
    sets = [(one, one.total) for one in found.sets if one.total]
    made = []
    for name in beside(found):
        rows = [
            _dot(
                f"{one.size}. + {one.added_name}",
                name,
                total[name],
                detectable=total[name].detectable,
            )
            for one, total in sets
            if total[name].difference is not None
        ]
        made.append(
            Chart(
                f"agreements-sets-{name.replace('_', '-')}",
                f"Change with more and more agreements: {OUTCOMES[name].label}",
                "From the top, each row adds one agreement to those above it. The dot is the "
                "average change of the whole set from the baseline; the line is its interval, "
                f"widened for the number of sets.{_beyond(rows)}",
                dots(rows, x=_axis_title(name), cut=True),
                ("size", "added", "outcome", *_NUMBERS),
                [[one.size, one.added_name, name, *_numbers(total[name])] for one, total in sets],
                shape="wide",
            )
        )
    return made


def matrix(found: AgreementsFindings, outcome: str) -> Chart:
    """Every pair in a square: how much an outcome changes when the two go to high sharing."""
    codes = list(found.parties)
    at = {code: number for number, code in enumerate(codes)}
    values = np.full((len(codes), len(codes)), np.nan)
    seen = np.zeros(values.shape, dtype=bool)
    words = np.full(values.shape, "", dtype=object)
    rows = []
    for pair in found.pairs:
        ends = at[pair.first], at[pair.second]
        effect = pair.effects.get(outcome)
        for cell in (ends, ends[::-1]):
            words[cell] = _hover(pair, outcome, effect)
            if effect is not None and effect.difference is not None:
                values[cell] = effect.difference / _scale(outcome)
                seen[cell] = bool(pair.judged(outcome))
        stage = ("refined" if pair.refined else "screening") if effect else None
        rows.append([pair.name, pair.before, pair.status, stage, *_numbers(effect)])
    made = figure(hovermode="closest")
    most = float(np.nanmax(np.abs(values))) if np.isfinite(values).any() else 1.0
    for inside, opacity, bar in (
        (~seen, _FAINT, not seen.any()),
        (seen, 1.0, seen.any()),
    ):
        made.heatmap(
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
                "title": {"text": difference_unit(OUTCOMES[outcome]), "side": "top"},
                "nticks": 5,
            },
        )
    clear = np.argwhere(seen)
    made.scatter(
        [codes[j] for _, j in clear],
        [codes[i] for i, _ in clear],
        mode="markers",
        marker={"size": 5, "color": BLACK},
        **SILENT,
    )
    square: dict[str, Any] = {"type": "category", "showgrid": False, "ticks": "", "dtick": 1}
    made.update_xaxes(**square, tickangle=-90, tickfont_size=11, categoryarray=codes)
    made.update_yaxes(**square, tickfont_size=11, autorange="reversed", categoryarray=codes)
    count = int(seen.sum()) // 2
    count_words = {0: "No pair has", 1: "One pair has"}.get(count, f"{count} pairs have")
    return Chart(
        f"agreements-matrix-{outcome.replace('_', '-')}",
        OUTCOMES[outcome].label,
        "Blue: less than now; red: more. A dot and full colour: the interval leaves out zero, "
        f"with {DIRECTION_PAIRS} pairs of runs or more. Pale: it does not, or the pair was "
        "screened only and is not judged. "
        f"{count_words} a detectable effect. White: no change at all, or not run.",
        made,
        ("agreement", "shares_now", "status", "stage", *_NUMBERS),
        rows,
        shape="map",
    )


def _numbers(effect: Effect | None) -> list[Any]:
    return [getattr(effect, name, None) for name in _NUMBERS]


def _dot(label: str, name: str, effect: Effect, *, detectable: bool) -> Dot:
    """A row of a figure: the mean of an outcome with its interval, in the unit that is shown."""
    mean, low, high = (
        np.nan if value is None else value / _scale(name)
        for value in (effect.difference, effect.low, effect.high)
    )
    text = f"{wording.signed(name, effect.difference)} ({wording.interval(name, effect)})"
    return Dot(label, mean, low, high, detectable, text)


def _beyond(rows: Sequence[Dot]) -> str:
    """That some intervals are cut off, if any is."""
    edge = edge_of([row.reach for row in rows])
    if all(row.reach <= edge for row in rows):
        return ""
    return " An arrow at the edge: the interval goes on; its ends stand beside the name."


def _axis_title(name: str) -> str:
    return f"change from the baseline, {difference_unit(OUTCOMES[name])}"


def _hover(pair: PairEffects, outcome: str, effect: Effect | None) -> str:
    head = f"<b>{safe(pair.name)}</b>, now {pair.before}<br>"
    if pair.status == "no_room":
        return head + "at this level or above already, not run"
    if effect is None:
        return head + "no run without a failure"
    if pair.status == "reaches_nobody":
        return head + "no effect: no number changes"
    stage = "fresh seeds" if pair.refined else "screened only, not judged"
    if effect.difference is None:
        return head + "no value"
    change = f"{wording.signed(outcome, effect.difference)} {shown_unit(OUTCOMES[outcome])}"
    return f"{head}{change}<br>{wording.interval(outcome, effect)} ({stage})"


def _scale(name: str) -> float:
    """What a value is divided by to be in the unit that is shown."""
    return shown_divisor(OUTCOMES[name])


def beside(found: AgreementsFindings) -> list[str]:
    """What is shown side by side: the outcome that ranks, arrivals, and deaths."""
    return list(dict.fromkeys((found.headline, ARRIVALS, BESIDE)))


PRESENTATION = Presentation(AgreementsFindings, page, summary)
