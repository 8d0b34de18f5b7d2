"""Whether the newest months still agree with the model: verdicts, figures, and what to do."""

from __future__ import annotations

from simulation.report import blocks
from simulation.report.experiment import ExperimentData, Presentation
from simulation.validation.drift import TESTS
from simulation.validation.monitor import (
    Monitored,
    MonitorFindings,
    OverallVerdict,
    WatchedFigure,
)
from simulation.validation.power import Power
from simulation.wording import differences as wording
from simulation.wording.quoting import number_of

#: key of the section that says what the tests notice
POWER = "monitor-power"
#: what each verdict means for a reader
_MEANINGS: dict[OverallVerdict, str] = {
    "inside": "The new months agree with the model.",
    "doubtful": "Fewer than half of the months of a figure lie in the 90% interval. Chance may "
    "still explain that.",
    "drifting": "The new months lie further off than chance explains.",
    "out": "The model hardly ever gives such months.",
}
_TESTS = dict(
    zip(
        TESTS,
        (
            "the period to date",
            "the last six months, given the year before the period",
        ),
        strict=True,
    )
)
#: how the figures are tested
_METHOD = (
    "A score is the distance from the median on a logarithmic scale: -1.64 and 1.64 are the "
    "ends of the 90% interval.",
    "Two means are tested: of the period to date, and of the last six months given the year "
    "before the period. What a set gets wrong in both years does not count in the second.",
    "Both scores are put on one scale, on which a model that holds exceeds 1 once in a hundred "
    "months. The statistic of a figure is the larger one.",
    "Bounds come from the paths of the forecast, each taken as the world and scored by the "
    "other sets of assumptions. So the rate of false alarms holds for all figures, tests and "
    "months together, however they depend on each other.",
    "Drifting: the statistic has exceeded its bound. Out: it has exceeded the bound of rarer "
    "false alarms. Doubtful: neither, and fewer than half of the months lie in the 90% "
    "interval.",
    "An alarm stays until the model is fitted again.",
)
#: with fewer months, a verdict of inside says little
_FEW = 6


