"""The page that says whether the newest months still agree with the model, and its words."""

from __future__ import annotations

import html
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from simulation.report.experiment import provenance, read_experiment
from simulation.report.fan_chart import Fan, fan_chart
from simulation.report.horizon import notes_box
from simulation.report.page import fill_page, save
from simulation.wording import differences as wording

#: what each verdict means for a reader
_MEANINGS = {
    "inside": "The new months agree with the model.",
    "drifting": "The new months lie to one side more than chance explains. Use new results with "
    "caution, look for what has changed, and plan a new fit.",
    "out": "The new months do not agree with the model. Do not use its forecasts of this figure "
    "before it has been fitted again or mended.",
}


def headline(summary: Mapping[str, Any]) -> str:
    """The answer in one or two sentences."""
    first, last = summary["months"][0], summary["months"][-1]
    named = [
        f"{_lower(one['label'])} ({_since(one)})"
        for one in summary["figures"].values()
        if one["verdict"] == summary["verdict"] and one["alarm"] is not None
    ]
    text = f"{first} to {last}: {summary['verdict']}. {_MEANINGS[summary['verdict']]}"
    return f"{text} Where: {'; '.join(named)}." if named else text


def verdict_rows(summary: Mapping[str, Any]) -> list[tuple[str, str, str, str, str]]:
    """Each figure with its months, how many lie inside, and its verdict."""
    rows = []
    for one in summary["figures"].values():
        seen = sum(value is not None for value in one["observed"])
        inside = [f"{_inside(one, low, high)}/{seen}" for low, high in (("0.25", "0.75"), _NINETY)]
        said = str(one["verdict"])
        if one["alarm"] is not None:
            said += f", {_since(one)}"
        rows.append((one["label"], str(seen), inside[0], inside[1], said))
    return rows


def basis(summary: Mapping[str, Any]) -> list[str]:
    """What the verdicts rest on, one sentence or two a line."""
    first, last = summary["fitted_window"]
    sets, each = summary["members"], summary["replications_per_member"]
    lines = [
        f"Forecast by {sets} sets of assumptions fitted to {first} to {last}, in {each} "
        f"run{'' if each == 1 else 's'} each, with what the model left out in those months. They "
        "have seen none of the months shown.",
        f"If the model holds, all figures together are called drifting in "
        f"{summary['drift_rate']:.0%} and out in {summary['out_rate']:.0%} of periods of "
        f"{summary['period']} months, however often one looks.",
    ]
    if len(summary["months"]) > summary["period"]:
        lines.append(
            f"Months after the first {summary['period']} are shown and not tested. Fit again."
        )
    if summary["own_series"]:
        lines.append(f"Figures of your own stand in: {', '.join(summary['own_series'])}.")
    return lines


def write_monitor_page(folder: Path, name: str) -> Path:
    """Write the page of a finished look.

    Args:
        folder: Its folder.
        name: File name of the page.

    Raises:
        InputError: The folder holds no finished one, or the page cannot be written.
    """
    data = read_experiment(folder)
    summary = data.summary
    sections = [("verdicts", "Verdicts", _verdicts(summary))]
    sections += [(key, one["label"], _figure(one)) for key, one in summary["figures"].items()]
    sections += [
        ("test", "How it is tested", _test(summary)),
        ("limits", "What this does not say", _limits(summary)),
        ("provenance", "How to make this again", provenance(data)),
    ]
    lost = html.escape(wording.lost(summary["failed"]))
    warnings = f'<p class="warning">{lost}</p>' if lost else ""
    page = fill_page(
        title="Does the model still hold?",
        kind="Monitor",
        description="",
        headline=html.escape(headline(summary)),
        basis=" ".join(html.escape(line) for line in basis(summary)),
        warnings=warnings + notes_box(summary),
        sections=sections,
    )
    return save(folder, page, name)


_NINETY = ("0.05", "0.95")


def _verdicts(summary: Mapping[str, Any]) -> str:
    heads = "".join(
        f'<th scope="col">{head}</th>'
        for head in ("Figure", "Months observed", "In 50%", "In 90%", "Verdict")
    )
    rows = "".join(
        "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>"
        for row in verdict_rows(summary)
    )
    return (
        f'<div class="scroll"><table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>'
        "</div>\n<p>In 50% and in 90%: how many of the months lay in these central intervals of "
        "the forecast; half and nine in ten should.</p>\n"
    )


