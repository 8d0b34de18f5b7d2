"""Whether the newest months still agree with the model: verdicts, figures, and what to do."""

from __future__ import annotations

from simulation.report import blocks
from simulation.report.experiment import ExperimentData, Presentation
from simulation.validation.monitor import (
    Monitored,
    MonitorFindings,
    OverallVerdict,
    WatchedFigure,
)
from simulation.wording import differences as wording
from simulation.wording.quoting import number_of

#: what each verdict means for a reader
_MEANINGS: dict[OverallVerdict, str] = {
    "inside": "The new months agree with the model.",
    "too early to tell": "Nothing departs, and of some figures a change could not be seen yet.",
    "drifting": "The new months lie further off than chance explains.",
    "out": "The model hardly ever gives such months.",
}
#: a relative departure in words, by size; halfway to the next, the next one is said
_PARTS = (
    (0.02, "about a fiftieth"), (0.05, "a twentieth"), (0.1, "a tenth"), (0.143, "a seventh"),
    (0.2, "a fifth"), (0.25, "a quarter"), (0.333, "a third"), (0.4, "two fifths"),
    (0.5, "half"), (0.667, "two thirds"), (0.75, "three quarters"),
)  # fmt: skip


def page(data: ExperimentData[MonitorFindings]) -> blocks.Page:
    """The page of a look at the newest months."""
    findings = data.findings
    note = blocks.Paragraph(
        "In 50% and in 90%: how many of the months lie in these central intervals of the forecast; "
        "half and nine in ten should. Off: the mean of the months against its median. By chance: "
        "how often a model that holds lies as far off. Noticed: the chance that a lasting change "
        f"of {findings.change:.0%} would be noticed."
    )
    return blocks.Page(
        title="Does the model still hold?",
        kind="Monitor",
        headline=[headline(findings)],
        basis=" ".join(basis(findings)),
        warnings=[wording.lost(findings.failed)],
        sections=[
            blocks.Section("verdicts", "Verdicts", [_verdicts(findings, "Months observed"), note]),
            *(
                blocks.Section(key, one.label, _figure(key, one))
                for key, one in findings.figures.items()
            ),
            blocks.Section("limits", "What this does not say", [blocks.Bullets(_limits(findings))]),
            blocks.Section("advice", "What to do", [blocks.Bullets(advice(findings))]),
        ],
    )


def summary(findings: MonitorFindings) -> list[blocks.Block]:
    """The verdicts, what they rest on, and what to do."""
    return [
        blocks.Paragraph(headline(findings), "strong"),
        _verdicts(findings, "Months"),
        *blocks.paragraphs(*basis(findings)),
        blocks.Bullets(advice(findings)),
    ]


def headline(findings: Monitored) -> str:
    """The answer, and in which direction each figure that departs does so."""
    departs = [departure(one) for one in findings.figures.values() if one.departs]
    first, last, verdict = findings.months[0], findings.months[-1], findings.verdict
    text = f"{first} to {last}: {verdict}. {_MEANINGS[verdict]}"
    return " ".join([text, *departs])


def departure(one: WatchedFigure) -> str:
    """How a figure departs: by how much, and to which side."""
    size = one.departure or 0.0
    side = "above" if size > 0.0 else "below"
    return f"{one.label}: {_part(size)} {side} what the model expects."


def _part(size: float) -> str:
    """A relative departure as a part, such as "a fifth"."""
    size = abs(size)
    if size >= 0.875:
        return f"{size:.0%}"
    return min(_PARTS, key=lambda part: abs(part[0] - size))[1]


