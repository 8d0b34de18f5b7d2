"""Whether the newest months still agree with the model: verdicts, figures and how it is tested."""

from __future__ import annotations

from simulation.report import blocks
from simulation.report.experiment import ExperimentData, Presentation
from simulation.validation.monitor import Monitored, MonitorFindings, OverallVerdict, WatchedFigure
from simulation.wording import differences as wording

#: what each verdict means for a reader
_MEANINGS: dict[OverallVerdict, str] = {
    "inside": "The new months agree with the model.",
    "drifting": "The new months lie to one side more than chance explains. Use new results with "
    "caution, look for what has changed, and plan a new fit.",
    "out": "The new months do not agree with the model. Do not use its forecasts of this figure "
    "before it has been fitted again or mended.",
}


def page(data: ExperimentData[MonitorFindings]) -> blocks.Page:
    """The page of a look at the newest months."""
    found = data.findings
    told = blocks.Paragraph(
        "In 50% and in 90%: how many of the months lay in these central intervals of the forecast; "
        "half and nine in ten should."
    )
    return blocks.Page(
        title="Does the model still hold?",
        kind="Monitor",
        headline=[headline(found)],
        basis=" ".join(basis(found)),
        warnings=[wording.lost(found.failed)],
        sections=[
            blocks.Section("verdicts", "Verdicts", [_verdicts(found, "Months observed"), told]),
            *(
                blocks.Section(key, one.label, _figure(key, one))
                for key, one in found.figures.items()
            ),
            blocks.Section("test", "How it is tested", [blocks.Bullets(_test(found))]),
            blocks.Section("limits", "What this does not say", [blocks.Bullets(_limits(found))]),
        ],
    )


def summary(found: MonitorFindings) -> list[blocks.Block]:
    """The verdicts, and what they rest on."""
    return [
        blocks.Paragraph(headline(found), "strong"),
        _verdicts(found, "Months"),
        *blocks.paragraphs(*basis(found)),
    ]


def headline(found: Monitored) -> str:
    """The answer in one or two sentences."""
    named = [
        f"{_lower(one.label)} ({_since(one)})"
        for one in found.figures.values()
        if one.verdict == found.verdict and one.alarm is not None
    ]
    text = f"{found.months[0]} to {found.months[-1]}: {found.verdict}. {_MEANINGS[found.verdict]}"
    return f"{text} Where: {'; '.join(named)}." if named else text


def basis(found: Monitored) -> list[str]:
    """What the verdicts rest on, one sentence or two a line."""
    first, last = found.fitted_window
    each = found.replications_per_member
    lines = [
        f"Forecast by {found.members} sets of assumptions fitted to {first} to {last}, in {each} "
        f"run{'' if each == 1 else 's'} each, with what the model left out in those months. They "
        "have seen none of the months shown.",
        f"If the model holds, all figures together are called drifting in {found.drift_rate:.0%} "
        f"and out in {found.out_rate:.0%} of periods of {found.period} months, however often one "
        "looks.",
    ]
    if len(found.months) > found.period:
        lines.append(f"Months after the first {found.period} are shown and not tested. Fit again.")
    if found.own_series:
        lines.append(f"Figures of your own stand in: {', '.join(found.own_series)}.")
    return lines


def _verdicts(found: Monitored, months: str) -> blocks.Table:
    """Each figure with its months, how many lie inside, and its verdict."""
    rows = []
    for one in found.figures.values():
        seen = sum(value is not None for value in one.observed)
        inside = [f"{one.inside(*ends)}/{seen}" for ends in (("0.25", "0.75"), ("0.05", "0.95"))]
        verdict = one.verdict if one.alarm is None else f"{one.verdict}, {_since(one)}"
        rows.append(blocks.Row(one.label, [str(seen), *inside, verdict]))
    columns = ["Figure", months, "In 50%", "In 90%"]
    return blocks.Table([*columns, blocks.word_column("Verdict")], rows)


def _figure(key: str, one: WatchedFigure) -> list[blocks.Block]:
    """One figure: its chart, and a table of its months."""
    bands = one.bands
    columns = zip(
        one.months, one.observed, bands["0.5"], bands["0.05"], bands["0.95"], one.scores,
        one.above, one.below, one.drift_bounds, strict=True,
    )  # fmt: skip
    rows = [
        blocks.Row(
            month,
            [
                one.shown(seen),
                one.shown(middle),
                f"{one.shown(low)} to {one.shown(high)}",
                *("" if number is None else f"{number:.2f}" for number in numbers),
            ],
        )
        for month, seen, middle, low, high, *numbers in columns
    ]
    headings = "Month", "Observed", "Median", "90% interval", "Score", "Sum above", "Sum below"
    return [
        *blocks.paragraphs(_sentence(one), one.note),
        blocks.FanChart(
            name=f"monitor-{key}.svg",
            alt=one.label,
            title=f"{one.label}: forecast, and what came",
            unit=one.unit,
            kind=one.kind,
            months=[*one.before.months, *one.months],
            first=len(one.before.months),
            seen=[*one.before.observed, *one.observed],
            bands=bands,
        ),
        blocks.Table([*headings, "Bound"], rows),
    ]


def _sentence(one: WatchedFigure) -> str:
    if one.verdict == "not observed":
        return "Nothing was observed in these months, so nothing is tested."
    if one.alarm is None:
        return "Inside: the months agree with the forecast."
    return f"{one.verdict.capitalize()}, {_since(one)}: noticed in {one.alarm.month}."


def _test(found: Monitored) -> list[str]:
    return [
        "The score of a month is the normal score of the observed figure's quantile in its "
        "forecast: 0 at the median, below -1.64 or above 1.64 outside the 90% interval.",
        "Scores are added up to each side (CUSUM, Page 1954), less half a standard deviation a "
        "month. A sum above its bound is an alarm.",
        "Bounds are found from paths of a model that holds, with the correlation of months that "
        f"the forecast has. They spend the false alarms evenly over {found.period} months.",
        "Drifting: a sum has exceeded its bound. Out: it has exceeded the bound of rarer false "
        "alarms, or a single month lies where the model hardly ever puts one.",
        "An alarm stays until the model is fitted again.",
    ]


def _limits(found: Monitored) -> list[str]:
    assumed = [
        _lower(found.figures[name].label)
        for name, one in found.discrepancy.items()
        if not one.residuals
    ]
    return [
        "A verdict is about the figures named here. A model may be right about arrivals for the "
        "wrong reasons.",
        "Inside is no proof that the model holds: wide intervals and few months hide much.",
        "The test does not say what has changed: the world, the way of counting, or an input.",
        *(f"How far the model is off in {label} is assumed, not found." for label in assumed),
    ]


def _since(one: WatchedFigure) -> str:
    return "" if one.alarm is None else f"{one.alarm.side} the forecast since {one.alarm.since}"


def _lower(label: str) -> str:
    return label[0].lower() + label[1:]


PRESENTATION = Presentation(MonitorFindings, page, summary, forecasts=True)