def page(data: ExperimentData[MonitorFindings]) -> blocks.Page:
    """The page of a look at the newest months."""
    findings = data.findings
    note = blocks.Paragraph(
        "In 50% and in 90%: how many of the months lie in these central intervals of the forecast; "
        "half and nine in ten should. Off: the period to date against its median. By chance: how "
        "often a model that holds lies as far off."
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
            *(power_sections(findings, data.manifest.command)),
            blocks.Section("test", "How it is tested", [blocks.Bullets(_METHOD)]),
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
    departs = [departure(one) for one in findings.figures.values() if one.alarm is not None]
    doubts = [
        f"{one.label}: {_inside(one)} inside."
        for one in findings.figures.values()
        if one.verdict == "doubtful"
    ]
    first, last, verdict = findings.months[0], findings.months[-1], findings.verdict
    text = f"{first} to {last}: {verdict}. {_MEANINGS[verdict]}"
    return " ".join([text, *departs, *doubts])


def departure(one: WatchedFigure) -> str:
    """How a figure with an alarm departs: by how much, to which side and since when."""
    alarm = one.alarm
    assert alarm is not None
    size = alarm.departure
    # the mean may lie on the other side of its median than the months that gave the alarm
    off = size is not None and (size > 0.0) == (alarm.side == "above")
    how = f"{abs(size):.0%} {alarm.side}" if off and size is not None else alarm.side
    return f"{one.label}: {how} what the model expects, since {alarm.since}."


def _inside(one: WatchedFigure) -> str:
    return f"{one.inside('0.05', '0.95')} of {one.months_seen} months"


def advice(findings: Monitored) -> list[str]:
    """What a planner should do, by case."""
    seen = [one for one in findings.figures.values() if one.verdict != "not observed"]
    off = [one for one in seen if one.alarm is not None]
    doubtful = [_lower(one.label) for one in seen if one.verdict == "doubtful"]
    months = max(one.months_seen for one in seen)
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
    if doubtful:
        lines.append(
            f"Quote {', '.join(doubtful)} with a warning, and look again next month: the test "
            "cannot exclude chance yet."
        )
    if not lines:
        lines.append("Use the model as before, and look again when a month is published.")
    if months < _FEW and not off:
        lines.append(
            f"With {number_of(months, 'month')} little can be noticed: do not take "
            "this as a confirmation."
        )
    return lines


def basis(findings: Monitored) -> list[str]:
    """What the verdicts rest on, one sentence or two a line."""
    first, last = findings.fitted_window
    each = findings.replications_per_member
    lines = [
        f"Forecast by {findings.members} sets of assumptions fitted to {first} to {last}, in "
        f"{number_of(each, 'run')} each, with what the model left out in those months. "
        "They have seen none of the months shown.",
        f"If the model holds, there is a false alarm of drift in {findings.drift_rate:.0%} of "
        f"years and of being out in {findings.out_rate:.0%}, of all figures together, however "
        "often one looks.",
    ]
    lines += _few_sets(findings)
    if len(findings.months) > findings.period:
        lines.append(
            f"Months after the first {findings.period} are shown and not tested. Fit again."
        )
    if findings.own_series:
        lines.append(f"Figures of your own stand in: {', '.join(findings.own_series)}.")
    return lines


def _few_sets(findings: Monitored) -> list[str]:
    """A warning where there are too few sets to hold the stated rates.

    Of exchangeable sets, the world is the most extreme one in one case of sets + 1.
    """
    least = 1.0 / (findings.members + 1)
    if least <= findings.out_rate:
        return []
    return [
        f"With {findings.members} sets, no rate of false alarms below {least:.1%} a year can be "
        "held: take more sets (--members)."
    ]


def _verdicts(findings: Monitored, months: str) -> blocks.Table:
    """Each figure with its months, how many lie inside, and its verdict."""
    rows = []
    for one in findings.figures.values():
        seen = one.months_seen
        inside = [f"{one.inside(*ends)}/{seen}" for ends in (("0.25", "0.75"), ("0.05", "0.95"))]
        off = "" if one.departure is None else f"{one.departure:+.0%}"
        verdict = one.verdict if one.alarm is None else f"{one.verdict} since {one.alarm.since}"
        rows.append(blocks.Row(one.label, [str(seen), *inside, off, _chance(one.p_value), verdict]))
    columns = ["Figure", months, "In 50%", "In 90%", "Off", "By chance"]
    return blocks.Table([*columns, blocks.word_column("Verdict")], rows)


def _chance(share: float | None) -> str:
    if share is None:
        return ""
    return "below 0.1%" if share < 0.001 else f"{share:.1%}" if share < 0.1 else f"{share:.0%}"


def power_sections(findings: Monitored, command: str) -> list[blocks.Section]:
    """What the tests notice, where it was worked out."""
    if findings.power is None:
        return []
    months = [one.months for one in findings.power.false_alarms]
    parts: list[blocks.Block] = [
        blocks.Paragraph(("Made by ", blocks.Code(command), ".")),
        blocks.Paragraph(
            f"Made-up worlds: {findings.members} sets of assumptions fitted to "
            f"{findings.fitted_window[0]} to {findings.fitted_window[1]}. Each set is the world in "
            "turn, with what the model leaves out, and has no part in the forecast. One figure is "
            "changed from the first month on. The table has the chance that it is called drifting "
            "or out: the mean of a rise and a fall."
        ),
        _power_table(findings, findings.power),
        blocks.Paragraph(_yardstick(findings.power)),
        blocks.Paragraph(
            "The spread of the forecast sets the power. The year before explains much of it where "
            "sets stay too high or too low, little where they differ by how the year goes on."
        ),
        blocks.Table(
            ["Spread of the mean", "Alone", "Given the year before"],
            [
                blocks.Row(
                    f"{findings.figures[one.figure].label}, {one.months} months",
                    ["" if sd is None else f"{sd:.1%}" for sd in (one.alone, one.conditional)],
                )
                for one in findings.power.spread
            ],
        ),
        blocks.Paragraph(
            "False alarms of any figure, where nothing changes. Stated is "
            f"{findings.drift_rate:.0%} a year for drifting and {findings.out_rate:.0%} for out. "
            "Doubtful has no stated rate. " + " ".join(_few_sets(findings))
        ),
        blocks.Table(
            ["False alarm", *_after(months)],
            [
                blocks.Row(
                    name, [f"{getattr(one, name):.1%}" for one in findings.power.false_alarms]
                )
                for name in ("drifting", "out", "doubtful")
            ],
        ),
    ]
    title = "What the monitor notices"
    return [blocks.Section(POWER, title, parts, short=_yardstick(findings.power))]


def _after(months: list[int]) -> list[str]:
    return [f"{after} months" for after in months]


def _power_table(findings: Monitored, power: Power) -> blocks.Table:
    months = [one.months for one in power.false_alarms]
    sizes = sorted({abs(one.change) for one in power.noticed})
    rows = [
        blocks.Row(
            f"{one.label}, {size:.0%}", [f"{_noticed(power, name, size, m):.0%}" for m in months]
        )
        for name, one in findings.figures.items()
        if any(name == noticed.figure for noticed in power.noticed)
        for size in sizes
    ]
    return blocks.Table(["Lasting change of", *_after(months)], rows)


def _noticed(power: Power, figure: str, size: float, months: int) -> float:
    """Chance that a change of a size is noticed, the mean of both directions."""
    shares = [
        one.share
        for one in power.noticed
        if (one.figure, abs(one.change), one.months) == (figure, size, months)
    ]
    return sum(shares) / len(shares)


#: what is asked of the test: figure, relative change, months and share of worlds
_ASKED = ("people_per_boat", 0.2, 6, 0.8)


def _yardstick(power: Power) -> str:
    """Whether a fifth more or less load is noticed as soon as it should be."""
    figure, size, months, share = _ASKED
    if not any((one.figure, one.months) == (figure, months) for one in power.noticed):
        return f"People per boat were not watched for {months} months."
    reached = _noticed(power, figure, size, months)
    word = "is" if reached >= share else "is not"
    return (
        f"Asked is that a change of {size:.0%} in people per boat is noticed within {months} "
        f"months with {share:.0%}. That {word} reached: the chance is {reached:.0%}."
    )


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
    outside = one.outside[-1]
    counted = (
        f"{outside} of {one.months_seen} months lie outside the 90% interval. As many or more do "
        f"in {_chance(one.binomial)} of cases by the binomial, as if months were independent."
    )
    if one.alarm is not None:
        noticed = f"Noticed in {one.alarm.month} by {_TESTS[one.alarm.test]}."
        return [f"{one.verdict.capitalize()}. {departure(one)} {noticed}", counted]
    if one.verdict == "doubtful":
        return ["Doubtful: fewer than half of the months lie in the 90% interval.", counted]
    return ["Inside: the months agree with the forecast.", counted]


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