def advice(findings: Monitored) -> list[str]:
    """What a planner should do, by case."""
    seen = [one for one in findings.figures.values() if one.verdict != "not observed"]
    off = [one for one in seen if one.departs]
    early = [_lower(one.label) for one in seen if one.verdict == "too early to tell"]
    lines = []
    if off and len(off) == len(seen):
        lines += [
            "All figures are off: do not use new results. Something that all figures share has "
            "changed, such as how many people come, a policy, or the way of counting.",
            "Check the scenario and the input tables for these months, then fit again.",
        ]
    elif off:
        named = ", ".join(_lower(one.label) for one in off)
        lines += [
            f"Do not quote levels of {named}. Differences that rest on them need a new look.",
            "First check the way of counting and the inputs of these months. If both are right, "
            "fit again; if the figure stays off, the model lacks something.",
        ]
    if not lines:
        lines.append("Use the model as before, and look again when a month is published.")
    if early:
        lines.append(f"Do not take this as a confirmation for {', '.join(early)}.")
    return lines


def basis(findings: Monitored) -> list[str]:
    """What the verdicts rest on, one sentence or two a line."""
    first, last = findings.fitted_window
    each = findings.replications_per_member
    lines = [
        f"Forecast by {findings.members} sets of assumptions fitted to {first} to {last}, in "
        f"{number_of(each, 'run')} each, with what the model left out in those months. "
        "They have seen none of the months shown.",
        f"If the model holds, a look has a false alarm of drift in {findings.drift_rate:.0%} and "
        f"of being out in {findings.out_rate:.0%} of cases, of all figures together.",
    ]
    if findings.own_series:
        lines.append(f"Figures of your own stand in: {', '.join(findings.own_series)}.")
    return lines


def _verdicts(findings: Monitored, months: str) -> blocks.Table:
    """Each figure with its months, how many lie inside, and its verdict."""
    rows = []
    for one in findings.figures.values():
        seen = one.months_seen
        inside = [f"{one.inside(*ends)}/{seen}" for ends in (("0.25", "0.75"), ("0.05", "0.95"))]
        off = "" if one.departure is None else f"{one.departure:+.0%}"
        cells = [str(seen), *inside, off, _chance(one.p_value), _chance(one.power), one.verdict]
        rows.append(blocks.Row(one.label, cells))
    columns = ["Figure", months, "In 50%", "In 90%", "Off", "By chance", "Noticed"]
    return blocks.Table([*columns, blocks.word_column("Verdict")], rows)


def _chance(share: float | None) -> str:
    if share is None:
        return ""
    return "below 0.1%" if share < 0.001 else f"{share:.1%}" if share < 0.1 else f"{share:.0%}"


def _figure(key: str, one: WatchedFigure) -> list[blocks.Block]:
    """One figure: its chart, and a table of its months."""
    bands = one.bands
    columns = zip(one.months, one.observed, bands["0.5"], bands["0.05"], bands["0.95"], strict=True)
    rows = [
        blocks.Row(
            month, [one.shown(seen), one.shown(middle), f"{one.shown(low)} to {one.shown(high)}"]
        )
        for month, seen, middle, low, high in columns
    ]
    return [
        *blocks.paragraphs(*_sentences(one), one.note),
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
        blocks.Table(["Month", "Observed", "Median", "90% interval"], rows),
    ]


def _sentences(one: WatchedFigure) -> list[str]:
    if one.verdict == "not observed":
        return ["Nothing was observed in these months, so nothing is tested."]
    if one.departs:
        return [f"{one.verdict.capitalize()}. {departure(one)}"]
    if one.verdict == "inside":
        return ["Inside: the months agree with the forecast."]
    return [f"Too early to tell: a change would be noticed with {_chance(one.power)} only."]


def _limits(findings: Monitored) -> list[str]:
    assumed = [
        _lower(findings.figures[name].label)
        for name, one in findings.discrepancy.items()
        if not one.residuals
    ]
    return [
        "A verdict is about the figures named here. A model may be right about arrivals for the "
        "wrong reasons.",
        "Inside is no proof that the model holds: wide intervals and few months hide much.",
        "The test does not say what has changed: the world, the way of counting, or an input.",
        *(f"How far the model is off in {label} is assumed, not found." for label in assumed),
    ]


def _lower(label: str) -> str:
    return label[0].lower() + label[1:]


PRESENTATION = Presentation(MonitorFindings, page, summary, forecasts=True)
