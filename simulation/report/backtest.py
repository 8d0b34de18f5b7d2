"""A back-test: what the forecast was given, how it did beside others, and where it loses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from simulation.outcomes import listing
from simulation.report import blocks
from simulation.report.experiment import ExperimentData, Presentation
from simulation.validation.backtest import Backtested, BacktestFindings, BacktestYear
from simulation.validation.naive import ETS, SHORT
from simulation.validation.scored import (
    MODEL,
    HorizonName,
    MeanScore,
    ScoredSeries,
)
from simulation.wording import quoting

#: intervals whose coverage is shown, and their keys
_ASKED = {"50%": "0.5", "90%": "0.9"}
#: whether the assumptions were fitted to the years before alone
_CAUTION = {
    False: "Its assumptions are not fitted to the years before alone, so this is no forecast "
    "of what the model had not seen.",
    True: "The fitted assumptions have seen no figure of this year. The mechanisms were made, and "
    "those not fitted were set, by people who had.",
}
#: with fewer, the twentieth on either side is hardly seen
_FEW_RUNS = 40
_LOW, _MIDDLE, _HIGH = "0.05", "0.5", "0.95"
_SPAN: dict[HorizonName, str] = {"months": "by month", "year": "whole year"}
#: the naive forecast that is drawn
_SHOWN = ETS
#: forecast -> what a reader calls it
_NAMES = {MODEL: "the model", **SHORT}
#: the series of a headline
_FIRST = "channel_arrivals"
_MEAN = "backtest-mean"


def section_keys(years: Sequence[int]) -> list[str]:
    """Keys of the sections about some years on a page, which holds one of each year."""
    mean = [_MEAN] if len(years) > 1 else []
    return [*mean, *map(_section_key, years)]


def _section_key(year: int) -> str:
    return f"backtest-{year}"


def page(data: ExperimentData[BacktestFindings]) -> blocks.Page:
    """The text of a back-test: the mean over its years, if there are several, and each year."""
    findings, command = data.findings, data.manifest.command
    title = f"Back-test: {_listed(findings)} held out"
    if len(findings.years) > 1:
        sections = [mean_section(findings, command), *map(short_section, findings.years)]
    else:
        sections = [section(findings, findings.years[0], command)]
    return blocks.Page(
        kind="Back-test", title=title, headline=[headline(findings)], sections=sections
    )


def mean_section(findings: BacktestFindings, command: str) -> blocks.Section:
    """The mean over the years, after the command that made it."""
    parts: list[blocks.Block] = [
        blocks.Paragraph(headline(findings)),
        blocks.Paragraph(("Made by ", blocks.Code(command), ".")),
        blocks.Heading("What the forecasts were given"),
        blocks.Bullets(inputs(findings, findings.years[-1])),
        blocks.Heading("How to read the tables"),
        *_reading(),
        *_means(findings),
        blocks.Heading("What this does not say"),
        blocks.Bullets(list(_limits(findings, findings.years[-1]))),
    ]
    title = f"Back-test: mean of {_listed(findings)}"
    return blocks.Section(_MEAN, title, parts, short=headline(findings))


def short_section(of: BacktestYear) -> blocks.Section:
    """One year of several: the scores of arrivals by month, their chart, and where it loses.

    Scores of other series stand in the means.
    """
    year, losses = of.holdout, list(_losses(of, "months"))
    table = _summary_table({_FIRST: of.series[_FIRST]})
    parts: list[blocks.Block] = [blocks.Paragraph(_year_scores(of)), table]
    parts += [fan_chart(_FIRST, of.series[_FIRST], year)]
    parts += [blocks.Bullets(losses)] if losses else []
    for name, one in of.series.items():
        if name in quoting.RANGE_ONLY:
            words = " ".join(filter(None, [one.note, _whole_year(name, one, year)]))
            parts += [blocks.Heading(one.label), *blocks.paragraphs(words)]
    return blocks.Section(_section_key(year), f"Back-test: {year} held out", parts)


def section(findings: BacktestFindings, of: BacktestYear, command: str) -> blocks.Section:
    """One year in words, tables and charts, after the command that made it."""
    year = of.holdout
    parts: list[blocks.Block] = [
        blocks.Paragraph(year_headline(of)),
        blocks.Paragraph(("Made by ", blocks.Code(command), ".")),
        blocks.Heading("What the forecast was given"),
        blocks.Bullets(inputs(findings, of)),
        blocks.Heading("How to read the tables"),
        *_reading(),
    ]
    parts.append(_summary_table(of.series))
    for name, one in of.series.items():
        note = " ".join(filter(None, [one.note, _whole_year(name, one, year)]))
        parts += [blocks.Heading(one.label), *blocks.paragraphs(note)]
        parts += [fan_chart(name, one, year)] if one.by_month else []
    losses = list(_losses(of))
    parts += [
        blocks.Heading("Where the forecast loses"),
        blocks.Bullets(losses) if losses else blocks.Paragraph("In no row."),
        blocks.Heading("What this does not say"),
        blocks.Bullets(list(_limits(findings, of))),
    ]
    title = f"Back-test: {year} held out"
    return blocks.Section(_section_key(year), title, parts, short=headline(findings))


def summary(findings: BacktestFindings) -> list[blocks.Block]:
    """How the forecast did: the mean over several years, or the only one."""
    first = blocks.Paragraph(headline(findings), "strong")
    if len(findings.years) > 1:
        each = [blocks.Paragraph(_year_scores(one)) for one in findings.years]
        return [first, *_means(findings), *each]
    (year,) = findings.years
    table = _summary_table(year.series)
    return [first, table, *(blocks.Paragraph(line) for line in inputs(findings, year))]


def _summary_table(series: Mapping[str, ScoredSeries]) -> blocks.Block:
    """Scores of every forecast there is, by month, or of the whole year without months."""
    rows = []
    for one in series.values():
        horizon: HorizonName = "months" if one.by_month else "year"
        label = f"{one.label} ({_unit(one)}{'' if one.by_month else ', whole year'})"
        rows.append(blocks.Row(label, [""] * (len(_ASKED) + 2), role="group"))
        for method, entry in one.scores[horizon].items():
            if entry is not None:
                cells = [one.number(entry.crps)]
                cells += [f"{entry.inside[key]}/{entry.count}" for key in _ASKED.values()]
                cells += ["" if entry.duel is None else entry.duel.verdict]
                rows.append(blocks.Row(_NAMES[method], cells))
    inside = [f"In {one}" for one in _ASKED]
    last, title = blocks.word_column("Model"), "By month, or by year without months"
    return blocks.Table(["Forecast", "CRPS", *inside, last], rows, title=title)


def _means(findings: BacktestFindings) -> Iterator[blocks.Block]:
    """The mean of each forecast over the years."""
    rows = []
    for name, scores in findings.mean.items():
        one = findings.years[0].series[name]
        rows.append(blocks.Row(f"{one.label} ({_unit(one)})", [""] * 5, role="group"))
        rows += [_mean_row(one, method, entry) for method, entry in scores.items()]
    yield blocks.Table(
        ["Forecast", "CRPS", "Bias", *(f"In {key}" for key in _ASKED), "Months"],
        rows,
        caption="Means of the scores by month:",
    )


def _mean_row(one: ScoredSeries, method: str, entry: MeanScore) -> blocks.Row:
    cells = [one.number(entry.crps), _signed(entry.bias, one)]
    cells += [f"{entry.inside[key]:.0%}" for key in _ASKED.values()]
    return blocks.Row(
        _NAMES[method], [*cells, str(entry.months)], role="strong" if method == MODEL else ""
    )


def fan_chart(name: str, one: ScoredSeries, year: int) -> blocks.FanChart:
    """The fan chart of one series in the year held out, beside one naive forecast."""
    has_past = any(value is not None for value in one.before.observed)
    before, seen = (one.before.months, one.before.observed) if has_past else ([], [])
    return blocks.FanChart(
        name=f"backtest-{year}-{name}.svg",
        alt=f"{one.label}, {year}",
        title=f"{one.label}: forecast of {year}, and what came",
        unit=one.unit,
        kind=one.kind,
        months=[*before, *one.months],
        first=len(before),
        seen=[*seen, *one.observed],
        bands=one.bands,
        naive=one.naive[_SHOWN].points,
        naive_name=SHORT[_SHOWN],
    )


def headline(findings: BacktestFindings) -> str:
    """The answer for arrivals by month, in a few sentences."""
    if len(findings.years) == 1:
        return year_headline(findings.years[0])
    one, scores = findings.years[0].series[_FIRST], findings.mean[_FIRST]
    mine = scores[MODEL]
    others = {key: entry for key, entry in scores.items() if key in SHORT}
    better = [SHORT[key] for key, entry in others.items() if mine.crps < entry.crps]
    worse = [SHORT[key] for key, entry in others.items() if mine.crps >= entry.crps]
    lists = zip(("better", "worse"), (better, worse), strict=True)
    compared = ", ".join(f"{word} than {listing(names)}" for word, names in lists if names)
    return (
        f"By month, the forecasts of arrivals in {_listed(findings)} have a mean CRPS of "
        f"{one.number(mine.crps)} people a month: {compared}. {mine.inside['0.9']:.0%} of "
        f"{mine.months} months lie in the 90% interval and {mine.inside['0.5']:.0%} in the 50% "
        f"interval. {_CAUTION[all(year.fitted_window for year in findings.years)]}"
    )


def year_headline(year: BacktestYear) -> str:
    """The answer for arrivals by month in one year, and what the forecast had not seen."""
    return f"{_year_scores(year)} {_CAUTION[year.fitted_window is not None]}"


def _year_scores(year: BacktestYear) -> str:
    """The answer for arrivals by month in one year, in one or two sentences."""
    one = year.series[_FIRST]
    mine = one.scores["months"][MODEL]
    assert mine is not None, "a year is held out only where arrivals were observed"
    groups: dict[str, list[str]] = {}
    for method, entry in one.scores["months"].items():
        if method in SHORT and entry is not None and entry.duel is not None:
            groups.setdefault(entry.duel.verdict, []).append(SHORT[method])
    parts = []
    for verdict, methods in groups.items():
        word, _, chance = verdict.partition(", ")
        parts.append(f"{word} than {listing(methods)}" + (f" ({chance})" if chance else ""))
    return (
        f"By month, the forecast of arrivals in {year.holdout} has a CRPS of "
        f"{one.number(mine.crps)} people a month: {', '.join(parts) or 'nothing beside it'}. "
        f"{mine.inside['0.9']} of {mine.count} months lie in its 90% interval and "
        f"{mine.inside['0.5']} in its 50% interval."
    )


def inputs(findings: BacktestFindings, of: BacktestYear) -> list[blocks.Text]:
    """The facts of the held-out year that the forecast used, and those that it did not."""
    year = of.holdout
    return [
        f"People who enter in {year}: by month, detections on the other routes to the EU; on the "
        "Western Balkan route, people upstream from registrations and counts of the year, spread "
        "over it like detections on the Eastern Mediterranean route. By year, the nationality mix: "
        "on the Western Balkan route the shares among its detections, never their number.",
        f"Dated levers of {year}: operations, visas, agreements, payments and staff, as in the "
        f'scenario "{findings.scenario}". Their dates are reported; how strong each was is an '
        "assumption made afterwards, unless its source is named there.",
        f"Not given as an input: any Channel figure of {year}, nor the number of detections on the "
        "Western Balkan route.",
        "Weather only as climatology: the chance of fair days by calendar month, never the weather "
        "that was.",
        _assumptions(findings, of),
        *_given(of),
        _left_out(of),
        *findings.note_texts(kind="months"),
    ]


def _given(year: BacktestYear) -> Iterator[blocks.Text]:
    """Which months of which tables each forecast was given."""
    parts: list[str | blocks.Code] = []
    for row in year.model_inputs:
        period = f" {row.first} to {row.last}" if row.first else ""
        parts += ["; " if parts else "", blocks.Code(row.table), f" ({row.what}){period}"]
    yield ("Tables the model was given, with the first and the last period read: ", *parts, ".")
    spans = []
    for one in year.series.values():
        spans_read = [(its.first, its.last) for its in one.naive.values() if its.first]
        if spans_read:
            first = min(begin for begin, _ in spans_read)
            last = max(end for _, end in spans_read)
            spans.append(f"{one.label} {first} to {last}")
    if spans:
        sources = "The other forecasts were given the observed series alone, or the end of it"
        yield f"{sources}: {'; '.join(spans)}."


def _left_out(year: BacktestYear) -> str:
    """How large the discrepancy is, and the months it was estimated from."""
    parts = []
    for name, one in year.discrepancy.items():
        size = f"{one.size_median:.2f} ({one.size_low:.2f} to {one.size_high:.2f})"
        text = f"{year.series[name].label} {size}"
        if not one.residuals:
            parts.append(f"{text}, assumed, as no earlier figure is known")
            continue
        yearly = one.by == "year"
        memory = "" if yearly else f", memory {one.memory:.2f}"
        unit = "years" if yearly else "months"
        parts.append(f"{text}{memory}, from {one.residuals} {unit}, {one.first} to {one.last}")
    if not parts:
        return "What the model leaves out is not in the forecast."
    return (
        "What the model leaves out is laid over its runs as a first-order autoregression on the "
        "scale of the fit (logarithms, or logits of shares). Its sd, with a 90% interval, was "
        f"found from differences in earlier years: {'; '.join(parts)}."
    )


def _whole_year(name: str, one: ScoredSeries, year: int) -> str:
    """The whole year: what was observed and what was forecast."""
    bands, seen = one.total_bands, one.total_observed
    if seen is None or bands[_MIDDLE] is None:
        return ""
    interval = f"{one.shown(bands[_LOW])} to {one.shown(bands[_HIGH])}"
    if name in quoting.RANGE_ONLY:
        return f"In {year}, {one.shown(seen)} observed; 90% interval of the forecast {interval}."
    return (
        f"In {year}, {one.shown(seen)} observed; forecast {one.shown(bands[_MIDDLE])} (90% "
        f"interval {interval})."
    )


def _losses(year: BacktestYear, only: HorizonName | None = None) -> Iterator[str]:
    """Every row in which a naive forecast has the lower CRPS, or those of one horizon."""
    for one in year.series.values():
        for horizon, scores in one.scores.items():
            if only not in (None, horizon):
                continue
            mine = scores[MODEL]
            for method, entry in scores.items():
                beside = method in SHORT
                if beside and mine and entry and entry.duel and not entry.duel.better:
                    yield (
                        f"{one.label}, {_SPAN[horizon]}: worse than {SHORT[method]} "
                        f"(CRPS {one.number(mine.crps)} against {one.number(entry.crps)})"
                    )


def _reading() -> list[blocks.Block]:
    return [
        blocks.Paragraph(
            blocks.marked(
                "*CRPS* is a mean absolute error for distributions, in the unit of the series: the "
                "lower the better, and a single point would score its absolute error. *Bias* is "
                "the mean of the forecast less what came. *In 50%*, *in 80%*, *in 90%* and *in "
                "95%* count how often what came lay in these central intervals: of twelve months, "
                "about 6, 10, 11 and 11 should. *Skill* is 1 less the ratio of the two CRPS, with "
                "a 90% interval from resampling the months in blocks of three: *within chance* "
                "means that it holds zero. Twelve months of one year are few, and say little of "
                "the next; a whole year is one value, and its rows are no more than an anecdote."
            )
        ),
        blocks.Paragraph(
            "Each forecast beside it is a distribution. The same months of the last years are an "
            "ensemble. Exponential smoothing (level, damped trend and season, of square roots) "
            "draws paths from its own errors."
        ),
    ]


def _assumptions(findings: BacktestFindings, of: BacktestYear) -> blocks.Text:
    sets, each = of.members, findings.replications_per_member
    if of.fitted_window is not None:
        first, last = of.fitted_window
        return blocks.marked(
            f"{sets} sets of assumptions drawn by weight from the ensemble that `crossings fit` "
            f"found on {first} to {last}, in {each} runs each. What was not fitted is drawn from "
            "its range; some of these ranges were set with later figures in sight."
        )
    if findings.assumptions == "records":
        return (
            f"One set of assumptions, the central values, in {each} runs. They are not fitted to "
            "the years before alone: the newest fit, which they are the centre of, has seen them. "
            "This shows how well the model describes these years, not that it foretells."
        )
    return (
        f"{sets} sets of assumptions, each drawn from between the low and the high of every record "
        f"on its own, in {each} runs each. They are not fitted to the past, and the ranges were "
        "written by people who knew the figures of 2021 to 2024."
    )


def _limits(findings: BacktestFindings, of: BacktestYear) -> Iterator[str]:
    both = "chance inside the model and the assumptions drawn"
    held = "chance inside the model" if findings.assumptions == "records" else both
    if of.discrepancy:
        yield (
            f"The forecast spreads over {held}, and what the model left out of earlier years. What "
            "it has never left out before is not in it."
        )
    else:
        yield (
            f"The forecast spreads over {held}. How figures are counted, and what nobody modelled, "
            "is not in it, so its intervals are too narrow rather than too wide."
        )
    yield (
        "What happens to people on the way, and their rights, do not appear in a score, and deaths "
        "only as one number a year. A forecast that is right about boats says nothing of what a "
        "policy does to those in them."
    )
    if of.replications < _FEW_RUNS:
        yield (
            f"It is made of {of.replications} runs only: the ends of its 90% intervals are "
            "badly known, and too narrow."
        )
    if findings.scale != 1:
        yield (
            f"Simulated at {findings.scale:g} of the people, counts scaled back: months are "
            "coarser and spread more than at full scale."
        )
    if findings.failed:
        count = len(findings.failed)
        yield f"{'1 run failed and is' if count == 1 else f'{count} runs failed and are'} left out."


def _listed(findings: Backtested) -> str:
    """The years, such as "2023, 2024 and 2025"."""
    return listing([str(year.holdout) for year in findings.years])


def _unit(one: ScoredSeries) -> str:
    return "percentage points" if one.kind == "share" else one.unit


def _signed(value: float, one: ScoredSeries) -> str:
    text = one.number(abs(value))
    return text if not text.strip("0.,") else f"{'-' if value < 0 else '+'}{text}"


PRESENTATION = Presentation(BacktestFindings, page, summary, forecasts=True)