def _figure(one: Mapping[str, Any]) -> str:
    """One figure: its chart, and a table of its months."""
    before = one["before"]
    fan = Fan(
        title=f"{one['label']}: forecast, and what came",
        unit=one["unit"],
        kind=one["kind"],
        months=[*before["months"], *one["months"]],
        first=len(before["months"]),
        seen=[*before["observed"], *one["observed"]],
        bands=one["bands"],
        naive=[None] * len(one["months"]),
        naive_name="",
    )
    columns = zip(
        one["months"], one["observed"], one["bands"]["0.5"], one["bands"]["0.05"],
        one["bands"]["0.95"], one["scores"], one["above"], one["below"], one["drift_bounds"],
        strict=True,
    )  # fmt: skip
    rows = "".join(
        f'<tr><th scope="row">{month}</th><td>{_shown(seen, one)}</td>'
        f"<td>{_shown(middle, one)}</td><td>{_shown(low, one)} to {_shown(high, one)}</td>"
        f"<td>{_two(score)}</td>"
        f"<td>{_two(up)}</td><td>{_two(down)}</td><td>{_two(bound)}</td></tr>"
        for month, seen, middle, low, high, score, up, down, bound in columns
    )
    heads = "".join(
        f'<th scope="col">{head}</th>'
        for head in (
            "Month", "Observed", "Median", "90% interval", "Score", "Sum above", "Sum below",
            "Bound",
        )
    )  # fmt: skip
    note = f"<p>{html.escape(one['note'])}</p>" if one["note"] else ""
    return (
        f"<p>{html.escape(_sentence(one))}</p>{note}<figure>{fan_chart(fan)}</figure>\n"
        f'<div class="scroll"><table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>'
        "</div>\n"
    )


def _sentence(one: Mapping[str, Any]) -> str:
    if one["verdict"] == "not observed":
        return "Nothing was observed in these months, so nothing is tested."
    if one["alarm"] is None:
        return "Inside: the months agree with the forecast."
    return f"{one['verdict'].capitalize()}, {_since(one)}: noticed in {one['alarm']['month']}."


def _test(summary: Mapping[str, Any]) -> str:
    lines = [
        "The score of a month is the normal score of the observed figure's quantile in its "
        "forecast: 0 at the median, below -1.64 or above 1.64 outside the 90% interval.",
        "Scores are added up to each side (CUSUM, Page 1954), less half a standard deviation a "
        "month. A sum above its bound is an alarm.",
        "Bounds are found from paths of a model that holds, with the correlation of months that "
        f"the forecast has. They spend the false alarms evenly over {summary['period']} months.",
        "Drifting: a sum has exceeded its bound. Out: it has exceeded the bound of rarer false "
        "alarms, or a single month lies where the model hardly ever puts one.",
        "An alarm stays until the model is fitted again.",
    ]
    return "<ul>" + "".join(f"<li>{html.escape(line)}</li>" for line in lines) + "</ul>\n"


def _limits(summary: Mapping[str, Any]) -> str:
    lines = [
        "A verdict is about the figures named here. A model may be right about arrivals for the "
        "wrong reasons.",
        "Inside is no proof that the model holds: wide intervals and few months hide much.",
        "The test does not say what has changed: the world, the way of counting, or an input.",
    ]
    for name, one in summary["discrepancy"].items():
        if not one["residuals"]:
            label = _lower(summary["figures"][name]["label"])
            lines.append(f"How far the model is off in {label} is assumed, not found.")
    return "<ul>" + "".join(f"<li>{html.escape(line)}</li>" for line in lines) + "</ul>\n"


def _since(one: Mapping[str, Any]) -> str:
    alarm = one["alarm"]
    return f"{alarm['side']} the forecast since {alarm['since']}"


def _inside(one: Mapping[str, Any], low: str, high: str) -> int:
    columns = zip(one["observed"], one["bands"][low], one["bands"][high], strict=True)
    return sum(
        least is not None and most is not None and seen is not None and least <= seen <= most
        for seen, least, most in columns
    )


def _lower(label: str) -> str:
    return label[0].lower() + label[1:]


def _two(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"


def _shown(value: float | None, one: Mapping[str, Any]) -> str:
    if value is None:
        return ""
    if one["kind"] == "share":
        return f"{100 * value:.1f}%"
    return f"{value:,.{one['decimals']}f}"
